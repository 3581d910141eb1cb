"""The small run of the study: 200 data sets of 2,000 votes, gate 91 to 99 %."""

import numpy as np
import pytest

from arena.simulation.coverage import (
    ALONE,
    CLUSTERED,
    TIES,
    coverage,
    ranked_right,
    side_test,
    style_recovered,
)


@pytest.mark.parametrize("world", [ALONE, CLUSTERED], ids=["alone", "clustered"])
def test_intervals_hold_the_truth(world):
    held = coverage(world, 200, np.random.default_rng(11))
    assert 0.91 <= held["sandwich"] <= 0.99 and 0.91 <= held["bootstrap"] <= 0.99
    assert held["rank"] >= 0.95 and held["order"] >= 0.95
    if world is CLUSTERED:
        assert held["as if alone"] < 0.88


def test_style_is_recovered():
    held = style_recovered(200, np.random.default_rng(12))
    assert 0.91 <= held["effects"] <= 0.99 and 0.91 <= held["ratings"] <= 0.99


def test_known_strengths_are_ranked_right():
    assert ranked_right(5, np.random.default_rng(13)) > 0.97


@pytest.mark.parametrize("ties", TIES)
def test_the_side_test_after_a_hundred_votes(ties):
    flagged = side_test(ties, 2000, np.random.default_rng(14))
    assert flagged["honest"] <= 0.005 and flagged["one-sided"] >= 0.95
    assert flagged["paper, honest"] <= 0.005
