"""The small run of the study: 200 data sets of 2,000 votes, gate 91 to 99 %."""

import numpy as np
import pytest

from arena.simulation.contexts.coverage import WORLDS, context_coverage


@pytest.mark.parametrize("name", WORLDS)
def test_intervals_hold_what_is_true_of_a_context(name):
    world = WORLDS[name]
    held = context_coverage(world, 200, np.random.default_rng(15))
    assert held.keys() == world.truth.keys()
    for influence, (inside, found) in held.items():
        assert 0.91 <= inside <= 0.99, influence
        # What is not there is found as seldom as the interval allows, and what is there often.
        assert found <= 0.09 if world.truth[influence] == 0 else found > 0.5
