"""The value of a policy from the log of another: right on average, and honest about its error."""

import numpy as np
import pytest

from blend.value import advantage, judge


def log(rng, turns: int = 4000, members: int = 3):
    """Turns in conversations of four; (chances, drawn, rewards, clusters, true quality)."""
    quality = rng.uniform(0.2, 0.8, (turns, members))
    chances = rng.dirichlet(np.full(members, 3.0), turns) * 0.7 + 0.1
    drawn = (rng.random((turns, 1)) > chances.cumsum(1)).sum(1)
    rewards = (rng.random(turns) < quality[np.arange(turns), drawn]).astype(float)
    return chances, drawn, rewards, np.arange(turns) // 4, quality


@pytest.mark.parametrize("method", ["ips", "snips", "dr"])
def test_each_method_finds_the_value_of_the_best_choice(method):
    chances, drawn, rewards, clusters, quality = log(np.random.default_rng(1), 40_000)
    target = np.eye(3)[quality.argmax(1)]
    value = judge(target, chances, drawn, rewards, clusters, np.full_like(quality, 0.5))
    estimate, truth = getattr(value, method), quality.max(1).mean()

    assert estimate.low < truth < estimate.high
    assert estimate.high - estimate.low < 0.04
    assert estimate.gain == pytest.approx(estimate.value - rewards.mean())


def test_the_logged_policy_is_worth_what_was_logged():
    chances, drawn, rewards, clusters, _ = log(np.random.default_rng(2))
    value = judge(chances, chances, drawn, rewards, clusters)

    assert value.ips.value == pytest.approx(rewards.mean())
    assert (value.ips.gain_low, value.ips.gain_high) == pytest.approx((0, 0))
    assert value.effective == pytest.approx(len(drawn))
    assert value.dr is None and value.warnings == ()


def test_a_good_model_makes_the_doubly_robust_interval_the_narrowest():
    chances, drawn, rewards, clusters, quality = log(np.random.default_rng(3))
    target = np.eye(3)[quality.argmax(1)]
    value = judge(target, chances, drawn, rewards, clusters, quality)
    widths = [e.high - e.low for e in (value.dr, value.snips, value.ips)]
    assert widths == sorted(widths)


def test_the_advantage_over_another_policy_is_surer_than_two_values():
    chances, drawn, rewards, clusters, quality = log(np.random.default_rng(5))
    best, flat = np.eye(3)[quality.argmax(1)], np.full_like(quality, 1 / 3)
    target, rows = 0.9 * flat + 0.1 * best, (chances, drawn, rewards, clusters, quality)
    value, low, high = advantage(target, flat, *rows)
    one, other = judge(target, *rows).dr, judge(flat, *rows).dr

    assert value == pytest.approx(one.value - other.value)
    assert low < 0.1 * (quality.max(1) - quality.mean(1)).mean() < high
    assert high - low < (one.high - one.low) / 3


def test_copies_of_a_conversation_tell_nothing_new():
    chances, drawn, rewards, clusters, _ = log(np.random.default_rng(4), 400)
    one = judge(chances[:, ::-1], chances, drawn, rewards, clusters).snips
    again = [np.concatenate([each] * 5) for each in (chances, drawn, rewards, clusters)]
    five = judge(again[0][:, ::-1], *again).snips
    assert (five.low, five.high) == pytest.approx((one.low, one.high))


def test_too_little_is_said_plainly():
    chances = np.full((40, 2), [0.99, 0.01])
    drawn = np.zeros(40, int)
    drawn[0] = 1
    rewards, target = np.ones(40), np.tile([0.0, 1.0], (40, 1))
    value = judge(target, chances, drawn, rewards, np.zeros(40))

    assert value.effective == pytest.approx(1)
    assert "Only about 1 of 40" in value.warnings[0]
    assert "1 conversation only" in value.warnings[1]
    assert value.ips.high == np.inf


def test_a_short_log_is_not_the_policys_fault():
    chances = np.full((160, 2), 0.5)
    value = judge(chances, chances, np.zeros(160, int), np.ones(160), np.arange(160))
    assert value.warnings == ("There are only 160 logged turns: too few to trust the intervals.",)


def test_what_the_log_never_draws_is_said():
    chances = np.tile([1.0, 0.0], (500, 1))
    target = np.full((500, 2), 0.5)
    value = judge(target, chances, np.zeros(500, int), np.ones(500), np.arange(500))
    assert value.beyond == 0.5
    assert "50.0% of what this policy would draw had no chance" in value.warnings[0]


def test_no_turns_and_impossible_draws_are_errors():
    empty = np.zeros((0, 2))
    with pytest.raises(ValueError, match="nothing to judge by"):
        judge(empty, empty, np.zeros(0, int), np.zeros(0), np.zeros(0))
    chances = np.tile([1.0, 0.0], (2, 1))
    with pytest.raises(ValueError, match="a chance of zero"):
        judge(chances, chances, np.array([0, 1]), np.ones(2), np.arange(2))
