"""Visits → retention and engagement by day, their power-law ratios, the test, the sooner proxies.

The measures are those of Blending Is All You Need (arXiv 2401.02994): R(k), the share of a group's
visitors that are active on day k after joining, and E(k), the mean time of those who are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from arena.experiment.cohort import MIN_VISITORS, Cohort
from arena.experiment.daily import engagement, retention
from arena.experiment.power_law import PowerLawFit, fit_power_law
from arena.experiment.proxies import Proxy, proxies
from arena.experiment.sequential import SequentialTest, sequential_tests
from blend.evaluation.shares import Z, wilson_bounds

LEVEL = 0.05
"""The chance of any false alarm in a whole experiment, however many arms and however often read."""


@dataclass(frozen=True, slots=True, eq=False)
class DailyCurve:
    """A mean by day with its 95 % interval; NaN where it is of fewer than MIN_VISITORS visitors.

    visitors: of how many it is; all are arrays over the days 0 … K after joining.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    visitors: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class ArmReport:
    """One arm; against the control the two fits and the two tests, None for the control."""

    name: str
    visitors: int
    retention: DailyCurve
    engagement: DailyCurve
    proxies: tuple[Proxy, ...]
    retention_fit: PowerLawFit | None = None
    engagement_fit: PowerLawFit | None = None
    retention_test: SequentialTest | None = None
    engagement_test: SequentialTest | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ExperimentReport:
    """An experiment as of `today`: arms of at least MIN_VISITORS visitors, the control first.

    too_small: names of the arms that are not shown. level: α that each comparison was given.
    """

    today: int
    control: str
    arms: tuple[ArmReport, ...]
    too_small: tuple[str, ...]
    level: float


def analyse_experiment(
    cohorts: Sequence[Cohort], control: str, rng: np.random.Generator, rounds: int = 999
) -> ExperimentReport:
    """Everything that is known of an experiment. All cohorts share `today` and horizon.

    `level` is divided by the number of comparisons that the experiment can make, so that all of
    them together raise a false alarm in at most one experiment of twenty.
    """
    today = max((cohort.today for cohort in cohorts), default=0)
    level = LEVEL / max(1, 2 * (len(cohorts) - 1))
    large = [cohort for cohort in cohorts if (cohort.reach >= 0).sum() >= MIN_VISITORS]
    large.sort(key=lambda cohort: cohort.name != control)
    base = large[0] if large and large[0].name == control else None
    arms = tuple(
        compare_arm(cohort, base, level, rng, rounds)
        if base is not None and cohort is not base
        else describe_arm(cohort)
        for cohort in large
    )
    named = {arm.name for arm in arms}
    too_small = tuple(cohort.name for cohort in cohorts if cohort.name not in named)
    return ExperimentReport(today, control, arms, too_small, level)


def describe_arm(cohort: Cohort) -> ArmReport:
    """What one arm shows by itself."""
    curves = retention_curve(cohort), engagement_curve(cohort)
    return ArmReport(cohort.name, cohort.size, *curves, proxies(cohort))


def compare_arm(
    cohort: Cohort, control: Cohort, level: float, rng: np.random.Generator, rounds: int
) -> ArmReport:
    """What an arm shows, by itself and against the control."""
    lines = [fit_power_law(of(cohort), of(control), rng, rounds) for of in (retention, engagement)]
    looks = sequential_tests(cohort, control, level)
    return replace(
        describe_arm(cohort),
        retention_fit=lines[0],
        engagement_fit=lines[1],
        retention_test=looks[0],
        engagement_test=looks[1],
    )


def retention_curve(cohort: Cohort) -> DailyCurve:
    """R(k) with Wilson's interval: on one day visitors are independent."""
    came, n = cohort.active.sum(0), cohort.eligible.sum(0)
    safe = np.maximum(n, 1)
    return _shown(came / safe, *wilson_bounds(came / safe, safe), n)


def engagement_curve(cohort: Cohort) -> DailyCurve:
    """E(k) in seconds, its interval symmetric on the logarithm because stays are long-tailed."""
    n = cohort.active.sum(0)
    safe = np.maximum(n, 1)
    mean = cohort.seconds.sum(0, dtype=float) / safe
    squares = (((cohort.seconds - mean) ** 2) * cohort.active).sum(0, dtype=float)
    error = np.sqrt(squares / np.maximum(safe - 1, 1) / safe)
    factor = np.exp(Z * error / np.maximum(mean, 1e-9))
    return _shown(mean, mean / factor, mean * factor, n)


def _shown(value: np.ndarray, low: np.ndarray, high: np.ndarray, n: np.ndarray) -> DailyCurve:
    return DailyCurve(
        *(np.where(n >= MIN_VISITORS, each, np.nan) for each in (value, low, high)), n
    )
