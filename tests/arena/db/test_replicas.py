"""Files of several replicas: in any order, any number of times, merged with one outcome."""

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ballot_rows import ballots_of
from hypothesis import given, settings
from hypothesis import strategies as st
from replicas import rows, take, tell
from stored import CONTENDERS, fill, filled, votes_of

from arena.db.database import Database
from arena.db.replica import Replica
from arena.db.repositories.votes.vote_audit import JUDGE
from arena.db.store import Store
from arena.models import DamagedError
from arena.ranking.format import rating_records
from arena.ranking.ratings import bradley_terry


def shown(store: Store) -> list[dict]:
    """The board: what its table says, with intervals that take a visitor's votes as one."""
    votes = ((v.left, v.right, v.choice, v.visitor) for v in votes_of(store))
    ballots = ballots_of(votes, sorted(CONTENDERS))
    return list(rating_records(bradley_terry(ballots.counts(), ballots=ballots)))


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Callable[[], list[Path]]:
    """Three replicas' files: two that began alone, one that knew what the first had."""
    place = tmp_path_factory.mktemp("files")
    made = [place / f"{name}.db" for name in "abc"]
    with closing(Store.open(made[0])) as one, closing(Store.open(made[1])) as two:
        for first, store in enumerate((one, two)):
            fill(store, 6, visitors=3, first=first)
        two.erasure.erase_visitor("v2")
        with closing(Store.open(made[2])) as three:
            tell(one, three)
            fill(three, 4, visitors=4)
            three.erasure.expire_texts(three.database.clock() - 86_395, 0)
    with closing(Store.open(made[0])) as one:
        one.vote_audit.bar("v1", True)
        one.database.executemany(JUDGE, [(0, "said so", "9", 2)])
    return lambda: made


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32).map(random.Random))
def test_any_order_of_files_twice_gives_the_same_board(files, rng):
    with TemporaryDirectory() as place:
        outcomes = []
        for name in "xy":
            with closing(Store.open(Path(place, f"{name}.db"))) as store:
                take(store, *rng.sample(files() * 2, 6))
                outcomes.append((rows(store), shown(store), store.votes.counts()))
        assert outcomes[0] == outcomes[1]
        assert outcomes[0][2].votes == 16


def test_a_row_is_the_same_elsewhere_and_a_merge_is_no_change_but_what_others_write(pair):
    one, other = pair
    replica = Replica(other.database)
    fill(one, 5)
    before = replica.is_empty(), replica.change_mark()
    tell(one, other)
    assert rows(other) == rows(one)
    assert before == (True, replica.change_mark()) and not replica.is_empty()
    other.contenders.save("c", "C", {})
    assert replica.change_mark() != before[1]
    with closing(Store.open(other.database.path)) as command:
        before = replica.change_mark()
        assert replica.change_mark() == before
        command.erasure.erase_visitor("v1")
    assert replica.change_mark() != before and replica.deletions() == (1, 0)
    replica.note_deletions_pushed(1)
    assert replica.deletions() == (1, 1)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE visitors SET id = 'a' || char(30) || 'b' WHERE id = 'v1'",
        "UPDATE contenders SET config = '[]'",
        "UPDATE turns SET features = replace(hex(zeroblob(50000)), '0', '[')",
        "DELETE FROM visitors WHERE id = 'v1'",
        "UPDATE vote_reasons SET reason = 'a' || char(10)",
        "UPDATE vote_comments SET comment = hex(zeroblob(9999))",
        "UPDATE vote_reasons SET battle = 'none'",
    ],
    ids=("an id", "JSON", "deep JSON", "nobody", "reason", "long comment", "no vote"),
)
def test_a_file_with_what_may_not_be_stored_is_left_out_whole(tmp_path, pair, sql):
    one, _ = pair
    fill(one, 2)
    before = rows(one)
    with closing(Database.open(filled(tmp_path / "odd.db", 2))) as odd:
        odd.connection.execute("PRAGMA foreign_keys = OFF")
        odd.connection.execute("PRAGMA ignore_check_constraints = ON")
        odd.execute(sql)
    with pytest.raises(DamagedError):
        Replica(one.database).merge_snapshot(tmp_path / "odd.db")
    assert rows(one) == before
