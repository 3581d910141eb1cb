"""Weights 1/P: where they help, and what they cost where they do not."""

import numpy as np
import pytest

from arena.ballot import Ballots
from arena.interval import strengths
from arena.rating import SCALE, bradley_terry
from arena.reweighted import reweighted, weights

PAIRS = np.array([(0, 1), (0, 2), (1, 2)])
UNEVEN = np.array([0.8, 0.1, 0.1])


def votes(rng, n, shares):
    """Contender a beats b, c … with these shares; pairs drawn as unevenly as UNEVEN."""
    pair = rng.choice(3, n, p=UNEVEN)
    first = rng.random(n) < 0.5
    left = np.where(first, PAIRS[pair, 0], PAIRS[pair, 1])
    right = np.where(first, PAIRS[pair, 1], PAIRS[pair, 0])
    won = rng.random(n) < np.asarray(shares)[pair]
    choice = np.where(won == first, 0, 1)
    return Ballots(
        tuple("abc"), left, right, choice, np.arange(n) % (n // 4), {"chance": UNEVEN[pair]}
    )


def gap(ratings):
    return ratings["a"].rating - ratings["c"].rating


def even_truth(shares):
    """a's lead over c if every pair met equally often, without end."""
    points = np.zeros((1, 3, 3))
    for (i, j), share in zip(PAIRS, shares, strict=True):
        points[0, i, j], points[0, j, i] = 1e6 * share, 1e6 * (1 - share)
    xi = strengths(points, None)[0]
    return SCALE * (xi[0] - xi[2])


def test_where_the_model_does_not_hold_they_give_the_even_mean():
    """a beats b, b beats c, c beats a: no strengths explain that, and pairing decides."""
    shares = [0.8, 0.3, 0.7]
    ballots = votes(np.random.default_rng(1), 20_000, shares)
    plain, even = bradley_terry(ballots.counts(), ballots=ballots), reweighted(ballots)
    assert gap(even) == pytest.approx(even_truth(shares), abs=2.5 * even.difference("a", "c")[1])
    assert abs(gap(plain) - even_truth(shares)) > 4 * plain.difference("a", "c")[1]


def test_where_it_holds_they_only_widen():
    odds = np.exp([0.5, 0.9, 0.4])
    shares = odds / (1 + odds)
    ballots = votes(np.random.default_rng(2), 20_000, shares)
    plain, even = bradley_terry(ballots.counts(), ballots=ballots), reweighted(ballots)
    for board in (plain, even):
        assert gap(board) == pytest.approx(0.9 * SCALE, abs=3 * board.difference("a", "c")[1])
    assert even.difference("a", "b")[1] > 1.1 * plain.difference("a", "b")[1]


def test_equal_chances_are_the_plain_board():
    ballots = votes(np.random.default_rng(3), 900, [0.6, 0.7, 0.6])
    ballots.columns["chance"][:] = 1 / 3
    plain, even = bradley_terry(ballots.counts(), ballots=ballots), reweighted(ballots)
    assert [row.rating for row in even.rows] == pytest.approx([row.rating for row in plain.rows])
    assert np.allclose(even.covariance, plain.covariance)


def test_battles_are_counted_not_weighed():
    ballots = votes(np.random.default_rng(4), 900, [0.6, 0.7, 0.6])
    assert sum(row.battles for row in reweighted(ballots).rows) == 1800
    assert weights(ballots).mean() == pytest.approx(1)


def test_unknown_chances_are_said():
    ballots = votes(np.random.default_rng(5), 40, [0.6, 0.7, 0.6])
    ballots.columns["chance"][:3] = np.nan
    with pytest.raises(ValueError, match="3 votes do not say"):
        reweighted(ballots)
