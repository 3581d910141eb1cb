"""A test of "no difference" that may be looked at every day: asymptotic confidence sequences.

Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic
confidence sequences" (arXiv 2103.06476): for an estimate from t independent visitors whose
influences have the standard deviation σ,
    estimate ± σ·√( 2(tρ² + 1)/(t²ρ²) · log(√(tρ² + 1)/α) )
holds the truth at all t at once with probability 1 - α: looking daily and stopping at will cost
nothing. A visitor counts once, when the first week after joining is over: the days of a visitor
are not independent of one another.
"""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from arena.experiment.cohort import Cohort
from blend.evaluation.resample import Estimate

WINDOW = 7
"""Days after joining that a visitor is judged by."""

FEWEST = 50
"""Visitors that each cohort needs before the first look: the sequences are asymptotic."""

PLANNED = 1_000
"""Visitors of both cohorts at which the interval is tightest; any number chosen ahead is valid."""

POWER = 0.841621
"""The normal quantile of 80 %."""

MOST = 2**62
"""More visitors than this are never asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class SequentialTest:
    """What each day's look saw; arrays of one length, which is 0 where it is too early.

    days: as in the cohorts. visitors: of both cohorts, judged by then. value, low, high: the log
    ratio and its interval; all looks together hold the truth with 1 - level. sigma: the standard
    deviation of one visitor's influence at the last look.
    """

    days: np.ndarray
    visitors: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float
    sigma: float

    @property
    def latest(self) -> Estimate | None:
        """The interval of the last look."""
        if not len(self.days):
            return None
        return Estimate(float(self.value[-1]), float(self.low[-1]), float(self.high[-1]))

    @property
    def alarm(self) -> int | None:
        """The first day on which the interval left "no difference" out; None: there was none."""
        out = (self.low > 0) | (self.high < 0)
        return int(self.days[np.argmax(out)]) if out.any() else None

    def needed(self, effect: float) -> int | None:
        """Visitors still to come, of both cohorts, to see a log ratio of `effect` in 4 of 5 cases.

        None before the first look: how much visitors differ is not known yet.
        """
        if not len(self.days) or not effect:
            return None

        def enough(visitors: int) -> bool:
            n = float(visitors)
            return self.sigma * (boundary(n, self.level) + POWER / np.sqrt(n)) <= abs(effect)

        least = 2 + bisect_left(range(2, MOST), True, key=enough)
        return max(0, least - int(self.visitors[-1]))


def boundary(visitors: np.ndarray, level: float) -> np.ndarray:
    """Half the interval's width, for σ = 1; ρ is chosen to make it least at PLANNED visitors."""
    rho = (1 - 2 * np.log(level) + np.log(-2 * np.log(level))) / PLANNED
    spent = visitors * rho + 1
    return np.sqrt(2 * spent / (visitors**2 * rho) * np.log(np.sqrt(spent) / level))


def sequential_tests(
    test: Cohort, control: Cohort, level: float
) -> tuple[SequentialTest, SequentialTest]:
    """Every day's look at retention and engagement of the first week, test against control.

    Retention: days active in the week. Engagement: seconds a day of those. level: α of one of the
    two; who makes n comparisons and wants one false alarm in 20 experiments gives 0.05/n to each.
    """
    first = int(min(test.joined.min(initial=test.today), control.joined.min(initial=test.today)))
    looks = np.arange(first, test.today + 1)
    a, b = (_weeks(cohort, first) for cohort in (test, control))
    seen = (np.minimum(a[0], b[0]) >= FEWEST) & (np.minimum(a, b)[1:3] > 0).all(0)
    a, b, looks = a[:, seen], b[:, seen], looks[seen]
    watches = []
    for of in (_retention, _engagement):
        (one, spread), (other, spread_too) = of(*a), of(*b)
        sigma = np.sqrt((spread + spread_too) * (a[0] + b[0]))
        half = sigma * boundary(a[0] + b[0], level)
        value, last = one - other, float(sigma[-1]) if len(looks) else 0.0
        visitors = (a[0] + b[0]).astype(int)
        watches.append(
            SequentialTest(looks, visitors, value, value - half, value + half, level, last)
        )
    return tuple(watches)


def _weeks(cohort: Cohort, first: int) -> np.ndarray:
    """(6, looks): visitors judged by each look, and sums over them of a, s, a², s² and a·s.

    a: days active in the first week. s: seconds stayed. first: the day of the first look.
    """
    window = min(WINDOW, len(cohort.days) - 1)
    over = cohort.reach >= window
    week = slice(1, window + 1)
    a = cohort.active[over, week].sum(1, dtype=float)
    s = cohort.seconds[over, week].sum(1, dtype=float)
    # Judged from the day after the week's last one: that is when it is over.
    look = cohort.joined[over] + window + 1 - first
    columns = (np.ones_like(a), a, s, a * a, s * s, a * s)
    looks = cohort.today + 1 - first
    return np.cumsum([np.bincount(look, each, looks) for each in columns], axis=1)


Moments = tuple[np.ndarray, np.ndarray]
"""A logarithm at each look, and its variance."""


def _retention(n: np.ndarray, a: np.ndarray, _s: np.ndarray, aa: np.ndarray, *_) -> Moments:
    """The log of the mean of a."""
    mean = a / n
    return np.log(mean), (aa / n - mean**2) / ((n - 1) * mean**2)


def _engagement(
    n: np.ndarray, a: np.ndarray, s: np.ndarray, aa: np.ndarray, ss: np.ndarray, both: np.ndarray
) -> Moments:
    """The log of Σs/Σa, its variance by linearisation."""
    ratio = s / a
    squares = ss - 2 * ratio * both + ratio**2 * aa
    return np.log(ratio), squares / s**2 * n / (n - 1)
