"""Votes as columns, from a real database: read anew, or read on where what was read is kept."""

import re
import time

import numpy as np
import pytest
from stored import fill

from arena.db.repositories.ballots import STEP, BallotCache
from arena.db.repositories.votes.votes import NOT_COUNTED
from arena.models import Battle, Contender, ExcludedCounts
from arena.ranking.ballots import CHOICES
from arena.ranking.slices import BY, slices
from arena.ranking.style import contrasts

NAMES = ("a", "b", "c")
VOTES = [
    # left, right, choice, visitor, turns, language, created, length, chance, marks, counted
    ("b", "a", "left", "v1", 1, "en", 100.0, 40, 0.5, (200, 0, 3, 1, 100, 0, 1, 0), 1),
    ("a", "c", "tie", "v2", 3, "de", 101.0, 60, 0.25, (10, 1, 0, 0, 10, 0, 0, 0), 1),
    ("c", "b", "both_bad", "v1", 5, None, 102.0, None, None, (None,) * 8, 1),
    ("a", "b", "right", "v3", 1, "und", 103.0, 300, 0.5, (0,) * 8, 0),
]
COLUMNS = ("turns", "language", "created", "length", "style")


def rows(votes, source="own"):
    battles, cast = [], []
    for n, (left, right, choice, who, turns, language, at, length, chance, marks, yes) in enumerate(
        votes
    ):
        id = f"{source}-{n}"
        battle = (id, who, left, right, chance, "focus", turns, f"hash{n}", language, source, at)
        battles.append((*battle, "voted"))
        reason = "" if yes else "too_fast"
        cast.append((id, choice, at + 9, yes, reason, "2", 5.0, 20.0, 90, length, *marks))
    return battles, cast


def add(store, votes, source="own"):
    contenders = [Contender(name, name.upper(), {"name": name}) for name in NAMES]
    people = [(who, 0.0) for who in sorted({vote[3] for vote in votes})]
    store.imports.simulated(contenders, people, [rows(votes, source)])
    return store


@pytest.fixture
def store(empty):
    return add(empty, VOTES)


def test_counted_votes_come_as_codes_with_every_column(store):
    ballots = store.ballots.read("own", (*COLUMNS, "chance"))
    assert (ballots.names, ballots.visitors, ballots.languages) == (NAMES, 2, ("de", "en"))
    columns = (ballots.left, ballots.right, ballots.choice, ballots.visitor)
    seen = [(NAMES[a], NAMES[b], CHOICES[c], v) for a, b, c, v in zip(*columns, strict=True)]
    assert seen == [("b", "a", "left", 0), ("a", "c", "tie", 1), ("c", "b", "both_bad", 0)]
    assert ballots.column("language").tolist() == [1, 0, -1]
    assert ballots.column("turns").tolist() == [1, 3, 5]
    assert ballots.column("created").tolist() == [109, 110, 111]
    assert ballots.column("length").tolist()[:2] == [40, 60]
    assert np.isnan([ballots.column("length")[2], ballots.column("chance")[2]]).all()
    expected = contrasts(np.array([200, 0, 3, 1]), np.array([100, 0, 1, 0]))
    assert ballots.column("style")[0] == pytest.approx(expected)
    assert np.isnan(ballots.column("style")[2]).all()


@pytest.mark.parametrize("by", BY)
def test_each_slice_has_its_column(store, by):
    ballots = store.ballots.read("own", ["created" if by == "month" else by])
    assert sum(map(len, slices(ballots, by).values())) == 3


def test_pages_join_without_a_seam(empty):
    votes = [("a", "b", CHOICES[n % 4], f"v{n % 7:02}", 1, "en", float(n), n, 0.5, (1,) * 8, 1)
             for n in range(4500)]  # fmt: skip
    ballots = add(empty, votes).ballots.read("own", ["length"])
    assert ballots.column("length").tolist() == list(range(4500))
    assert ballots.choice.tolist() == [n % 4 for n in range(4500)]
    assert ballots.visitor.tolist() == [n % 7 for n in range(4500)]


def test_sources_are_apart(store):
    add(store, [(*vote[:3], f"s{n}", *vote[4:]) for n, vote in enumerate(VOTES)], "simulated")
    assert store.ballots.sources() == {"own", "simulated"}
    assert len(store.ballots.read("own")) == len(store.ballots.read("simulated")) == 3
    assert len(store.ballots.read("imported", COLUMNS)) == 0
    assert store.ballots.excluded("own") == ExcludedCounts(1, 0) == store.ballots.excluded("own")


