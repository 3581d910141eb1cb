"""Outcomes into ratings: Bradley-Terry with intervals and ranks.

Pure: values in, frozen values out. Ratings are on the chess scale: 1000 + 400·ξ/ln 10, ξ the
strength in log-odds, so 400 points are odds of ten to one.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from threadpoolctl import threadpool_limits

from arena.ballot import Ballots, Counts
from arena.interval import resampled_visitors, sandwich, strengths
from arena.notes import notes

CENTRE = 1000.0
SCALE = 400 / math.log(10)
"""Rating points per unit of log-odds: 173.7."""

MINIMUM = 20
"""Battles below which a contender is preliminary."""

Z = NormalDist().inv_cdf(0.975)
"""Half-width of a 95 % interval in standard errors."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One contender on the board.

    `low` and `high` bound the 95 % interval of `rating`. `rank` is 1 + the number of contenders
    whose lower bound is above this upper bound; `worst` is the last rank that the intervals allow.
    `wins`, `ties`, `both_bad` count battles; the rest of `battles` was lost. `group` numbers the
    contenders that battles connect (0 is the largest group).
    """

    name: str
    rating: float
    low: float
    high: float
    rank: int
    worst: int
    battles: int
    wins: int
    ties: int
    both_bad: int
    preliminary: bool
    group: int


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """A board: rows best first, and what it was computed from.

    `covariance` (k, k) in squared rating points goes with `counts.names`; `notes` are sentences
    on what limits the numbers (no battles, undefeated, separate groups …).
    """

    rows: tuple[Rating, ...]
    counts: Counts
    covariance: np.ndarray
    minimum: int
    notes: tuple[str, ...]

    def __getitem__(self, name: str) -> Rating:
        return next(row for row in self.rows if row.name == name)

    def difference(self, a: str, b: str) -> tuple[float, float]:
        """How far a is above b, and the standard error of that, in points.

        The error is exact where overlapping intervals are not: both share the other battles.
        """
        i, j = self.counts.names.index(a), self.counts.names.index(b)
        c = self.covariance
        variance = c[i, i] + c[j, j] - 2 * c[i, j]
        return self[a].rating - self[b].rating, math.sqrt(max(variance, 0.0))


def bradley_terry(
    counts: Counts,
    anchor: str | None = None,
    ballots: Ballots | None = None,
    minimum: int = MINIMUM,
) -> Ratings:
    """Ratings by maximum likelihood on the counts; ties count half, both-bad battles not at all.

    The anchor is 1000 by definition and has no interval. Without one the mean is 1000, weighted by
    comparisons: a newcomer of unknown strength then neither moves the others nor blurs their
    intervals. Each contender has one phantom win and loss against the anchor (or a phantom), so
    that every board is finite. `ballots`, the same votes with their visitors, cluster the
    intervals by visitor; without them votes are taken as independent. Contenders under `minimum`
    battles are marked preliminary. Raises ValueError for an unknown anchor.
    """
    fixed = anchored(counts, anchor)
    xi = strengths(counts.points[None], fixed)[0]
    return rated(counts, xi, sandwich(counts, xi, fixed, ballots), fixed, minimum)


def estimates(counts: Counts) -> np.ndarray:
    """(k,) the ratings of `bradley_terry` alone, without an anchor: in a tenth of its time."""
    xi = strengths(counts.points[None], None)
    return _scaled(xi[:, : len(counts.names)], counts, None)[0]


def rated(
    counts: Counts,
    xi: np.ndarray,
    covariance: np.ndarray,
    anchor: int | None,
    minimum: int = MINIMUM,
) -> Ratings:
    """The board of strengths ξ (m,) and their covariance (m, m), whichever model gave them."""
    k = len(counts.names)
    points = _scaled(xi[None, :k], counts, anchor)[0]
    shift = np.eye(k) - _zero(counts, anchor)
    covariance = shift @ covariance[:k, :k] @ shift.T * SCALE**2
    half = Z * np.sqrt(np.diag(covariance).clip(min=0))
    rows = _rows(counts, points, points - half, points + half, minimum)
    return Ratings(rows, counts, covariance, minimum, notes(counts))


def bootstrap(
    ballots: Ballots, anchor: str | None = None, rounds: int = 200, *, rng: np.random.Generator
) -> np.ndarray:
    """(rounds, k) ratings of resampled visitors; their quantiles are the interval."""
    fixed = anchored(ballots, anchor)
    # The products are small: on threads they take several times as long.
    with threadpool_limits(1, user_api="blas"):
        xi = strengths(resampled_visitors(ballots, rounds, rng), fixed)
    return _scaled(xi[:, : len(ballots.names)], ballots.counts(), fixed)


def anchored(votes: Counts | Ballots, anchor: str | None) -> int | None:
    """The anchor's index. Raises ValueError where it is nobody's name."""
    if anchor is None:
        return None
    if anchor not in votes.names:
        raise ValueError(f"the anchor {anchor!r} is none of {', '.join(votes.names) or 'nobody'}")
    return votes.names.index(anchor)


def _zero(counts: Counts, anchor: int | None) -> np.ndarray:
    """(k,) weights, summing to one, of the mean that becomes 1000: all on the anchor, if any."""
    if anchor is not None:
        return np.eye(len(counts.names))[anchor]
    compared = counts.win_rates()[1].sum(1)
    if not compared.any():
        compared = np.ones_like(compared)
    return compared / max(compared.sum(), 1)


def _scaled(xi: np.ndarray, counts: Counts, anchor: int | None) -> np.ndarray:
    """(b, k) points of (b, k) log-odds."""
    return CENTRE + SCALE * (xi - (xi @ _zero(counts, anchor))[:, None])


def _rows(
    counts: Counts, points: np.ndarray, low: np.ndarray, high: np.ndarray, minimum: int
) -> tuple[Rating, ...]:
    battles, wins = counts.took_part(), counts.wins
    ties, both_bad = counts.took_part("tie"), counts.took_part("both_bad")
    group = {name: g for g, names in enumerate(counts.groups()) for name in names}
    rows = [
        Rating(
            name=name,
            rating=float(points[i]),
            low=float(low[i]),
            high=float(high[i]),
            rank=1 + int((low > high[i]).sum()),
            worst=len(points) - int((high < low[i]).sum()),
            battles=round(battles[i]),
            wins=round(wins[i]),
            ties=round(ties[i]),
            both_bad=round(both_bad[i]),
            preliminary=bool(battles[i] < minimum),
            group=group[name],
        )
        for i, name in enumerate(counts.names)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.rating, row.name)))
