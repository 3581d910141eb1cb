"""Elo over time."""

from dataclasses import replace

import numpy as np
import pytest
from ballot_rows import ballots_of

from arena.ranking.elo import STEPS, elo_history


def line(votes, times):
    ballots = ballots_of((*vote, "v") for vote in votes)
    return elo_history(replace(ballots, columns={"created": np.array(times, float)}))


def test_elo_by_hand():
    votes = [("a", "b", "left"), ("a", "b", "both_bad"), ("b", "a", "tie"), ("c", "a", "both_bad")]
    found = line(votes, [10, 20, 30, 40])
    gain = 4 * (0.5 - 1 / (1 + 10 ** (-4 / 400)))
    assert (found.votes, found.times) == ((1, 2, 3, 4), (10, 20, 30, 40))
    a, b = [1002, 1002, 1002 + gain, 1002 + gain], [998, 998, 998 - gain, 998 - gain]
    assert found.ratings["a"] == pytest.approx(a) and found.ratings["b"] == pytest.approx(b)
    assert np.isnan(found.ratings["c"][:3]).all() and found.ratings["c"][3] == 1000


def test_a_long_time_line_is_thinned_and_goes_by_time():
    votes = [("a", "b", "left")] * 1000 + [("a", "b", "right")]
    forth, back = line(votes, np.arange(1001)), line(votes, -np.arange(1001))
    assert len(forth.votes) <= STEPS + 1 and forth.votes[-1] == 1001 and forth.times[-1] == 1000
    assert back.ratings["a"][-1] > forth.ratings["a"][-1] and back.times[-1] == 0
