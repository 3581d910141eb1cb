"""Sooner proxies: Wilson's numbers, visitors as clusters, too few visitors."""

from dataclasses import replace

import numpy as np
import pytest

from arena.experiment.cohort import COUNTS
from arena.experiment.proxies import mean, proxies, wilson
from arena.experiment.synthetic_visitors import CONTROL, synthetic_visitors


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


def test_intervals_of_a_crowd_hold_what_made_it():
    held = np.zeros(3)
    for seed in range(120):
        found = proxies(synthetic_visitors(CONTROL, 300, 5, np.random.default_rng(seed)).cohort())
        truth = (CONTROL.answered, CONTROL.retries, CONTROL.ups)
        held += [p.low <= t <= p.high for p, t in zip(found[1:], truth, strict=True)]
    assert (held / 120 > 0.87).all() and (held / 120 <= 1).all()


def test_what_under_five_visitors_did_is_not_told():
    who = synthetic_visitors(CONTROL, 40, 5, np.random.default_rng(0)).cohort()
    few = who.tallies.copy()
    few[4:, COUNTS.index("ups")] = few[4:, COUNTS.index("downs")] = 0
    names = [proxy.name for proxy in proxies(replace(who, tallies=few))]
    assert names == ["conversation length", "answered within 180 s", "retry rate"]
