"""Thompson sampling: the chance of being the best, against many samples of the belief."""

import numpy as np
import pytest

from blend.conversation import Conversation
from blend.policies.thompson import PreferenceCount, Thompson, chances_of_best


@pytest.mark.parametrize(
    ("good", "bad"),
    [((0, 0), (0, 0)), ((3, 5, 1), (2, 2, 9)), ((900, 880), (100, 120)), ((0, 400_000), (0, 10))],
)
def test_the_integral_is_what_sampling_would_give(good, bad):
    rng = np.random.default_rng(1)
    sampled = rng.beta(1 + np.array(good), 1 + np.array(bad), (200_000, len(good))).argmax(1)
    shares = np.bincount(sampled, minlength=len(good)) / len(sampled)
    assert chances_of_best(good, bad) == pytest.approx(shares, abs=0.005)


def test_newer_counts_move_the_chances_and_a_member_that_nobody_judged_is_tried():
    policy = Thompson(epsilon=0.01)
    assert policy.chances(["a", "b"], Conversation()) == pytest.approx({"a": 0.5, "b": 0.5})
    fed = policy.with_counts({"a": PreferenceCount(60, 40), "b": PreferenceCount(10, 90)})
    assert fed.chances(["a", "b"], Conversation()) == pytest.approx({"a": 0.99, "b": 0.01})
    assert fed.chances(["a", "b", "c"], Conversation())["c"] > 0.3
