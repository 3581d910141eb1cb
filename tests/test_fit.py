"""From the log to a policy: most of what there is to gain, and no harm where there is nothing."""

from dataclasses import replace

import numpy as np
import pytest

from blend.fit import Fit, fit
from blend.grams import Hashed
from blend.logged import Table
from blend.policy import Policy, Uniform, Weighted
from blend.topics import Topics
from blend.traits import Traits


def fitted(world: Topics, turns: int, seed: int, policy: Policy | None = None) -> Fit:
    traits = Traits(Hashed(512), world.members)
    rows = world.log(turns, policy or Uniform(), np.random.default_rng(seed))
    return fit(Table.of(rows, traits), traits, story={"reward": "thumb"})


def truth(world: Topics, policy: Policy, turns: int = 3000) -> float:
    """What the policy really earns there, its draws averaged out."""
    rng, earned = np.random.default_rng(99), []
    while len(earned) < turns:
        for logged, quality in world.conversation(Uniform(), rng):
            chances = policy.chances(world.members, logged.conversation)
            earned.append(sum(chances[m] * q for m, q in zip(chances, quality, strict=True)))
    return float(np.mean(earned))


def test_it_gets_most_of_the_gap_between_uniform_and_the_oracle():
    world = Topics.specialists(3)
    found = fitted(world, 5000, seed=1)
    gained = (truth(world, found.policy) - world.uniform) / (world.oracle - world.uniform)

    assert gained > 0.8
    assert found.advantage[1] > 0.2 and found.policy.sharpness > 1
    learned = found.values["learned"].dr
    assert learned.low < truth(world, found.policy) < learned.high


def test_it_learns_as_well_from_a_log_that_was_not_uniform():
    world = Topics.specialists(3)
    found = fitted(world, 5000, 2, Weighted({"m0": 4.0, "m1": 1.0, "m2": 1.0}))
    gained = (truth(world, found.policy) - world.uniform) / (world.oracle - world.uniform)
    assert gained > 0.75


@pytest.mark.parametrize("seed", range(3))
def test_where_there_is_nothing_to_learn_it_stays_as_good_as_uniform(seed):
    world = Topics(("a", "b", "c"), np.full((3, 3), 0.5))
    found = fitted(world, 2000, seed)
    assert truth(world, found.policy) == pytest.approx(0.5, abs=0.01)
    assert found.advantage[1] <= 0.0


def test_a_useless_member_does_no_harm():
    world = Topics.specialists(3)
    world = replace(world, quality=np.column_stack([world.quality[:, :2], np.full(3, 0.1)]))
    found = fitted(world, 5000, seed=4)
    assert truth(world, found.policy) > world.uniform + 0.1
    assert found.advantage[1] > 0.1


def test_what_was_expected_is_what_came():
    bins = fitted(Topics.specialists(3), 5000, seed=5).calibration
    assert sum(each.turns for each in bins) >= 5000
    gap = np.average([abs(b.expected - b.came) for b in bins], weights=[b.turns for b in bins])
    assert gap < 0.06


def test_ties_count_half():
    world = Topics.specialists(2)
    traits = Traits(Hashed(64), world.members)
    rows = list(world.log(1000, Uniform(), np.random.default_rng(6)))
    halves = [replace(row, reward=(row.reward + 0.5) / 2) for row in rows]
    found = fit(Table.of(halves, traits), traits)

    assert found.policy.sharpness > 0
    assert found.rates["m0"][1] == pytest.approx(0.54, abs=0.05)


def test_too_few_turns_are_refused():
    with pytest.raises(ValueError, match="at least 100 are needed"):
        fitted(Topics(("a", "b"), np.full((2, 2), 0.5), length=1.0), 50, seed=7)
