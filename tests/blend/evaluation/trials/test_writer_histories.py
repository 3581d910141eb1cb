"""Values over all histories of writers: as the formulas say, and as simulated logs tell."""

import numpy as np
from pytest import approx, mark

from blend.evaluation.trials.writer_histories import WriterHistories, mean_rewards
from blend.policies.policy import Uniform
from blend.policies.sequence import FixedSequence
from blend.policies.sticky import Sticky

ABC = ("a", "b", "c")
WORLD = WriterHistories(ABC, np.array([0.7, 0.5, 0.3]), hand_off=0.12)


def value(logging, target) -> float:
    return WORLD.value(WORLD.chances(logging), WORLD.chances(target))


@mark.parametrize(("policy", "hands_off"), [(Uniform(), 2 / 3), (Sticky(stay=0.8), 0.2)])
def test_a_policy_loses_by_as_many_hand_offs_as_it_makes(policy, hands_off):
    assert value(policy, policy) == approx(0.5 - 0.12 * hands_off * 5 / 6)
    assert value(Uniform(), policy) == approx(0.5 - 0.12 * hands_off * 5 / 6)


def test_the_value_of_a_strict_sequence_is_that_of_its_replies():
    strict = FixedSequence(("a", "a", "b"), epsilon=0.0)
    assert value(strict, strict) == approx((4 * 0.7 + 2 * 0.5 - 3 * 0.12) / 6)


def test_turns_hand_off_two_thirds_of_every_second_reply():
    strict = Sticky(turns=2, epsilon=0.0)
    assert value(strict, strict) == approx(0.5 - 0.12 * (2 * 2 / 3) / 6)


def test_a_log_is_drawn_by_its_chances_and_earns_the_value():
    chances = WORLD.chances(Sticky(stay=0.8))
    table, target = WORLD.table(20_000, chances, chances, np.random.default_rng(2))
    assert len(table) == 120_000 and (target == table.chances).all()
    for member in range(3):
        expected = table.chances[:, member].mean()
        assert (table.drawn == member).mean() == approx(expected, abs=0.005)
    assert table.rewards.mean() == approx(WORLD.value(chances, chances), abs=0.006)
    # Weighted by their chances, replies are those of a member drawn at any place: two thirds of
    # them follow another one's, however seldom this log hands off.
    anywhere = WORLD.quality - 0.12 * 2 / 3 * 5 / 6
    assert mean_rewards(table).mean(0) == approx(anywhere, abs=0.01)
