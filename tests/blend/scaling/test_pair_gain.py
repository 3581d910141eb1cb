"""What two members gain: by skill, by luck, and what is kept when the choice is blind."""

import numpy as np
import pytest

from blend.evaluation.resample import resample
from blend.scaling.pair_gain import BOTH, FAMILIES, SEEDS, SIZES, blind_choice, pairs

A, A2, B = ("oak", 1000), ("oak", 3000), ("elm", 1010)


def test_the_choice_for_a_reply_never_looks_at_that_reply():
    clusters = np.repeat(np.arange(50), 6)
    rng = np.random.default_rng(1)
    nats = rng.gamma(3, 5, (300, 2))
    before = blind_choice(nats, clusters)
    for reply in (0, 7, 299):
        changed = nats.copy()
        changed[reply] = [1e6, 0.0]
        picked = blind_choice(changed, clusters)[reply]
        assert picked == changed[reply][list(nats[reply]).index(before[reply])]


def test_a_lone_reply_is_chosen_for_by_all_others():
    nats = np.array([[1.0, 2], [1, 2], [5, 3]])
    assert blind_choice(nats, np.array([0, 1, 2])).tolist() == [1, 1, 5]  # both sum to 7: the first


def gains(topic: float):
    """The pairs of a, its second seed, and b, who is better on every other conversation; and their
    means by kind."""
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(200), 8)
    hard = rng.gamma(9, 5, (1600, 1))
    noise = rng.normal(0, 3, (1600, 3))
    skill = topic * np.where(clusters % 2, 1, -1)[:, None] * [1, 1, -1]
    nats = np.maximum(hard + noise + skill, 0.1)
    over = resample(clusters, np.ones(1600), np.random.default_rng(0), 199)
    each, kinds = pairs(nats, [("a", *A), ("a2", *A), ("b", *B)], over)
    return each, {kind.name: kind for kind in kinds}


def test_luck_gains_for_the_oracle_and_nothing_when_chosen_blindly():
    each, by_name = gains(topic=0)
    assert all(p.gain > 1 and abs(p.repeatable) < 0.3 for p in each)
    assert by_name[SEEDS].beyond is None
    assert by_name[FAMILIES].beyond.low < 0 < by_name[FAMILIES].beyond.high


def test_skill_gains_beyond_luck_and_is_kept_when_chosen_blindly():
    _, by_name = gains(topic=3)
    assert by_name[FAMILIES].beyond.low > 0.5
    assert by_name["elm and oak"].gain == by_name[FAMILIES].gain
    assert by_name[FAMILIES].repeatable.low > 1 > by_name[SEEDS].repeatable.high


def test_the_gain_of_a_pair_is_that_over_its_better_member():
    nats = np.array([[1.0, 4], [5, 2], [3, 3]])
    over = resample(np.arange(3), np.ones(3), np.random.default_rng(0), 9)
    ((pair,), _) = pairs(nats, [("a", *A), ("b", *B)], over)
    assert pair.gain == pytest.approx(3 - 2) and pair.families == ("elm", "oak")


def test_pairs_are_told_apart_by_family_and_size():
    members = [("a", *A), ("a2", *A), ("large", *A2), ("b", *B)]
    over = resample(np.arange(3), np.ones(3), np.random.default_rng(0), 9)
    each, _ = pairs(np.ones((3, 4)), members, over)
    kinds = {(p.a, p.b): p.kind for p in each}
    assert kinds["a", "a2"] == SEEDS and kinds["a", "large"] == SIZES
    assert kinds["a", "b"] == FAMILIES and kinds["large", "b"] == BOTH
