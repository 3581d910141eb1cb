"""Votes as codes and as counts."""

import numpy as np
from ballot_rows import ballots_of

from arena.ranking.ballots import PairCounts

ROWS = [
    ("a", "b", "left", 3),
    ("b", "a", "left", 1),
    ("a", "c", "tie", 2),
    ("c", "b", "right", 1),
    ("a", "b", "both_bad", 4),
]


def test_points_count_ties_half_and_both_bad_not():
    counts = PairCounts.of(ROWS)
    assert counts.names == ("a", "b", "c")
    assert counts.points.tolist() == [[0, 3, 1], [1, 0, 1], [1, 0, 0]]
    assert counts.total == 11
    assert counts.wins.tolist() == [3, 2, 0]
    assert counts.took_part("tie").tolist() == [2, 0, 2]
    assert counts.took_part().tolist() == [10, 9, 3]


def test_win_rates_leave_pairs_that_never_met_open():
    rates, n = PairCounts.of(ROWS, ["z"]).win_rates()
    assert rates[1, 2] == 0.75 and n[1, 2] == 4
    assert np.isnan(rates[0]).all() and not n[0].any()


def test_groups_are_joined_by_comparisons_only():
    rows = [*ROWS, ("d", "e", "tie", 1), ("d", "a", "both_bad", 9)]
    assert PairCounts.of(rows, ["z"]).groups() == (("a", "b", "c"), ("d", "e"), ("z",))
    assert PairCounts.of([]).groups() == ()


def test_ballots_and_rows_are_the_same_counts():
    votes = [(a, b, choice, f"v{i}") for a, b, choice, n in ROWS for i in range(n)]
    ballots = ballots_of(votes, ["z"])
    assert ballots.visitors == 4 and ballots.names == ("z", "a", "b", "c")
    assert (ballots.counts().table == PairCounts.of(ROWS, ["z"]).table).all()
    assert ballots_of([], ["a"]).counts().total == ballots_of([]).visitors == 0
