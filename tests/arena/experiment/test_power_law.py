"""Power laws of ratios: golden lines, laws, too little to tell."""

import numpy as np
import pytest

from arena.experiment.daily import DailyMeans, design, engagement, retention
from arena.experiment.power_law import fit_power_law
from arena.experiment.synthetic_visitors import arms, synthetic_visitors


def cohorts(visitors=600, days=20, seed=0):
    rng = np.random.default_rng(seed)
    return [synthetic_visitors(arm, visitors, days, rng).cohort() for arm in arms(2)]


def exact(start: float, slope: float, days=10, visitors=50) -> DailyMeans:
    """A mean that follows a power law to the digit, and varies a little between visitors."""
    bottom = np.ones((visitors, days), np.float32)
    wiggle = np.where(np.arange(visitors) % 2, 1.05, 0.95)[:, None]
    top = (np.exp(design(np.arange(1, days + 1)) @ [start, slope]) * wiggle).astype(np.float32)
    return DailyMeans(top, bottom, np.full(days, 50.0), np.full(days, 0.01))


def test_an_exact_power_law_is_found_exactly():
    line = fit_power_law(exact(0.3, -0.5), exact(0.1, -0.2), np.random.default_rng(0))

    assert line.start.value == pytest.approx(0.2, abs=1e-5)
    assert line.slope.value == pytest.approx(-0.3, abs=1e-5)
    assert line.fitted == pytest.approx(line.ratio, abs=1e-5)
    assert line.days.tolist() == list(range(1, 11))


def test_the_line_is_weighted_least_squares():
    test, control = cohorts()
    line = fit_power_law(retention(test), retention(control), np.random.default_rng(0), rounds=20)

    weights = (2 * 1.959964 / (line.high - line.low)) ** 2
    x = design(line.days)
    expected = np.linalg.solve(x.T * weights @ x, x.T * weights @ line.ratio)
    assert [line.start.value, line.slope.value] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("of", [retention, engagement])
def test_swapping_the_arms_turns_the_signs(of):
    test, control = map(of, cohorts())
    forth, back = (
        fit_power_law(*arms, np.random.default_rng(0), rounds=20)
        for arms in ((test, control), (control, test))
    )
    assert back.start.value == pytest.approx(-forth.start.value, rel=1e-5)
    assert back.slope.value == pytest.approx(-forth.slope.value, rel=1e-5)


def test_intervals_shrink_with_the_square_root_of_the_visitors():
    widths = []
    for visitors in (500, 8000):
        test, control = cohorts(visitors, days=8)
        line = fit_power_law(
            retention(test), retention(control), np.random.default_rng(0), rounds=199
        )
        widths.append(line.start.high - line.start.low)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.2)


def test_too_few_days_or_visitors_tell_nothing():
    rng = np.random.default_rng(0)
    for visitors, days in ((600, 3), (12, 20), (0, 20)):
        test, control = cohorts(visitors, days)
        for of in (retention, engagement):
            assert fit_power_law(of(test), of(control), rng, rounds=20) is None
