"""A test of "no difference" that may be looked at every day: asymptotic confidence sequences.

Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic
confidence sequences" (arXiv 2103.06476): for an estimate from t independent visitors whose
influences have the standard deviation σ,
    estimate ± σ·√( 2(tρ² + 1)/(t²ρ²) · log(√(tρ² + 1)/α) )
holds the truth at all t at once with probability 1 - α, so that looking daily and stopping at will
cost nothing. Visitors come one after another, each once, when the first week after joining is
over: one visitor's days are no sequence of independent things, the week as a whole is one.
"""

from dataclasses import dataclass

import numpy as np

from blend.cohort import Cohort
from blend.resample import Estimate

WINDOW = 7
"""Days after joining that a visitor is judged by."""

FEWEST = 50
"""Visitors that each cohort needs before the first look: the sequences are asymptotic."""

PLANNED = 1_000
"""Visitors of both cohorts at which the interval is tightest; any number chosen ahead is valid."""

POWER = 0.841621
"""The normal quantile of 80 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What each day's look saw; arrays of one length, which is 0 where it is too early.

    days: of the looks, counted as in the cohorts. visitors: of both cohorts, judged by then. value,
    low, high: the log ratio and its interval; all looks together hold the truth with 1 - level.
    sigma: the standard deviation of one visitor's influence, as of the last look.
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
        low, high = 1, 2
        while not self._enough(high, effect):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._enough(middle, effect) else (middle, high)
        return max(0, high - int(self.visitors[-1]))

    def _enough(self, visitors: int, effect: float) -> bool:
        n = np.array([float(visitors)])
        return bool(self.sigma * (reach(n, self.level) + POWER / np.sqrt(n))[0] <= abs(effect))


def reach(visitors: np.ndarray, level: float) -> np.ndarray:
    """Half the interval's width, for σ = 1; ρ is chosen to make it least at PLANNED visitors."""
    rho = (1 - 2 * np.log(level) + np.log(-2 * np.log(level))) / PLANNED
    spent = visitors * rho + 1
    return np.sqrt(2 * spent / (visitors**2 * rho) * np.log(np.sqrt(spent) / level))


def watch(test: Cohort, control: Cohort, level: float) -> tuple[Watch, Watch]:
    """Every day's look at retention and engagement of the first week, test against control.

    Retention: days active in the week. Engagement: seconds a day of those. level: α of one of the
    two; who makes n comparisons and wants one false alarm in 20 experiments gives 0.05/n to each.
    """
    first = int(min(test.joined.min(initial=test.today), control.joined.min(initial=test.today)))
    looks = np.arange(first, test.today + 1)
    a, b = (_Weeks.of(cohort, first) for cohort in (test, control))
    seen = (np.minimum(a.n, b.n) >= FEWEST) & (np.minimum(a.came, b.came) > 0)
    seen &= np.minimum(a.stayed, b.stayed) > 0
    a, b, looks = a.at(seen), b.at(seen), looks[seen]
    return tuple(
        _watch(looks, a.n + b.n, one[0] - other[0], one[1] + other[1], level)
        for one, other in ((a.retention(), b.retention()), (a.engagement(), b.engagement()))
    )


def _watch(
    days: np.ndarray, visitors: np.ndarray, value: np.ndarray, variance: np.ndarray, level: float
) -> Watch:
    sigma = np.sqrt(variance * visitors)
    half = sigma * reach(visitors, level)
    last = float(sigma[-1]) if len(days) else 0.0
    return Watch(days, visitors.astype(int), value, value - half, value + half, level, last)


@dataclass(frozen=True, slots=True, eq=False)
class _Weeks:
    """Sums over the visitors judged by each look: a days active, s seconds; arrays a look."""

    n: np.ndarray
    came: np.ndarray
    stayed: np.ndarray
    came2: np.ndarray
    stayed2: np.ndarray
    both: np.ndarray

    @classmethod
    def of(cls, cohort: Cohort, first: int) -> "_Weeks":
        window = min(WINDOW, len(cohort.days) - 1)
        over = cohort.reach >= window
        week = slice(1, window + 1)
        a = cohort.active[over, week].sum(1, dtype=float)
        s = cohort.seconds[over, week].sum(1, dtype=float)
        # Judged from the day after the week's last one: that is when it is over.
        look = cohort.joined[over] + window + 1 - first
        sums = (np.ones_like(a), a, s, a * a, s * s, a * s)
        looks = cohort.today + 1 - first
        return cls(*(np.cumsum(np.bincount(look, each, looks)) for each in sums))

    def at(self, looks: np.ndarray) -> "_Weeks":
        return _Weeks(*(getattr(self, name)[looks] for name in self.__slots__))

    def retention(self) -> tuple[np.ndarray, np.ndarray]:
        """The log of the mean of a, and its variance."""
        mean = self.came / self.n
        spread = self.came2 / self.n - mean**2
        return np.log(mean), spread / ((self.n - 1) * mean**2)

    def engagement(self) -> tuple[np.ndarray, np.ndarray]:
        """The log of Σs/Σa, and its variance by linearisation."""
        ratio = self.stayed / self.came
        squares = self.stayed2 - 2 * ratio * self.both + ratio**2 * self.came2
        return np.log(ratio), squares / self.stayed**2 * self.n / (self.n - 1)
