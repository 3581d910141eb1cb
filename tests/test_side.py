"""Side bias, apart from who stood where."""

import numpy as np
import pytest

from arena.ballot import Ballots
from arena.side import side_bias


def votes(rng, n, lean, strong_left=0.5):
    """Two contenders 1 apart in log-odds; the stronger is on the left that often."""
    first = rng.random(n) < strong_left
    eta = np.where(first, 1.0, -1.0) + lean
    choice = np.where(rng.random(n) < 1 / (1 + np.exp(-eta)), 0, 1)
    return Ballots(
        ("a", "b"), np.where(first, 0, 1), np.where(first, 1, 0), choice, np.arange(n) % 400
    )


def test_no_bias_is_half():
    bias = side_bias(votes(np.random.default_rng(1), 8000, 0.0, strong_left=0.8))
    assert bias.low < 0.5 < bias.high and not bias.clear
    assert bias.high - bias.low < 0.05 and bias.votes == 8000


def test_a_bias_is_found_whoever_stood_there():
    for strong_left in (0.2, 0.5, 0.8):
        bias = side_bias(votes(np.random.default_rng(2), 8000, 0.4, strong_left))
        assert bias.low < 1 / (1 + np.exp(-0.4)) < bias.high and bias.clear
        assert bias.points == pytest.approx(0.4 * 173.7, abs=12)


def test_ties_lean_to_nobody():
    bias = side_bias(Ballots.of([("a", "b", "tie", f"v{n}") for n in range(50)]))
    assert bias.share == 0.5 and not bias.clear


def test_without_votes_nothing_is_known():
    bias = side_bias(Ballots.of([], ["a", "b"]))
    assert (bias.share, bias.votes, bias.clear) == (0.5, 0, False)
    assert bias.low < 0.1 and bias.high > 0.9
