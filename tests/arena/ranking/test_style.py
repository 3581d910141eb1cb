"""Style control: what style is worth is found, and taken out of the ratings."""

from dataclasses import replace

import numpy as np
import pytest

from arena.ranking.ballots import Ballots
from arena.ranking.ratings import SCALE, bradley_terry
from arena.ranking.style import contrasts, rate_at_equal_style

TRUTH = np.array([0.4, 0.1, -0.1, -0.4])
BIAS = np.array([1.2, 0.0, 0.5, -0.3])
"""In log-odds for a contrast of one, by MARKS."""


def world(seed=1, n=8000, talkative=1.0):
    """The last contender is the weakest and writes `talkative` times as much as the others."""
    rng = np.random.default_rng(seed)
    left = rng.integers(0, 4, n)
    right = (left + rng.integers(1, 4, n)) % 4
    length = np.where(np.arange(4) == 3, talkative, 1.0) * 300
    text = [rng.poisson(np.outer(length[side], [1, 0.01, 0.02, 0.03])) for side in (left, right)]
    style = contrasts(*text)
    eta = TRUTH[left] - TRUTH[right] + style @ BIAS
    choice = np.where(rng.random(n) < 1 / (1 + np.exp(-eta)), 0, 1)
    columns = {"style": style}
    return Ballots(tuple("abcd"), left, right, choice, rng.integers(0, 900, n), columns)


def test_a_talker_loses_what_talking_won():
    ballots = world(talkative=4.0)
    plain, at_equal_style = bradley_terry(ballots.counts()), rate_at_equal_style(ballots)[0]
    assert plain.rows[0].name == "d"
    assert [row.name for row in at_equal_style.rows] == list("abcd")
    gap, error = at_equal_style.difference("a", "d")
    assert gap == pytest.approx(0.8 * SCALE, abs=2.5 * error)


def test_swapping_the_sides_changes_nothing():
    ballots = world(n=500)
    columns = {"style": -ballots.columns["style"]}
    turned = replace(ballots, left=ballots.right, right=ballots.left, choice=1 - ballots.choice)
    turned = replace(turned, columns=columns)
    (one, points), (other, others) = rate_at_equal_style(ballots), rate_at_equal_style(turned)
    assert [e.points for e in points] == pytest.approx([e.points for e in others])
    assert [row.rating for row in one.rows] == pytest.approx([row.rating for row in other.rows])


def test_votes_of_unknown_style_are_left_out():
    ballots = world(n=500)
    ballots.columns["style"][:100] = np.nan
    assert rate_at_equal_style(ballots)[0].counts.total == 400
    ballots.columns["style"][:] = np.nan
    ratings, effects = rate_at_equal_style(ballots)
    assert ratings.counts.total == 0 and {row.rating for row in ratings.rows} == {1000}
    assert [effect.points for effect in effects] == [0, 0, 0, 0]


def test_a_mark_that_never_differs_has_no_effect():
    ballots = world(n=500)
    ballots.columns["style"][:, 1] = 0
    headers = rate_at_equal_style(ballots)[1][1]
    assert headers.points == 0 and headers.low < 0 < headers.high
