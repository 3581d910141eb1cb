"""A crowd: visitors of several arms with known power laws, made by vectors, not one by one."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from arena.experiment.cohort import Cohort, make_cohort

NORMAL = NormalDist()

SECONDS_A_TURN = 45


@dataclass(frozen=True, slots=True)
class SyntheticArm:
    """What is true of one arm: R(k) = e^zeta · k^beta and E(k) = e^alpha · k^gamma, for k ≥ 1.

    R: the chance to be active on day k after joining. E: mean seconds of who is active. Others:
    chances of a reply to be answered in time, retried, given a thumb; and of a thumb to be up.
    """

    name: str
    zeta: float
    beta: float
    alpha: float
    gamma: float
    answered: float = 0.62
    retries: float = 0.06
    thumbs: float = 0.08
    ups: float = 0.6

    def retention(self, k: np.ndarray) -> np.ndarray:
        return np.exp(self.zeta) * k**self.beta

    def engagement(self, k: np.ndarray) -> np.ndarray:
        return np.exp(self.alpha) * k**self.gamma


HABIT = 0.5
"""The correlation, across days, of the normal behind a visitor's coming or not."""

LENGTH, SPREAD = 0.6, 0.8
"""Standard deviations of a visitor's log mean stay, and of a single stay's log around it."""

BOND = 0.4
"""The correlation of coming often with staying long. None of these moves R(k) or E(k)."""

CONTROL = SyntheticArm("control", zeta=np.log(0.42), beta=-0.55, alpha=np.log(600), gamma=-0.18)


def arms(count: int) -> tuple[SyntheticArm, ...]:
    """`count` arms: the control, and others that start and decay ever more differently."""
    listing = [CONTROL]
    for n in range(1, count):
        step = (n + 1) // 2 * (1 if n % 2 else -1)
        arm = SyntheticArm(
            f"arm-{n + 1}",
            CONTROL.zeta + 0.10 * step,
            CONTROL.beta + 0.04 * step,
            CONTROL.alpha + 0.08 * step,
            CONTROL.gamma + 0.03 * step,
            answered=min(0.95, CONTROL.answered + 0.03 * step),
            ups=min(0.95, CONTROL.ups + 0.04 * step),
        )
        listing.append(arm)
    return tuple(listing)


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticVisitors:
    """The visits of one arm's visitors, as columns (n,), and the day each visitor joined.

    joined (v,) and day count days from the first one, 0. visitor indexes `joined`. tallies (n, 7):
    COUNTS of each visit. days: how many days were seen.
    """

    name: str
    days: int
    joined: np.ndarray
    visitor: np.ndarray
    day: np.ndarray
    seconds: np.ndarray
    tallies: np.ndarray

    def cohort(self) -> Cohort:
        """The crowd as it stands when its last day is over."""
        visits = (self.visitor, self.day, self.seconds, *self.tallies.T)
        return make_cohort(self.name, self.days, self.joined, visits, self.days - 1)


def synthetic_visitors(
    arm: SyntheticArm,
    visitors: int,
    days: int,
    rng: np.random.Generator,
    joining: int | None = None,
) -> SyntheticVisitors:
    """`visitors` who joined evenly over the first `joining` of `days` days, and all their visits.

    joining: by default the first half, so that late days are seen of early visitors only. arm: its
    R(k) must lie below 1.
    """
    joined = rng.integers(0, joining or max(1, days // 2), visitors)
    habit = rng.standard_normal(visitors, dtype=np.float32)
    active = _active(arm, habit, days, rng)
    active &= (days - 1 - joined)[:, None] >= np.arange(days)
    visitor, after = np.nonzero(active)
    seconds = _stays(arm, habit, visitor, after, rng)
    tallies = _tallies(arm, visitors, visitor, seconds, rng)
    return SyntheticVisitors(
        arm.name, days, joined, visitor, joined[visitor] + after, seconds, tallies
    )


def _active(
    arm: SyntheticArm, habit: np.ndarray, days: int, rng: np.random.Generator
) -> np.ndarray:
    """(v, days): who comes on which day after joining; all come on day 0.

    A Gaussian copula: x = √HABIT·habit + √(1 - HABIT)·e is standard normal on each day, and who has
    x < Φ⁻¹(R(k)) comes. So R(k) is exact while the days of a visitor hang together.
    """
    chance = arm.retention(np.arange(1, days))
    x = rng.standard_normal((len(habit), days - 1), dtype=np.float32)
    x *= np.sqrt(1 - HABIT)
    x += np.float32(np.sqrt(HABIT)) * habit[:, None]
    edge = np.array([NORMAL.inv_cdf(c) for c in chance], dtype=np.float32)
    return np.concatenate([np.ones((len(habit), 1), bool), x < edge], axis=1)


def _stays(
    arm: SyntheticArm,
    habit: np.ndarray,
    visitor: np.ndarray,
    after: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """(n,): seconds of each visit, log-normal, with the mean E(k) among those who came on day k.

    The visitor's own part b is correlated with -x, so that who comes often stays long; the mean of
    e^(τb) among those with x < q is e^(τ²/2)·Φ(q + τr)/Φ(q), r = BOND·√HABIT, and is divided out.
    """
    k = np.arange(1, after.max(initial=1) + 1)
    pull = LENGTH * BOND * np.sqrt(HABIT)
    selected = [NORMAL.cdf(NORMAL.inv_cdf(c) + pull) / c for c in arm.retention(k).tolist()]
    # Day 0, on which all come, has no place on a logarithmic axis: it is as long as day 1.
    mean = arm.engagement(np.append(1, k)) / np.append(1.0, selected)
    own = np.sqrt(1 - BOND**2) * rng.standard_normal(len(habit)) - BOND * habit
    log = LENGTH * own[visitor] + SPREAD * rng.standard_normal(len(visitor))
    return mean[after] * np.exp(log - (LENGTH**2 + SPREAD**2) / 2)


def _tallies(
    arm: SyntheticArm,
    visitors: int,
    visitor: np.ndarray,
    seconds: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """(n, 7): COUNTS of each visit; visitors differ in their chances, by a beta distribution."""

    def count(n: np.ndarray, chance: float) -> np.ndarray:
        return rng.binomial(n, rng.beta(8 * chance, 8 * (1 - chance), visitors)[visitor])

    turns = 1 + rng.poisson(seconds / SECONDS_A_TURN)
    conversations = 1 + rng.binomial(turns - 1, 0.15)
    answered, retries = count(turns, arm.answered), count(turns, arm.retries)
    thumbs = count(turns, arm.thumbs)
    ups = count(thumbs, arm.ups)
    # In the order of COUNTS; every turn has its reply.
    columns = (conversations, turns, turns, answered, retries, ups, thumbs - ups)
    return np.stack(columns, axis=1)
