"""The value of a policy from the log of another: right on average, and honest about its error."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from blend.evaluation.logged_turns import TurnTable
from blend.evaluation.off_policy import evaluate_policy, policy_gain
from blend.evaluation.trials.sentence_replies import SentenceReplies


def table(chances, drawn, rewards, clusters) -> TurnTable:
    members = tuple("abc"[: chances.shape[1]])
    return TurnTable(members, csr_matrix((len(drawn), 1)), chances, drawn, rewards, clusters, {})


def log(seed: int, turns: int = 4000) -> tuple[TurnTable, np.ndarray]:
    """Turns in conversations of four, and the (n, 3) true chances of a reward."""
    rng = np.random.default_rng(seed)
    quality = rng.uniform(0.2, 0.8, (turns, 3))
    chances = rng.dirichlet(np.full(3, 3.0), turns) * 0.7 + 0.1
    drawn = (rng.random((turns, 1)) > chances.cumsum(1)).sum(1)
    rewards = (rng.random(turns) < quality[np.arange(turns), drawn]).astype(float)
    return table(chances, drawn, rewards, np.arange(turns) // 4), quality


def test_what_a_member_earns_alone_is_told_by_the_replies_whose_sentences_are_all_its_own():
    world = SentenceReplies(("a", "b"), np.array([0.8, 0.3]), np.array([0.7, 0.6]), 0.2)
    logged = world.table(5_000, np.random.default_rng(7))
    for member, truth in enumerate(world.quality):
        target = np.tile(np.eye(2)[member], (len(logged), 1))
        value = evaluate_policy(target, logged, np.full(target.shape, 0.5))
        for estimate in (value.ips, value.snips, value.dr):
            assert estimate.low < truth < estimate.high and estimate.high - estimate.low < 0.06


@pytest.mark.parametrize("method", ["ips", "snips", "dr"])
def test_each_method_finds_the_value_of_the_best_choice(method):
    logged, quality = log(1, 40_000)
    value = evaluate_policy(np.eye(3)[quality.argmax(1)], logged, np.full_like(quality, 0.5))
    estimate = getattr(value, method)

    assert estimate.low < quality.max(1).mean() < estimate.high
    assert estimate.high - estimate.low < 0.04
    assert estimate.gain == pytest.approx(estimate.value - logged.rewards.mean())


def test_the_logged_policy_is_worth_what_was_logged():
    logged, _ = log(2)
    value = evaluate_policy(logged.chances, logged, np.full((4000, 3), 0.5))

    assert value.ips.value == pytest.approx(logged.rewards.mean())
    assert (value.ips.gain_low, value.ips.gain_high) == pytest.approx((0, 0))
    assert value.effective == pytest.approx(len(logged))
    assert value.warnings == ()


def test_a_good_model_makes_the_doubly_robust_interval_the_narrowest():
    logged, quality = log(3)
    value = evaluate_policy(np.eye(3)[quality.argmax(1)], logged, quality)
    widths = [e.high - e.low for e in (value.dr, value.snips, value.ips)]
    assert widths == sorted(widths)


def test_the_advantage_over_another_policy_is_surer_than_two_values():
    logged, quality = log(5)
    flat = np.full_like(quality, 1 / 3)
    target = 0.9 * flat + 0.1 * np.eye(3)[quality.argmax(1)]
    gain = policy_gain(target, flat, logged, quality)
    one, other = (evaluate_policy(each, logged, quality).dr for each in (target, flat))

    assert gain.value == pytest.approx(one.value - other.value)
    assert gain.low < 0.1 * (quality.max(1) - quality.mean(1)).mean() < gain.high
    assert gain.high - gain.low < (one.high - one.low) / 3


def test_copies_of_a_conversation_tell_nothing_new():
    logged, _ = log(4, 400)
    five = logged.select(np.tile(np.arange(400), 5))
    one, again = (
        evaluate_policy(each.chances[:, ::-1], each, each.chances).snips for each in (logged, five)
    )
    assert (again.low, again.high) == pytest.approx((one.low, one.high))


def test_too_little_is_said_plainly():
    drawn = np.arange(40) == 0
    few = table(np.full((40, 2), [0.99, 0.01]), drawn.astype(int), np.ones(40), np.zeros(40, int))
    value = evaluate_policy(np.tile([0.0, 1.0], (40, 1)), few, few.chances)
    assert value.effective == pytest.approx(1) and value.ips.high == np.inf
    assert "Only about 1 of 40" in value.warnings[0]
    assert "1 conversation only" in value.warnings[1]

    short = table(np.full((160, 2), 0.5), np.zeros(160, int), np.ones(160), np.arange(160))
    plain = "There are only 160 logged turns: too few to trust the intervals."
    assert evaluate_policy(short.chances, short, short.chances).warnings == (plain,)


def test_what_the_log_never_draws_is_said():
    never = table(np.tile([1.0, 0.0], (500, 1)), np.zeros(500, int), np.ones(500), np.arange(500))
    value = evaluate_policy(np.full((500, 2), 0.5), never, never.chances)
    assert value.beyond == 0.5
    assert "50.0% of what this policy would draw had no chance" in value.warnings[0]


def test_no_turns_and_impossible_draws_are_errors():
    logged, quality = log(6, 8)
    with pytest.raises(ValueError, match="nothing to judge by"):
        evaluate_policy(quality[:0], logged.select(slice(0)), quality[:0])
    with pytest.raises(ValueError, match="a chance of zero"):
        evaluate_policy(quality, replace(logged, chances=np.zeros((8, 3))), quality)