def test_an_empty_database_is_empty_ballots(empty):
    ballots = empty.ballots.read("own", COLUMNS)
    assert len(ballots) == 0 and ballots.names == () and ballots.languages == ()
    assert ballots.column("style").shape == (0, 4)
    assert empty.ballots.sources() == set()
    assert empty.ballots.excluded("own") == ExcludedCounts(0, 0)


def test_made_up_votes_come_whole_or_not_at_all(store):
    def pages():
        yield rows([(*vote[:3], "w", *vote[4:]) for vote in VOTES], "imported")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.imports.simulated([], [("w", 0.0)], pages())
    assert store.ballots.sources() == {"own"} and not store.visits.has_visitor("w")


def test_battles_without_a_vote_are_told_of_a_day_later_and_many_at_once(store):
    dropped = [("a", "b", "dropped", 1)]
    for _ in range(STEP):
        assert store.ballots.without_vote("own") == dropped
        battle = Battle("v1", "a", "b", 0.5, "focus", created=time.time() - 90_000)
        store.battles.open(battle)
    found = store.ballots.without_vote("own")
    assert sorted(found) == [*dropped, ("a", "b", "void", STEP)]
    store.battles.void(battle.id, "v1", "skipped")
    for _ in range(STEP):
        store.battles.open(Battle("v1", "b", "a", 0.5, "focus"))
    assert store.ballots.without_vote("own") == found


ODD = ("a\x1eb", "a\x1fb", 'a"b', "a\\", "[]", "null", "a,b", "a\0b", "é\u2028\x01", "\U0001f600")


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_no_text_in_the_database_breaks_the_columns(empty, odd):
    votes = [
        (*VOTES[0][:3], odd, 1, odd, *VOTES[0][6:]),
        (*VOTES[1][:3], "v1", 3, "de", *VOTES[1][6:]),
        (*VOTES[2][:3], odd, 5, None, *VOTES[2][6:]),
    ]
    ballots = add(empty, votes).ballots.read("own", ("turns", "language", "created"))
    assert ballots.visitor.tolist() == [0, 1, 0]
    assert ballots.languages == tuple(sorted({odd, "de"}))
    assert ballots.columns["turns"].tolist() == [1, 3, 5]
    assert [CHOICES[one] for one in ballots.choice] == ["left", "tie", "both_bad"]


# --- what was read is kept


def assert_same(one, other):
    assert one.names == other.names and one.columns.keys() == other.columns.keys()
    for name in ("left", "right", "choice", "visitor"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in one.columns:
        np.testing.assert_array_equal(one.columns[name], other.columns[name])


def test_reading_on_is_the_same_as_reading_anew(empty):
    fill(empty, 12)
    cache = BallotCache("own", COLUMNS)
    assert len(empty.ballots.update(cache)) == cache.last == 12
    fill(empty, 7, visitors=5, first=12)
    assert_same(empty.ballots.update(cache), empty.ballots.read("own", COLUMNS))
    read, cache.add = [], lambda *page: read.append(page)
    assert len(empty.ballots.update(cache)) == cache.last == 19 and read == []


@pytest.mark.parametrize("change", ["counted = 0", "counted = rowid % 2", "counted = 1"])
def test_a_change_of_what_counts_is_found(empty, change):
    fill(empty, 12)
    cache = BallotCache("own")
    empty.database.execute("UPDATE votes SET counted = 0 WHERE rowid = 2")
    empty.ballots.update(cache)
    empty.database.execute(f"UPDATE votes SET {change} WHERE rowid IN (2, 3)")
    assert_same(empty.ballots.update(cache), empty.ballots.read("own"))


def test_a_cache_knows_its_columns():
    assert BallotCache("own", ("turns", "created")).has(("turns",))
    assert not BallotCache("own", ("turns",)).has(("turns", "style"))


LOOKS = {
    "whether a vote changed": lambda store: store.votes.version(),
    "what a board left out": lambda store: store.ballots.update(BallotCache("own")),
}
INDEX = "USING (COVERING )?INDEX votes_not_counted"


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_of_the_votes_that_do_not_count_only_blind_ones_are_read(store, look):
    asked = []
    store.database.connection.set_trace_callback(asked.append)
    look(store)
    store.database.connection.set_trace_callback(None)
    plans = [
        [row[-1] for row in store.database.query(f"EXPLAIN QUERY PLAN {sql}")]
        for sql in asked
        if "counted = 0 AND reason" in sql
    ]
    assert plans and all(re.search(INDEX, " ".join(plan)) for plan in plans), plans
    where = "SELECT sql FROM sqlite_master WHERE name = 'votes_not_counted'"
    assert store.database.query_one(where)[0].endswith(f"WHERE {NOT_COUNTED}")
