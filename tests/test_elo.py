"""Elo, vote by vote."""

import pytest

from arena.elo import elo


def test_elo_by_hand():
    votes = [("a", "b", "left"), ("a", "b", "both_bad"), ("b", "a", "tie")]
    steps = [dict(now) for now in elo(votes)]
    assert steps[0] == steps[1] == {"a": 1002.0, "b": 998.0}
    gain = 4 * (1 / (1 + 10 ** (4 / 400)) - 0.5) * -1
    assert steps[2]["b"] == pytest.approx(998 + gain)
    assert sum(steps[2].values()) == pytest.approx(2000)
