"""A board's values: sources apart, slices, rows for programs."""

from dataclasses import replace

import numpy as np
import pytest
from ballot_rows import ballots_of

from arena.models import Contender, ExcludedCounts
from arena.ranking.board import leaderboard
from arena.ranking.board.leaderboard import LeaderboardQuery, LeaderboardSource
from arena.simulation.synthetic_strengths import demo_votes
from arena.texts import ENGLISH
from blend.roster import read

ROSTER, ALL = read("scripted"), LeaderboardQuery()


def made(asked=ALL, votes=None):
    ballots, contenders = demo_votes(ROSTER)
    ballots = ballots if votes is None else ballots.where(np.arange(len(ballots)) < votes)
    given = LeaderboardSource(
        "simulated", ("simulated",), contenders, (), ExcludedCounts(7, 3), stored=False
    )
    return leaderboard.make_leaderboard(ballots, asked, given, {}, "Blended")


def test_the_demonstration_is_the_same_every_time_and_knows_every_contender():
    first, second = made(), made()
    assert first.sentence() == second.sentence() and first.sentence().startswith("Blended")
    assert {row.name for row in first.standing.ratings.rows} == set(ROSTER.colours)
    assert (first.counted, first.votes, first.simulated) == (2000, 2007, True)


def test_rows_are_those_of_all_slices_or_of_one():
    every = leaderboard.leaderboard_rows(made(LeaderboardQuery(by="turns")))
    assert {row["slice"] for row in every} == {"1 turn", "2 or 3 turns", "4 turns or more"}
    one = made(LeaderboardQuery(by="turns", part="1 turn"))
    assert {row["slice"] for row in leaderboard.leaderboard_rows(one)} == {"1 turn"}
    assert one.rated_votes < one.counted and one.sentence().startswith("1 turn: ")


def test_a_slice_without_votes_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"no votes of 'nine turns': choose '1 turn', "):
        made(LeaderboardQuery(by="turns", part="nine turns"))
    with pytest.raises(ValueError, match=r"no votes of '1 turn': leave `part` out"):
        made(LeaderboardQuery(part="1 turn"))


def test_at_equal_style_of_votes_without_one_it_says_why_there_is_nothing():
    ballots, contenders = demo_votes(ROSTER)
    unknown = np.full((len(ballots), 4), np.nan)
    ballots = replace(ballots, columns={**ballots.columns, "style": unknown})
    given = LeaderboardSource("imported", ("imported",), contenders, (), ExcludedCounts(0, 0))
    shown = leaderboard.make_leaderboard(ballots, LeaderboardQuery(style=True), given, {}, "")
    assert shown.empty and "known for the 2,000 votes" in shown.sentence()
    assert shown.counted == 2000 and shown.standing.effects == ()


def test_no_votes_at_all_is_an_empty_board():
    shown = made(votes=0)
    assert shown.empty and shown.sentence() == ENGLISH("ranking.no_vote") and shown.elo.votes == ()
    assert {row["battles"] for row in leaderboard.leaderboard_rows(shown)} == {0}


def test_contenders_that_are_up_are_shown_without_battles():
    given = LeaderboardSource(
        "own", (), [Contender("c-1", "x", {}), Contender("c-2", "y", {})], (), ExcludedCounts(0, 0)
    )
    votes = replace(ballots_of([]), columns={name: np.zeros(0) for name in leaderboard.COLUMNS})
    shown = leaderboard.make_leaderboard(votes, LeaderboardQuery(), given, {"x": "c-1"}, "x")
    assert [row.name for row in shown.standing.ratings.rows] == ["x"]
    assert [profile.up for profile in shown.profiles] == [True]


def retired_board(up=True):
    """Of four contenders, the best of which is not in the roster any more."""
    ballots, contenders = demo_votes(ROSTER)
    given = LeaderboardSource("own", ("own",), contenders, (), ExcludedCounts(0, 0))
    every = leaderboard.make_leaderboard(ballots, ALL, given, {}, "Blended")
    best, second, *_ = (row.name for row in every.standing.ratings.rows)
    active = {c.name: c.id for c in contenders if c.name != best}
    current = active if up else {}
    shown = leaderboard.make_leaderboard(ballots, ALL, given, current, second, active)
    return best, every, shown


@pytest.mark.parametrize("up", [True, False], ids=["up", "loading"])
def test_who_is_retired_keeps_the_votes_and_takes_no_rank_from_anybody(up):
    best, every, shown = retired_board(up)

    rows, before = shown.standing.ratings.rows, every.standing.ratings.rows
    assert shown.retired == (best,)
    assert [(row.name, row.rating, row.battles) for row in rows] == [
        (row.name, row.rating, row.battles) for row in before
    ]
    assert rows[0].rank == rows[1].rank == 1
    assert max(row.worst for row in rows[1:]) == len(rows) - 1
    assert best not in shown.sentence()
    assert best not in (shown.standing.upset.top, shown.standing.upset.challenger)
    assert [row["retired"] for row in leaderboard.leaderboard_rows(shown)] == [True] + 3 * [False]
