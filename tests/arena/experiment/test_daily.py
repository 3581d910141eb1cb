"""Means by day: their sums, their logarithms and how far chance moves them."""

import numpy as np
import pytest

from arena.experiment.cohort import Cohort
from arena.experiment.daily import DailyMeans, engagement, retention, smooth_retention
from arena.experiment.synthetic_visitors import CONTROL, synthetic_visitors


def some(visitors=400, days=12, seed=0):
    return synthetic_visitors(CONTROL, visitors, days, np.random.default_rng(seed)).cohort()


def whole(daily):
    return daily.sums(np.ones((len(daily.top), 1), np.float32))


def test_a_mean_of_logarithms_is_not_biased():
    """Where 20 of 60 come and stays vary by their mean, plain logarithms are 1.7 and 2.6 % low."""
    rng, none = np.random.default_rng(1), np.zeros((0, 1))
    came = np.maximum(rng.binomial(60, 1 / 3, 400_000), 1)
    stayed = rng.gamma(came, 100.0)
    share = DailyMeans(none, none, none, none, half=0.5).log(came, np.full(came.shape, 60))
    stay = DailyMeans(none, none, none, none, variation=1.0).log(stayed, came)

    assert share.mean() == pytest.approx(np.log(1 / 3), abs=0.002)
    assert stay.mean() == pytest.approx(np.log(100), abs=0.003)
    assert np.log(came / 60).mean() < np.log(1 / 3) - 0.015
    assert np.log(stayed / came).mean() < np.log(100) - 0.024


@pytest.mark.parametrize("of", [retention, engagement])
def test_the_sandwich_agrees_with_resampling(of):
    rng, daily = np.random.default_rng(2), of(some(2000))
    loads = np.linspace(1, 2, daily.top.shape[1])
    sums, once = whole(daily), np.ones((len(daily.top), 1), np.float32)
    weights = rng.multinomial(2000, np.full(2000, 1 / 2000), size=800).T.astype(np.float32)

    resampled = (daily.log(*daily.sums(weights)) @ loads).var()

    assert daily.spread(loads, *sums, once)[0] == pytest.approx(resampled, rel=0.15)


def test_days_of_one_visitor_hang_together():
    """The variance of a sum over days is far above the sum of the days' variances."""
    daily = retention(some(2000))
    once = np.ones((len(daily.top), 1), np.float32)
    ones = np.ones(daily.top.shape[1])

    assert daily.spread(ones, *whole(daily), once)[0] > 2 * daily.variance.sum()


def test_the_smooth_curve_is_the_power_law_that_made_the_crowd():
    who = some(20_000)
    assert smooth_retention(who) == pytest.approx(CONTROL.retention(who.days[1:]), rel=0.06)


def test_where_nobody_came_back_nobody_is_expected():
    who = Cohort(
        "a", 9, np.zeros(5, int), np.eye(5, 4, dtype=bool) * 0, np.zeros((5, 4)), np.zeros((5, 7))
    )
    daily = engagement(who)

    assert not daily.expected.any() and np.isnan(daily.log(*whole(daily))).all()
