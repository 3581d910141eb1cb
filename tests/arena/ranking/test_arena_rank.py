"""Ratings beside arena-rank's own, of the same file; see tests/support/arena_rank_numbers.py.

It has no prior, and counts "both bad" as half a win for each, where our board counts nothing: here
the prior is off and the file is read its way.
"""

import csv
import json

import numpy as np
import pytest
from app_process import ROOT
from arena_rank_numbers import WINNERS

from arena.ranking.ballots import PairCounts
from arena.ranking.bradley_terry import fit_strengths
from arena.ranking.ratings import CENTRE, SCALE, Z, bradley_terry

GOLDEN = ROOT / "tests" / "golden"
CHOICES = {winner: choice for choice, winner in WINNERS.items()} | {"both_bad": "tie"}


@pytest.fixture(scope="module")
def counts():
    with open(GOLDEN / "arena-rank-votes.csv", newline="", encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    return PairCounts.of(
        (row["model_a"], row["model_b"], CHOICES[row["winner"]], 1) for row in rows
    )


@pytest.fixture(scope="module")
def theirs(counts):
    found = json.loads((GOLDEN / "arena-rank.json").read_text(encoding="utf-8"))
    columns = {name: [found[each][name] for each in counts.names] for name in ("rating", "high")}
    return {name: np.array(column) for name, column in columns.items()}


@pytest.mark.parametrize("anchor", [0, 5])
def test_without_the_prior_ratings_are_arena_ranks(counts, theirs, anchor):
    many = counts.points[None] * 1e9  # beside so many votes the prior is nothing
    xi = fit_strengths(many, anchor)[0][: len(counts.names)]
    ours = CENTRE + SCALE * (xi - xi.mean())  # its mean is that of contenders, not of battles
    assert counts.total == 3000 and len(xi) == 8 and np.ptp(ours) > 200
    assert ours == pytest.approx(theirs["rating"], abs=0.01)


def test_the_prior_moves_them_by_a_point_or_two(counts, theirs):
    board = bradley_terry(counts)
    ours = np.array([board[name].rating for name in counts.names])
    moved = ours - ours.mean() + CENTRE - theirs["rating"]
    assert 0.1 < np.abs(moved).max() < 2.5


def test_intervals_are_arena_ranks_too(counts, theirs):
    """Of each against the mean of all, votes taken one by one as it takes them."""
    board, even = bradley_terry(counts), dict.fromkeys(counts.names, -1 / 8)
    halves = [Z * board.contrast(even | {name: 7 / 8})[1] for name in counts.names]
    assert halves == pytest.approx(theirs["high"] - theirs["rating"], rel=0.01)
