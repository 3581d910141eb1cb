"""The counts of votes and battles that triggers keep: whoever writes, they equal a recount."""

import shutil
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena import schema
from arena.archive import Archive
from arena.bulk import Bulk, Finished
from arena.docket import Docket
from arena.records import Contender, Refused, RowError
from arena.store import Store
from tests.conftest import CONTENDERS, fill
from tests.stored import battle_of, opened, votes_of

VOTES = """
    SELECT b.source, b."left", b."right", v.choice, v.counted, count(*)
    FROM votes v JOIN battles b ON b.id = v.battle GROUP BY 1, 2, 3, 4, 5"""
BATTLES = "SELECT source, status, count(*) FROM battles GROUP BY 1, 2"


def merge(db, other):
    with closing(Archive.open(db.path)) as archive:
        archive.merge(other, lambda done, of: None)


def judge(db, values):
    with closing(Docket.open(db.path)) as docket:
        docket._judge(values)


def bring(db, battles):
    with closing(Bulk.open(db.path)) as bulk:
        bulk.bring(battles)


def check(db):
    """That the kept counts are those of the rows."""
    assert set(db._read("SELECT * FROM vote_counts WHERE votes <> 0")) == set(db._read(VOTES))
    assert set(db._read("SELECT * FROM battle_counts WHERE battles <> 0")) == set(db._read(BATTLES))


def imported(number):
    fighters = (Contender(id, name, {"name": name}) for id, name in list(CONTENDERS.items())[:2])
    reason = "not blind" if number % 2 else ""
    return Finished(
        f"i{number}", f"v{number}", *fighters, "tie", 1.0, "imported", "p", "r", reason=reason
    )


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Another file with own votes."""
    path = tmp_path_factory.mktemp("elsewhere") / "b.db"
    with closing(Store.open(path)) as other:
        fill(other, 9, first=2)
        other._write("UPDATE votes SET counted = 0 WHERE rowid = 4")
    return path


STEPS = {
    "fill": lambda db, n, elsewhere: fill(db, n, visitors=4, first=n),
    "leave": lambda db, n, elsewhere: db._write(
        "UPDATE battles SET status = 'void' WHERE rowid % 3 = ?", (n % 3,)
    ),
    "judge": lambda db, n, elsewhere: judge(db, [(n % 2, "", "r", n), (1, "", "r", n + 1)]),
    "import": lambda db, n, elsewhere: bring(db, map(imported, range(n))),
    "merge": lambda db, n, elsewhere: merge(db, elsewhere),
    "snapshot": lambda db, n, elsewhere: db.take(Path(shutil.copy(elsewhere, f"{db.path}.b"))),
    "forget": lambda db, n, elsewhere: db.forget(f"v{n % 4}"),
    "correct": lambda db, n, elsewhere: db._write(
        "UPDATE battles SET source = 'simulated', \"left\" = 'c-3', \"right\" = 'c-1'"
        " WHERE rowid = ?",
        (n,),
    ),
    "delete": lambda db, n, elsewhere: db._write("DELETE FROM votes WHERE rowid = ?", (n,)),
}  # fmt: skip


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(1, 9)), max_size=8))
def test_after_anything_they_equal_a_recount(elsewhere, steps):
    with TemporaryDirectory() as folder, closing(Store.open(Path(folder, "a.db"))) as db:
        for step, n in steps:
            # Who was forgotten does not come back; a contender may not be here yet.
            with suppress(Refused, RowError):
                STEPS[step](db, n, elsewhere)
            check(db)
        votes = Counter(row[2] for row in db.tally().outcomes for _ in range(row[3]))
        assert votes == Counter(vote.choice for vote in votes_of(db))


def test_a_vote_that_is_taken_back_with_its_transaction_is_not_counted(store):
    battle = battle_of(store, "ready")
    with pytest.raises(OSError, match="later"), store.writing():
        store.vote(battle.id, "ann", "left")
        raise OSError("later")
    check(store)
    assert (store.tally().votes, store.battles()["ready"]) == (0, 1)


def test_a_file_of_before_is_counted_once_it_is_opened(tmp_path):
    path = str(tmp_path / "old.db")
    with closing(Bulk._opened(path, path, True, 1.0, lambda new: None)) as old:
        schema.migrations.apply(old._db, stop_before="m070_counts")
        old.bring(map(imported, range(7)))
    with closing(opened(path)) as store:
        check(store)
        assert (store.tally().votes, store.tally("imported").counted) == (7, 4)
