"""Votes read on: what was read is kept, and what changed since is found."""

from contextlib import closing

import numpy as np
import pytest

from arena.pile import BallotCache
from arena.store import Store
from tests.conftest import fill

COLUMNS = ("turns", "language", "created", "length", "style")


@pytest.fixture
def store(tmp_path):
    with_votes = Store.open(tmp_path / "arena.db")
    fill(with_votes, 12)
    yield with_votes
    with_votes.close()


def same(one, other) -> bool:
    arrays = ("left", "right", "choice", "visitor")
    return one.names == other.names and all(
        np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for a, b in [
            *((getattr(one, name), getattr(other, name)) for name in arrays),
            *((one.columns[name], other.columns[name]) for name in one.columns),
        ]
    )


def test_reading_on_is_the_same_as_reading_anew(store):
    pile = BallotCache("own", COLUMNS)
    with closing(Store.open_readonly(store.database.path)) as box:
        assert len(box.ballots.update(pile)) == 12
        fill(store, 7, visitors=5, first=12)
        kept = pile.last
        more = box.ballots.update(pile)
        assert (kept, pile.last, len(more)) == (12, 19, 19)
        assert same(more, box.ballots.read("own", COLUMNS))


def test_nothing_new_reads_nothing(store):
    pile = BallotCache("own")
    with closing(Store.open_readonly(store.database.path)) as box:
        first = box.ballots.update(pile)
        read = []
        pile.add = read.append
        assert same(box.ballots.update(pile), first) and read == []


@pytest.mark.parametrize("change", ["counted = 0", "counted = rowid % 2", "counted = 1"])
def test_a_change_of_what_counts_is_found(store, change):
    pile = BallotCache("own")
    with closing(Store.open_readonly(store.database.path)) as box:
        store.database.execute("UPDATE votes SET counted = 0 WHERE rowid = 2")
        box.ballots.update(pile)
        store.database.execute(f"UPDATE votes SET {change} WHERE rowid IN (2, 3)")
        assert same(box.ballots.update(pile), box.ballots.read("own"))


def test_other_sources_are_left_out(store):
    with closing(Store.open_readonly(store.database.path)) as box:
        assert len(box.ballots.update(BallotCache("imported", COLUMNS))) == 0


def test_a_pile_knows_its_columns():
    assert BallotCache("own", ("turns", "created")).has(("turns",))
    assert not BallotCache("own", ("turns",)).has(("turns", "style"))
