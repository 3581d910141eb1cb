"""Votes as columns, from a real database and into one."""

import time

import numpy as np
import pytest

from arena.ballot import CHOICES
from arena.ballot_box import STEP
from arena.imports import BATTLE, VOTE
from arena.records import Battle, Contender, ExcludedCounts
from arena.slices import BY, slices
from arena.store import Store
from arena.style import contrasts

NAMES = ("a", "b", "c")
VOTES = [
    # left, right, choice, visitor, turns, language, created, length, chance, marks, counted
    ("b", "a", "left", "v1", 1, "en", 100.0, 40, 0.5, (200, 0, 3, 1, 100, 0, 1, 0), 1),
    ("a", "c", "tie", "v2", 3, "de", 101.0, 60, 0.25, (10, 1, 0, 0, 10, 0, 0, 0), 1),
    ("c", "b", "both_bad", "v1", 5, None, 102.0, None, None, (None,) * 8, 1),
    ("a", "b", "right", "v3", 1, "und", 103.0, 300, 0.5, (0,) * 8, 0),
]


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


def filled(path, votes=VOTES, source="own"):
    box = Store.open(path)
    contenders = [Contender(name, name.upper(), {"name": name}) for name in NAMES]
    people = sorted({vote[3] for vote in votes})
    box.imports.simulated(contenders, [(f"{who}", 0.0) for who in people], [rows(votes, source)])
    return box


@pytest.fixture
def box(tmp_path):
    box = filled(tmp_path / "arena.db")
    yield box
    box.close()


def test_counted_votes_come_as_codes(box):
    ballots = box.ballots.read("own")
    assert ballots.names == NAMES and ballots.columns == {}
    seen = [
        (NAMES[left], NAMES[right], CHOICES[choice], who)
        for left, right, choice, who in zip(
            ballots.left, ballots.right, ballots.choice, ballots.visitor, strict=True
        )
    ]
    assert seen == [("b", "a", "left", 0), ("a", "c", "tie", 1), ("c", "b", "both_bad", 0)]
    assert ballots.visitors == 2


def test_every_column(box):
    columns = ("style", "language", "created", "turns", "length", "chance")
    ballots = box.ballots.read("own", columns)
    assert set(ballots.columns) == set(columns)
    assert ballots.languages == ("de", "en")
    assert ballots.column("language").tolist() == [1, 0, -1]
    assert ballots.column("turns").tolist() == [1, 3, 5]
    assert ballots.column("created").tolist() == [109, 110, 111]
    assert ballots.column("length").tolist()[:2] == [40, 60]
    assert np.isnan([ballots.column("length")[2], ballots.column("chance")[2]]).all()
    expected = contrasts(np.array([200, 0, 3, 1]), np.array([100, 0, 1, 0]))
    assert ballots.column("style")[0] == pytest.approx(expected)
    assert np.isnan(ballots.column("style")[2]).all()


@pytest.mark.parametrize("by", BY)
def test_each_slice_has_its_column(box, by):
    ballots = box.ballots.read("own", ["created" if by == "month" else by])
    assert sum(map(len, slices(ballots, by).values())) == 3


def test_pages_join_without_a_seam(tmp_path):
    votes = [("a", "b", CHOICES[n % 4], f"v{n % 7:02}", 1, "en", float(n), n, 0.5, (1,) * 8, 1)
             for n in range(4500)]  # fmt: skip
    box = filled(tmp_path / "arena.db", votes)
    ballots = box.ballots.read("own", ["length"])
    assert ballots.column("length").tolist() == list(range(4500))
    assert ballots.choice.tolist() == [n % 4 for n in range(4500)]
    assert ballots.visitor.tolist() == [n % 7 for n in range(4500)]
    box.close()


def test_sources_are_apart(box):
    votes = [(*vote[:3], f"s{n}", *vote[4:]) for n, vote in enumerate(VOTES)]
    box.imports.simulated([], [(vote[3], 0.0) for vote in votes], [rows(votes, "simulated")])
    assert box.ballots.sources() == {"own", "simulated"}
    assert len(box.ballots.read("own")) == len(box.ballots.read("simulated")) == 3
    assert len(box.ballots.read("imported", ["turns", "style"])) == 0
    assert box.ballots.excluded("own") == ExcludedCounts(1, 0) == box.ballots.excluded("simulated")


def test_an_empty_database_is_empty_ballots(tmp_path):
    box = Store.open(tmp_path / "arena.db")
    ballots = box.ballots.read("own", ["turns", "language", "style", "chance"])
    assert len(ballots) == 0 and ballots.names == () and ballots.languages == ()
    assert ballots.column("style").shape == (0, 4)
    assert box.ballots.sources() == set() and box.ballots.excluded("own") == ExcludedCounts(0, 0)
    box.close()


def test_filling_is_all_or_nothing(box):
    def pages():
        yield rows([(*vote[:3], "w", *vote[4:]) for vote in VOTES], "imported")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        box.imports.simulated([], [("w", 0.0)], pages())
    assert box.ballots.sources() == {"own"} and not box.visits.has_visitor("w")


def test_the_columns_are_those_of_the_tables(box):
    for table, columns in (("battles", BATTLE), ("votes", VOTE)):
        assert set(columns) <= {column.name for column in box.database.tables[table].columns}


def test_battles_without_a_vote_are_told_of_a_day_later_and_many_at_once(tmp_path):
    filled(tmp_path / "arena.db").close()
    box, store = Store.open(tmp_path / "arena.db"), Store.open(tmp_path / "arena.db")
    dropped = [("a", "b", "dropped", 1)]
    for _ in range(STEP):
        assert box.ballots.without_vote("own") == dropped
        battle = Battle("v1", "a", "b", 0.5, "focus", created=time.time() - 90_000)
        store.battles.open(battle)
    found = box.ballots.without_vote("own")
    assert sorted(found) == [*dropped, ("a", "b", "void", STEP)]
    store.battles.void(battle.id, "v1", "skipped")
    for _ in range(STEP):
        store.battles.open(Battle("v1", "b", "a", 0.5, "focus"))
    assert box.ballots.without_vote("own") == found
    store.close()
    box.close()


ODD = (
    "a\x1eb",
    "a\x1fb",
    "\x1e",
    'a"b',
    "a\\",
    "[]",
    "null",
    "a,b",
    "a\0b",
    "é\u2028\x01",
    "\U0001f600",
)


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_no_text_in_the_database_breaks_the_columns(tmp_path, odd):
    votes = [
        (*VOTES[0][:3], odd, 1, odd, *VOTES[0][6:]),
        (*VOTES[1][:3], "v1", 3, "de", *VOTES[1][6:]),
        (*VOTES[2][:3], odd, 5, None, *VOTES[2][6:]),
    ]
    box = filled(tmp_path / "arena.db", votes)
    ballots = box.ballots.read("own", ("turns", "language", "created"))
    box.close()
    assert ballots.visitor.tolist() == [0, 1, 0]
    assert ballots.languages == tuple(sorted({odd, "de"}))
    assert ballots.columns["turns"].tolist() == [1, 3, 5]
    assert [CHOICES[one] for one in ballots.choice] == ["left", "tie", "both_bad"]
