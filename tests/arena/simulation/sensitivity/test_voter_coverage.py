"""The small run of the study of voters: 200 data sets, gate 91 to 99 %."""

import numpy as np
import pytest

from arena.simulation.sensitivity.voter_coverage import COINS, FEW, JUDGES, voter_coverage


@pytest.mark.parametrize("world", [JUDGES, COINS, FEW], ids=["judges", "coins", "few"])
def test_intervals_hold_the_truth(world):
    held = voter_coverage(world, 200, np.random.default_rng(24))
    assert 0.91 <= held["ratings"] <= 0.99
    assert 0.91 <= held["share"] <= (1 if world is JUDGES else 0.99)
    assert held["plain"] < 0.75 or world is JUDGES
