"""A board's values: sources apart, slices, the time line, rows for programs."""

from dataclasses import replace

import numpy as np
import pytest

from arena import board
from arena.ballot import Ballots
from arena.ballot_box import Rest
from arena.board import Asked, Given
from arena.demo import demo
from arena.records import Contender
from blend.roster import read

ROSTER, ALL = read("scripted"), Asked()


def made(asked=ALL, votes=None):
    ballots, contenders = demo(ROSTER)
    ballots = ballots if votes is None else ballots.where(np.arange(len(ballots)) < votes)
    given = Given("simulated", ("simulated",), contenders, (), Rest(7, 3), stored=False)
    return board.board(ballots, asked, given, {}, "Blended")


def test_the_demonstration_is_the_same_every_time_and_knows_every_contender():
    first, second = made(), made()
    assert first.sentence == second.sentence and first.sentence.startswith("Blended")
    assert {row.name for row in first.standing.ratings.rows} == set(ROSTER.colours)
    assert (first.counted, first.votes, first.simulated) == (2000, 2007, True)


def test_rows_for_programs():
    (first, *_) = board.rows(made())
    assert first["rank"] == 1 and first["source"] == "simulated" and first["slice"] == ""
    assert first["drawn"] == first["battles"] and first["id"].startswith("c-")


def test_rows_of_slices_and_of_one_slice():
    every = board.rows(made(Asked(by="turns")))
    assert {row["slice"] for row in every} == {"1 turn", "2 or 3 turns", "4 turns or more"}
    one = made(Asked(by="turns", part="1 turn"))
    assert {row["slice"] for row in board.rows(one)} == {"1 turn"}
    assert one.rated < one.counted and one.sentence.startswith("1 turn: ")


def test_a_slice_without_votes_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"no votes of 'nine turns': choose '1 turn', "):
        made(Asked(by="turns", part="nine turns"))
    with pytest.raises(ValueError, match=r"no votes of '1 turn': leave `part` out"):
        made(Asked(part="1 turn"))


def test_at_equal_style_it_says_so():
    shown = made(Asked(style=True))
    assert shown.sentence.startswith("At equal style: ") and len(shown.standing.effects) == 4


def test_at_equal_style_of_votes_without_one_it_says_why_there_is_nothing():
    ballots, contenders = demo(ROSTER)
    unknown = np.full((len(ballots), 4), np.nan)
    ballots = replace(ballots, columns={**ballots.columns, "style": unknown})
    given = Given("imported", ("imported",), contenders, (), Rest(0, 0))
    shown = board.board(ballots, Asked(style=True), given, {}, "")
    assert shown.empty and "known for the 2,000 votes" in shown.sentence
    assert shown.counted == 2000 and shown.standing.effects == ()


def test_no_votes_at_all_is_an_empty_board():
    shown = made(votes=0)
    assert shown.empty and shown.sentence == board.EMPTY and shown.path.votes == ()
    assert {row["battles"] for row in board.rows(shown)} == {0}


def test_contenders_that_are_up_are_shown_without_battles():
    given = Given("own", (), [Contender("c-1", "x", {}), Contender("c-2", "y", {})], (), Rest(0, 0))
    votes = Ballots.of([])
    votes = replace(votes, columns={name: np.zeros(0) for name in board.COLUMNS})
    shown = board.board(votes, Asked(), given, {"x": "c-1"}, "x")
    assert [row.name for row in shown.standing.ratings.rows] == ["x"]
    assert [profile.up for profile in shown.profiles] == [True]


def test_a_long_time_line_is_thinned_and_goes_by_time():
    ballots = Ballots.of([("a", "b", "left", "v")] * 1000 + [("a", "b", "right", "v")])
    times = np.arange(1001.0)
    line = board.path(ballots, times)
    assert len(line.votes) <= board.STEPS + 1 and line.votes[-1] == 1001
    assert line.times[-1] == 1000 and line.ratings["a"][0] > 1000
    backwards = board.path(ballots, -times)
    assert backwards.ratings["a"][-1] > line.ratings["a"][-1] and backwards.times[-1] == 0
