"""How many more votes tell two apart: the promise, by a lot of coins, and where nothing is said."""

import math
from itertools import pairwise

import numpy as np
import pytest

from arena.ranking.ballots import PairCounts
from arena.ranking.ratings import Z, bradley_terry
from arena.ranking.sensitivity.power import VotesNeeded, neighbour_power, votes_growth
from arena.ranking.summary import votes_needed


@pytest.mark.parametrize("ratio", [0.1, 0.5, 1.0, 1.9])
@pytest.mark.parametrize("chance", [0.5, 0.8])
def test_the_votes_give_the_chance(ratio, chance):
    """The first votes say a difference that is the truth; so many more are drawn, and pooled."""
    error, growth = 1.0, votes_growth(ratio, 1.0, chance)
    old = 1 / (1 + growth)
    new = np.random.default_rng(1).normal(ratio, error / math.sqrt(growth), 200_000)
    pooled, error_after = old * ratio + (1 - old) * new, error * math.sqrt(old)
    assert (pooled >= Z * error_after).mean() == pytest.approx(chance, abs=0.005)


def test_nothing_is_needed_where_two_are_told_apart_and_nothing_helps_equals():
    assert votes_growth(2.0, 1.0, 0.8) == votes_growth(-2.0, 1.0) == 0
    assert votes_growth(0.0, 1.0) is None
    assert votes_growth(-1.0, 1.0) == pytest.approx(Z**2 - 1)


COUNTS = PairCounts.of(
    [
        ("a", "b", "left", 60),
        ("a", "b", "right", 50),
        ("a", "b", "both_bad", 30),
        ("b", "c", "left", 90),
        ("b", "c", "right", 30),
        ("d", "e", "left", 25),
        ("f", "a", "right", 3),
    ]
)


def test_each_two_neighbours_and_what_they_need():
    ratings = bradley_terry(COUNTS)
    pairs = {(pair.ahead, pair.behind): pair for pair in neighbour_power(ratings)}
    assert len(pairs) == 5
    open_pair = pairs["a", "b"]
    growth = votes_growth(open_pair.difference, open_pair.error)
    assert not open_pair.told_apart
    assert open_pair.even == VotesNeeded(math.ceil(288 * growth), math.ceil(110 * growth))
    assert open_pair.even.between == votes_needed(ratings, "a", "b")
    assert open_pair.likely.all > open_pair.even.all


def test_where_nothing_can_be_said_nothing_is():
    pairs = neighbour_power(bradley_terry(COUNTS))
    apart = [pair for pair in pairs if {pair.ahead, pair.behind} & {"d", "e", "f"}]
    unsaid = [pair for pair in apart if {pair.ahead, pair.behind} != {"d", "e"}]
    assert unsaid and all(pair.even is None and not pair.told_apart for pair in unsaid)
    assert neighbour_power(bradley_terry(PairCounts.of([], "a"))) == ()


def test_the_retired_are_nobodys_neighbours():
    ratings = bradley_terry(COUNTS, minimum=0)
    names = [row.name for row in ratings.rows if row.name not in ("b", "d")]
    found = neighbour_power(ratings, {"b", "d"})
    assert [(pair.ahead, pair.behind) for pair in found] == [*pairwise(names)]
