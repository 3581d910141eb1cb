"""The board from a real database, and what the tab makes of it."""

from types import SimpleNamespace

import numpy as np
import pytest
from conftest import unhurried

from arena import board
from arena.labels import labelled
from arena.records import Battle, Contender
from arena.store import Store
from arena.tabs import figures, leaderboard

IDS = {"Blended": "c-1", "oak": "c-2", "elm": "c-3"}
COLOURS = {"Blended": "#0072b2", "oak": "#d55e00", "elm": "#009e73"}


@pytest.fixture
def store(tmp_path):
    with_contenders = Store.open(tmp_path / "arena.db")
    with_contenders.clock = unhurried()
    for name, id in IDS.items():
        with_contenders.contender(id, name, {"name": name})
    yield with_contenders
    with_contenders.close()


def vote(store, left, right, choice, visitor="v1"):
    store.visitor(visitor)
    battle = Battle(visitor, IDS[left], IDS[right], 0.25, "focus")
    store.open_battle(battle)
    store.start_turn(battle.id, visitor, f"hello {battle.id}", 8)
    if choice == "void":
        return store.void(battle.id, visitor, "skipped")
    store.ready(battle.id)
    return store.vote(battle.id, visitor, choice)


def fill(store):
    for n in range(24):
        vote(store, "Blended", "oak", "left" if n % 6 else "right", f"v{n % 8}")
        vote(store, "elm", "Blended", "tie" if n % 2 else "both_bad", f"v{n % 8}")
    vote(store, "oak", "Blended", "void")


def read(store, current=IDS):
    return board.read(store, "Blended", current, now=0.0)


def test_a_full_board(store):
    fill(store)
    shown = read(store)
    assert (shown.counted, shown.votes, shown.void, shown.visitors) == (48, 48, 1, 8)
    assert shown.sentence.startswith("Blended is ahead of oak; against elm it is too close to call")
    first = board.records(shown)[0]
    assert (first["contender"], first["rank"], first["battles"]) == ("Blended", 1, 48)
    assert (first["win_rate"], first["tie_rate"], first["both_bad_rate"]) == (0.4167, 0.25, 0.25)
    assert "48 of 48 votes counted, from 8 visitors · 1 battle skipped or void" in (
        leaderboard.totals(shown)
    )
    assert len(leaderboard.table(shown)) == 3
    assert {len(row) for row in leaderboard.table(shown)} == {len(leaderboard.COLUMNS)}


def test_the_pictures_show_every_contender(store):
    fill(store)
    shown = read(store)
    forest = figures.forest(shown, COLOURS)
    assert [trace.y[0] for trace in forest.data] == [row.name for row in shown.ratings.rows]
    assert forest.data[0].marker.color == COLOURS["Blended"]
    (heat,) = figures.win_rates(shown).data
    assert heat.text[0][list(heat.x).index("oak")] == "83%<br>24"
    assert {trace.name for trace in figures.over_time(shown, COLOURS).data} == set(IDS)


def test_an_empty_board_says_how_to_fill_it(store):
    for current in (IDS, {}):
        shown = read(store, current)
        assert shown.empty and "Arena tab" in shown.sentence
        sentence, totals, full, *_ = leaderboard.view(shown, COLOURS)
        assert sentence.endswith("first vote.") and totals.startswith("0 of 0 votes")
        assert full.visible is False


def test_only_both_bad_is_a_board_without_a_winner(store):
    vote(store, "oak", "elm", "both_bad")
    shown = read(store)
    assert not shown.empty
    assert {row.rating for row in shown.ratings.rows} == {1000}
    assert "No battle has been decided" in leaderboard.notes(shown)
    assert len(leaderboard.view(shown, COLOURS)) == 8


def test_a_contender_that_changed_keeps_its_earlier_votes_apart(store):
    vote(store, "Blended", "oak", "left")
    store.contender("c-9", "Blended", {"name": "Blended", "new": True})
    names = [row.name for row in read(store, {**IDS, "Blended": "c-9"}).ratings.rows]
    assert sorted(names) == ["Blended", "Blended (earlier, 1)", "elm", "oak"]


def test_contenders_that_neither_fought_nor_are_up_are_not_shown():
    a, b = Contender("c-1", "x", {}), Contender("c-2", "y", {})
    assert labelled([a, b], {"c-1"}, set()) == {"c-1": "x"}


def test_a_long_time_line_is_thinned(store):
    votes = [("a", "b", "left", "v")] * 1001
    ballots = board.Ballots.of(votes)
    line = board.path(ballots, np.arange(1001.0))
    assert len(line.votes) <= board.STEPS + 1 and line.votes[-1] == 1001
    assert line.times[-1] == 1000 and line.ratings["a"][-1] > line.ratings["a"][0] > 1000


class Counting(Store):
    """A store that counts how often its votes are read through."""

    def votes(self, source=None):
        self.reads = getattr(self, "reads", 0) + 1
        return super().votes(source)


def test_a_board_is_computed_once_for_each_state_of_the_votes(tmp_path):
    store = Counting.open(tmp_path / "arena.db")
    store.clock = unhurried()
    for name, id in IDS.items():
        store.contender(id, name, {})
    roster = SimpleNamespace(focus="Blended", colours=COLOURS)
    site = SimpleNamespace(store=store, roster=roster, ready=True, contender_id=IDS.__getitem__)
    tab = leaderboard.Leaderboard(site)
    assert tab.board() is tab.board() and store.reads == 1
    vote(store, "Blended", "oak", "left")
    assert tab.board().counted == 1 and store.reads == 2
    store.close()
