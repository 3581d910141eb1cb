"""The counts of votes and battles that triggers keep: whoever writes, they equal a recount."""

import shutil
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored import CONTENDERS, fill, opened, votes_of

from arena.db.database import Database
from arena.db.import_rows import FinishedBattle
from arena.db.merge import merge_file
from arena.db.migrations import migrations
from arena.db.replica import Replica
from arena.db.repositories.erasure import pseudonym
from arena.db.repositories.votes.vote_audit import JUDGE
from arena.db.store import Store
from arena.models import Contender, Refused, RowError

VOTES = """
    SELECT b.source, b."left", b."right", v.choice, v.counted, count(*)
    FROM votes v JOIN battles b ON b.id = v.battle GROUP BY 1, 2, 3, 4, 5"""
BATTLES = "SELECT source, status, count(*) FROM battles GROUP BY 1, 2"
GIVEN = """
    FROM vote_reasons r JOIN votes v ON v.battle = r.battle JOIN battles b ON b.id = r.battle
    WHERE r.given AND v.counted GROUP BY 1, 2, 3"""
ABOUT = 'b.source, iif(r.side = \'left\', b."left", b."right")'
REASONS = f"SELECT {ABOUT}, r.kind, r.reason, count(*) {GIVEN}, 4"
GIVERS = f"SELECT {ABOUT}, b.visitor, count(*) {GIVEN}"


def check(store):
    """That the kept counts are those of the rows."""
    query = store.database.query
    assert {*query("SELECT * FROM vote_counts WHERE votes <> 0")} == {*query(VOTES)}
    assert {*query("SELECT * FROM battle_counts WHERE battles <> 0")} == {*query(BATTLES)}
    assert {*query("SELECT * FROM reason_counts")} == {*query(REASONS)}
    assert {*query("SELECT * FROM reason_givers")} == {*query(GIVERS)}


def explain(store, n):
    """Reasons about both sides of the n-th vote; said again, they change."""
    row = store.database.query_one(
        "SELECT b.id, b.visitor FROM battles b JOIN votes v ON v.battle = b.id WHERE v.rowid = ?",
        (n,),
    )
    for side, last in (("left", "abcde"[n % 5]), ("right", "f")) if row else ():
        reasons = ["more_helpful", last] if n % 2 else [last]
        store.vote_reasons.give(*row, side, reasons)


def imported(number):
    fighters = (Contender(id, name, {"name": name}) for id, name in list(CONTENDERS.items())[:2])
    reason = "not blind" if number % 2 else ""
    return FinishedBattle(
        f"i{number}", f"v{number}", *fighters, "tie", 1.0, "imported", "p", "r", reason=reason
    )


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Another file with own votes."""
    path = tmp_path_factory.mktemp("elsewhere") / "b.db"
    with closing(Store.open(path)) as other:
        fill(other, 9, visitors=9, first=2)
        for n in range(1, 10):
            explain(other, n)
        other.database.execute("UPDATE votes SET counted = 0 WHERE rowid = 4")
    return path


STEPS = {
    "fill": lambda store, n, elsewhere: fill(store, n, visitors=4, first=n),
    "explain": lambda store, n, elsewhere: explain(store, n),
    "leave": lambda store, n, elsewhere: store.database.execute(
        "UPDATE battles SET status = 'void' WHERE rowid % 3 = ?", (n % 3,)
    ),
    "judge": lambda store, n, elsewhere: store.database.executemany(
        JUDGE, [(n % 2, "", "r", n), (1, "", "r", n + 1)]
    ),
    "import": lambda store, n, elsewhere: store.imports.battles(map(imported, range(n))),
    "merge": lambda store, n, elsewhere: merge_file(
        store.database, elsewhere, lambda done, of: None
    ),
    "snapshot": lambda store, n, elsewhere: Replica(store.database).merge_snapshot(
        Path(shutil.copy(elsewhere, f"{store.database.path}.b"))
    ),
    "forget": lambda store, n, elsewhere: store.erasure.erase_visitor(f"v{n % 4}"),
    "forget elsewhere": lambda store, n, elsewhere: store.database.execute(
        "INSERT OR IGNORE INTO forgotten VALUES (?, 1.0)", (pseudonym(f"v{n % 4}"),)
    ),
    "correct": lambda store, n, elsewhere: store.database.execute(
        "UPDATE battles SET source = 'simulated', \"left\" = 'c-3', \"right\" = 'c-1'"
        " WHERE rowid = ?",
        (n,),
    ),
    "delete": lambda store, n, elsewhere: store.database.execute(
        "DELETE FROM votes WHERE rowid = ?", (n,)
    ),
}


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(1, 9)), max_size=8))
def test_after_anything_they_equal_a_recount(elsewhere, steps):
    with TemporaryDirectory() as folder, closing(Store.open(Path(folder, "a.db"))) as db:
        for step, n in steps:
            # Who was forgotten does not come back; a contender may not be here yet.
            with suppress(Refused, RowError):
                STEPS[step](db, n, elsewhere)
            check(db)
        votes = Counter(row[2] for row in db.votes.counts().outcomes for _ in range(row[3]))
        assert votes == Counter(vote.choice for vote in votes_of(db, "own"))


def test_a_file_of_before_is_counted_once_it_is_opened(tmp_path):
    path = tmp_path / "old.db"
    with closing(Database.open_plain(path, "old.db")) as old:
        migrations.apply(old.tables, stop_before="m070_counts")
        Store(old).imports.battles(map(imported, range(7)))
    with closing(opened(path)) as store:
        check(store)
        counts = store.votes.counts("imported")
        assert (counts.votes, counts.counted) == (7, 4)
