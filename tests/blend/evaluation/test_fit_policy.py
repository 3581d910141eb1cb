"""From the log to a policy: most of what there is to gain, and no harm where there is nothing."""

from dataclasses import replace

import numpy as np
import pytest

from blend.evaluation.fit_policy import PolicyFit, fit_policy
from blend.evaluation.logged_turns import TurnTable
from blend.evaluation.trials.learning_gain import true_gain
from blend.evaluation.trials.synthetic_topics import SyntheticTopics
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.policy import Policy, Uniform, Weighted


def fitted(
    world: SyntheticTopics, turns: int, seed: int, policy: Policy | None = None
) -> PolicyFit:
    traits = HistoryFeatures(HashedNgrams(512), world.members)
    rows = world.log(turns, policy or Uniform(), np.random.default_rng(seed))
    return fit_policy(TurnTable.of(rows, traits), traits, provenance={"reward": "thumb"})


def gain(world: SyntheticTopics, policy: Policy) -> float:
    """What the policy really earns above uniform draws."""
    return true_gain(world, policy, 3000, np.random.default_rng(99))[0]


def most(world: SyntheticTopics) -> float:
    """What the best member for each topic earns above uniform draws; topics are equally common."""
    return world.quality.max(1).mean() - world.quality.mean()


def test_it_gets_most_of_the_gap_between_uniform_and_the_oracle():
    world = SyntheticTopics.specialists(3)
    found = fitted(world, 5000, seed=1)
    more = gain(world, found.policy)

    assert more / most(world) > 0.8
    assert found.advantage.low > 0.2 and found.policy.inverse_temperature > 1
    learned = found.values["learned"].dr
    assert learned.low < world.quality.mean() + more < learned.high

    bins = found.calibration  # what was expected is what came
    assert sum(each.turns for each in bins) >= 5000
    gap = np.average([abs(b.expected - b.came) for b in bins], weights=[b.turns for b in bins])
    assert gap < 0.06


def test_it_learns_as_well_from_a_log_that_was_not_uniform():
    world = SyntheticTopics.specialists(3)
    found = fitted(world, 5000, 2, Weighted({"m0": 4.0, "m1": 1.0, "m2": 1.0}))
    assert gain(world, found.policy) / most(world) > 0.75


@pytest.mark.parametrize("seed", range(3))
def test_where_there_is_nothing_to_learn_it_stays_as_good_as_uniform(seed):
    world = SyntheticTopics(("a", "b", "c"), np.full((3, 3), 0.5))
    found = fitted(world, 2000, seed)
    assert gain(world, found.policy) == pytest.approx(0, abs=0.01)
    assert found.advantage.low <= 0.0


def test_a_useless_member_does_no_harm():
    world = SyntheticTopics.specialists(3)
    world = replace(world, quality=np.column_stack([world.quality[:, :2], np.full(3, 0.1)]))
    found = fitted(world, 5000, seed=4)
    assert gain(world, found.policy) > 0.1 and found.advantage.low > 0.1


def test_ties_count_half():
    world = SyntheticTopics.specialists(2)
    traits = HistoryFeatures(HashedNgrams(64), world.members)
    rows = list(world.log(1000, Uniform(), np.random.default_rng(6)))
    halves = [replace(row, reward=(row.reward + 0.5) / 2) for row in rows]
    found = fit_policy(TurnTable.of(halves, traits), traits)

    assert found.policy.inverse_temperature > 0
    assert found.rates["m0"][1] == pytest.approx(0.54, abs=0.05)


def test_too_few_turns_are_refused():
    with pytest.raises(ValueError, match="at least 100 are needed"):
        fitted(SyntheticTopics(("a", "b"), np.full((2, 2), 0.5), length=1.0), 50, seed=7)
