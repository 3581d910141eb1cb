"""Outcomes into ratings: Bradley-Terry with intervals and ranks.

On the chess scale: 1000 + 400·ξ/ln 10, ξ in log-odds, so 400 points are odds of ten to one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from threadpoolctl import threadpool_limits

from arena.ranking.ballots import Ballots, PairCounts
from arena.ranking.bradley_terry import fit_strengths, resample_visitors, strength_covariance
from arena.ranking.caveats import caveats

CENTRE = 1000.0
SCALE = 400 / math.log(10)
"""Rating points per unit of log-odds: 173.7."""

MINIMUM = 20
"""Battles below which a contender is preliminary."""

Z = NormalDist().inv_cdf(0.975)
"""Half-width of a 95 % interval in standard errors."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One contender on the board, in points with a 95 % interval.

    rank: 1 + the number of contenders whose lower bound is above this upper bound. worst: the last
    rank that the intervals allow. wins, ties, both_bad: battles; the rest of `battles` was lost.
    group: number of the group that battles connect (0 is the largest).
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

    covariance: (k, k) in squared points, in the order of `counts.names`. notes: sentences on what
    limits the numbers (no battles, undefeated, separate groups …).
    """

    rows: tuple[Rating, ...]
    counts: PairCounts
    covariance: np.ndarray
    minimum: int
    notes: tuple[str, ...]

    def __getitem__(self, name: str) -> Rating:
        return next(row for row in self.rows if row.name == name)

    def contrast(self, weights: Mapping[str, float]) -> tuple[float, float]:
        """Σ weight·rating over names, and its standard error, in points.

        The error is exact where overlapping intervals are not: contenders share battles.
        """
        w = np.array([weights.get(name, 0.0) for name in self.counts.names])
        value = sum(weight * self[name].rating for name, weight in weights.items())
        return value, math.sqrt(max(float(w @ self.covariance @ w), 0.0))

    def difference(self, a: str, b: str) -> tuple[float, float]:
        """How far a is above b, and the standard error of that, in points."""
        return self.contrast({a: 1.0, b: -1.0})

    def gaps(self, names: Sequence[str]) -> np.ndarray:
        """(n, n) how far the row of some names is above the column, in points; 0 where that cannot
        be told: one of the two was never compared, or no battles connect them."""
        compared = dict(zip(self.counts.names, self.counts.compared.tolist(), strict=True))
        known = {row.name: (row.group, row.rating) for row in self.rows if compared[row.name]}
        group, rating = np.array([known.get(name, (-1, 0.0)) for name in names]).reshape(-1, 2).T
        return np.where(group[:, None] == group, rating[:, None] - rating, 0.0)


def bradley_terry(
    counts: PairCounts,
    anchor: str | None = None,
    ballots: Ballots | None = None,
    minimum: int = MINIMUM,
) -> Ratings:
    """Ratings by maximum likelihood on the counts; ties count half, both-bad battles not at all.

    The anchor is 1000 and has no interval. Without one the mean is 1000, weighted by comparisons: a
    newcomer of unknown strength then neither moves the others nor blurs their intervals. Each
    contender has one phantom win and loss against the anchor (or a phantom), so that every board is
    finite. ballots: the same votes with their visitors; without them votes are taken as
    independent. minimum: battles under which one is preliminary. Raises ValueError for an anchor
    that is nobody.
    """
    fixed = anchor_index(counts, anchor)
    xi = fit_strengths(counts.points[None], fixed)[0]
    return make_ratings(counts, xi, strength_covariance(counts, xi, fixed, ballots), fixed, minimum)


def weighted_ratings(
    ballots: Ballots, anchor: str | None = None, minimum: int = MINIMUM
) -> Ratings:
    """Ratings as if every pair had met equally often: each vote weighs 1/P of its pair.

    P is the column `chance` (Horvitz and Thompson 1952). Where Bradley-Terry holds exactly, weights
    only widen the intervals. Where it does not, a rating is a mean over opponents: with weights
    that of an even pairing. Rows count battles without weights. Raises ValueError for a chance that
    is not known, as with imported votes.
    """
    chance = ballots.column("chance")
    if unknown := int(np.isnan(chance).sum()):
        raise ValueError(f"{unknown:,} votes do not say how likely their pair was: leave them out")
    weights = 1 / chance
    weights /= weights.mean() if len(weights) else 1.0
    fixed = anchor_index(ballots, anchor)
    counts = ballots.counts(weights)
    xi = fit_strengths(counts.points[None], fixed)[0]
    covariance = strength_covariance(counts, xi, fixed, ballots, weights)
    return make_ratings(ballots.counts(), xi, covariance, fixed, minimum)


def point_ratings(counts: PairCounts) -> np.ndarray:
    """(k,) the ratings of `bradley_terry` alone, without an anchor: in a tenth of its time."""
    xi = fit_strengths(counts.points[None], None)
    return _scaled(xi[:, : len(counts.names)], counts, None)[0]


def make_ratings(
    counts: PairCounts, xi: np.ndarray, covariance: np.ndarray, anchor: int | None, minimum: int
) -> Ratings:
    """The board of strengths ξ (m,) and their covariance (m, m), whichever model gave them."""
    k = len(counts.names)
    points = _scaled(xi[None, :k], counts, anchor)[0]
    shift = np.eye(k) - _zero(counts, anchor)
    covariance = shift @ covariance[:k, :k] @ shift.T * SCALE**2
    half = Z * np.sqrt(np.diag(covariance).clip(min=0))
    rows = _rows(counts, points, points - half, points + half, minimum)
    return Ratings(rows, counts, covariance, minimum, caveats(counts))


def bootstrap(
    ballots: Ballots, anchor: str | None = None, rounds: int = 200, *, rng: np.random.Generator
) -> np.ndarray:
    """(rounds, k) ratings of resampled visitors; their quantiles are the interval."""
    fixed = anchor_index(ballots, anchor)
    # The products are small: on threads they take several times as long.
    with threadpool_limits(1, user_api="blas"):
        xi = fit_strengths(resample_visitors(ballots, rounds, rng), fixed)
    return _scaled(xi[:, : len(ballots.names)], ballots.counts(), fixed)


def anchor_index(votes: PairCounts | Ballots, anchor: str | None) -> int | None:
    """The anchor's index. Raises ValueError where it is nobody's name."""
    if anchor is not None and anchor not in votes.names:
        raise ValueError(f"the anchor {anchor!r} is none of {', '.join(votes.names) or 'nobody'}")
    return None if anchor is None else votes.names.index(anchor)


def _zero(counts: PairCounts, anchor: int | None) -> np.ndarray:
    """(k,) weights, summing to one, of the mean that becomes 1000: all on the anchor, if any."""
    if anchor is not None:
        return np.eye(len(counts.names))[anchor]
    compared = counts.compared
    if not compared.any():
        compared = np.ones_like(compared)
    return compared / max(compared.sum(), 1)


def _scaled(xi: np.ndarray, counts: PairCounts, anchor: int | None) -> np.ndarray:
    """(b, k) points of (b, k) log-odds."""
    return CENTRE + SCALE * (xi - (xi @ _zero(counts, anchor))[:, None])


def _rows(
    counts: PairCounts, points: np.ndarray, low: np.ndarray, high: np.ndarray, minimum: int
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
