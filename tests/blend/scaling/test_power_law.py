"""The law's fit: known laws come back, scipy agrees, and degenerate points are said to be so."""

import numpy as np
import pytest
from scipy.optimize import curve_fit

from blend.evaluation.resample import resample
from blend.scaling.power_law import UnfittableCurve, fit, solve

SIZES = 1e6 * np.array([0.16, 0.42, 0.92, 1.97, 3.9, 6.8])


def law(sizes, floor=0.8):
    return 0.3 * (sizes / 1e6) ** -0.5 + floor


def means(values, noise=1e-3):
    rng = np.random.default_rng(0)
    return np.vstack([values, values + rng.normal(0, noise, (200, len(values)))])


@pytest.mark.parametrize("noise", [1e-7, 0.01])
def test_scipys_own_curve_fit_says_the_same(noise):
    rng = np.random.default_rng(5)
    for _ in range(10):
        values = law(SIZES) + rng.normal(0, noise, len(SIZES))
        told = solve(SIZES / 1e6, values[None])[0]
        other, _ = curve_fit(
            lambda n, a, b, c: a * n**-b + c, SIZES / 1e6, values, (0.3, 0.5, 0.8),
            bounds=([0, 0.02, 0], [9, 5, 9]), xtol=1e-12, ftol=1e-12,
        )  # fmt: skip
        assert told == pytest.approx(other, rel=2e-3, abs=2e-3)


@pytest.mark.parametrize(
    ("sizes", "values", "said"),
    [
        (np.full(6, 1e6), law(SIZES), "is only one size where a law needs 4"),
        (np.repeat([1e6, 2e6, 4e6], 2), law(SIZES), "only 3 different sizes"),
        (SIZES, np.full(6, 1.5), "do not surely fall"),
        (SIZES, law(SIZES)[::-1], "do not surely fall"),
        (SIZES, 9 - 0.02 * np.log(SIZES / 1e6), "straight in log N"),
        (SIZES, np.array([2.0, 1, 1, 1, 1, 1]), "one step and then flat"),
        (SIZES, np.array([np.nan, 1, 1, 1, 1, 1]), "not finite"),
    ],
)
def test_degenerate_points_end_in_a_statement(sizes, values, said):
    with pytest.raises(UnfittableCurve, match=said):
        fit(sizes, means(values))


def test_a_floor_at_zero_is_said_and_never_below():
    found = fit(SIZES, means(law(SIZES, floor=0.0), noise=0.003))
    assert found.floor.low == 0 and found.floor.high < 0.2
    assert "the floor cannot be told from zero" in found.notes


def test_the_band_holds_the_line_and_the_points_of_the_truth():
    found = fit(SIZES, means(law(SIZES), noise=0.004))
    line, low, high = found.at(SIZES / 1e6)
    assert (low <= line).all() and (line <= high).all()
    assert np.abs(line - law(SIZES)).max() < 0.01


def test_resampled_means_are_ratios_of_sums_by_conversation():
    clusters, per = np.array([0, 0, 1, 2]), np.array([1.0, 2.0, 3.0, 4.0])
    nats = np.array([[1.0, 2], [3, 4], [5, 6], [7, 8]])
    found = resample(clusters, per, np.random.default_rng(0), 50)
    told = found.means(nats)

    assert told[0] == pytest.approx(nats.sum(axis=0) / per.sum())
    for weights, row in zip(found.weights, told, strict=True):
        each = weights[clusters]
        assert row == pytest.approx(each @ nats / (each @ per))
    assert found.estimates(nats)[0].low <= told[0, 0] <= found.estimates(nats)[0].high
