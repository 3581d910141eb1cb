"""Two cohorts' ratio as a power law of the day: weighted least squares on logarithms, resampled.

Blending Is All You Need (arXiv 2401.02994) reads its experiment so: with R(k) the share of a group
that is active on day k and E(k) the mean time of who is,
    log R_test(k)/R_control(k) = Δζ + Δβ·log k,    log E_test(k)/E_control(k) = Δα + Δγ·log k.
The paper gives lines without intervals. Added here: weights, bias and intervals.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from arena.experiment.daily import DailyMeans, design
from blend.evaluation.resample import Estimate
from blend.evaluation.shares import Z

FEWEST_DAYS = 3
"""A line through two days fits anything."""

FEWEST_VISITORS = 10
"""Days on which fewer are expected to come, in either cohort, tell noise and are left out."""

BLOCK = 5_000_000
"""Cells of resampling held at a time, 4 bytes each: memory is bounded, whatever the cohort."""


@dataclass(frozen=True, slots=True, eq=False)
class PowerLawFit:
    """log ratio(k) = start + slope·log k on the `days` that were fitted; arrays of their length.

    ratio, low, high: each day's own log ratio with its 95 % interval. under, over: the line's.
    """

    start: Estimate
    slope: Estimate
    days: np.ndarray
    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    under: np.ndarray
    over: np.ndarray

    @property
    def fitted(self) -> np.ndarray:
        return self.start.value + self.slope.value * np.log(self.days)


def fit_power_law(
    test: DailyMeans, control: DailyMeans, rng: np.random.Generator, rounds: int = 999
) -> PowerLawFit | None:
    """The line of test over control, with 95 % intervals from `rounds` resamples of visitors.

    A round draws as many visitors of each cohort as there are, with replacement, so that the days
    of one visitor stay together. Start and slope are studentised by their sandwich errors and the
    intervals symmetric (Hall, On symmetric bootstrap confidence intervals, 1988): plain
    percentiles are too short for long-tailed stays. None where it is too early: fewer than
    FEWEST_DAYS on which both expect FEWEST_VISITORS, or nothing that varies.
    """
    used = usable_days(test, control)
    variance = test.variance[used] + control.variance[used]
    if len(used) < FEWEST_DAYS or not (variance > 0).all():
        return None
    x = design(used + 1)
    weighted = x.T / variance
    hat = np.linalg.solve(weighted @ x, weighted)
    a, b = (resample(daily.on(used), hat, rng, rounds) for daily in (test, control))
    y, lines, squares = a[0][0] - b[0][0], (a[0][1:] - b[0][1:]) @ hat.T, a[1] + b[1]
    value, error = hat @ y, np.sqrt(squares[0])
    if not (error > 0).all():
        return None
    t = np.abs(lines - value) / np.sqrt(np.maximum(squares[1:], 1e-12))
    # Weibull's plotting positions: of 199 rounds the 190th, not the 189th.
    reach = np.quantile(t, 0.95, axis=0, method="weibull") * error
    under, over = np.quantile(lines @ x.T, [0.025, 0.975], axis=0)
    own = Z * np.sqrt(variance)
    columns = (each.tolist() for each in (value, value - reach, value + reach))
    start, slope = (Estimate(*row) for row in zip(*columns, strict=True))
    return PowerLawFit(start, slope, used + 1, y, y - own, y + own, under, over)


def usable_days(test: DailyMeans, control: DailyMeans) -> np.ndarray:
    """The indices of the days on which both can be told, chance alone not deciding which."""
    fine = np.ones(len(test.expected), dtype=bool)
    for daily in (test, control):
        whole = daily.sums(np.ones((len(daily.top), 1), np.float32))
        fine &= (daily.expected >= FEWEST_VISITORS) & ~np.isnan(daily.log(*whole)[0])
    return np.flatnonzero(fine)


def resample(
    daily: DailyMeans, hat: np.ndarray, rng: np.random.Generator, rounds: int
) -> tuple[np.ndarray, np.ndarray]:
    """(1 + rounds, d) logarithms, of the whole first and then of each resample of visitors, and
    (1 + rounds, 2) what they add to the variances of start and slope. hat (2, d): logs → both."""
    whole = np.ones((len(daily.top), 1), np.float32)
    logs, variances = [], []
    for weights in chain([whole], visitor_weights(len(daily.top), rounds, rng)):
        sums = daily.sums(weights)
        spreads = [daily.spread(loads, *sums, weights) for loads in hat]
        logs.append(daily.log(*sums))
        variances.append(np.stack(spreads, axis=1))
    logs = np.concatenate(logs)
    # A day on which a resample has nobody, one in thousands, is as it is in the whole.
    return np.where(np.isnan(logs), logs[0], logs), np.concatenate(variances)


def visitor_weights(visitors: int, rounds: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """(v, b) how often each visitor is drawn in each round, some rounds at a time."""
    while rounds > 0:
        size = min(rounds, max(1, BLOCK // visitors))
        place = rng.integers(0, visitors, (visitors, size)) * size + np.arange(size)
        drawn = np.bincount(place.ravel(), minlength=visitors * size)
        yield drawn.reshape(visitors, size).astype(np.float32)
        rounds -= size
