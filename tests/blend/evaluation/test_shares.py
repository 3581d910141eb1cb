"""Shares: Wilson's numbers, visitors as clusters."""

import numpy as np
import pytest

from blend.evaluation.shares import mean, wilson


def test_one_answer_a_visitor_is_the_textbooks_wilson():
    """8 of 10: Wilson (1927) gives 0.490 to 0.943."""
    share = wilson(np.array([1.0] * 8 + [0.0] * 2), np.ones(10))
    assert share == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)


def test_many_answers_of_few_visitors_are_not_many():
    loyal = np.repeat([10.0, 0.0], 5)
    once = wilson(np.repeat([1.0, 0.0], 5), np.ones(10))
    assert wilson(loyal, np.full(10, 10.0)) == pytest.approx(once, abs=0.02)


@pytest.mark.parametrize("yes", [0.0, 6.0])
def test_all_or_none_is_as_sure_as_its_visitors(yes):
    share = wilson(np.full(8, yes), np.full(8, 6.0))
    assert share == pytest.approx(wilson(np.full(8, float(yes > 0)), np.ones(8)))
    assert 0 <= share[1] <= share[0] <= share[2] <= 1


def test_a_length_is_a_ratio_of_sums():
    assert mean(np.array([2.0, 4.0, 6.0]), np.array([1.0, 1.0, 2.0]))[0] == 3.0
