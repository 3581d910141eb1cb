"""Ties as an outcome of their own: Davidson's model, beside the board's half win.

R. R. Davidson, On extending the Bradley-Terry model to accommodate ties, JASA 65 (1970), eq. 2.3:
P(i wins) : P(j wins) : P(tie) = π_i : π_j : ν √(π_i π_j), with π = exp(ξ).
"""

import math
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import CHOICES, Ballots, PairCounts
from arena.ranking.bradley_terry import (
    LONGEST_STEP,
    SCORES,
    fit_strengths,
    laplacian,
    prior,
    sandwich_covariance,
    score_products,
    visitor_scores,
    win_probability,
)
from arena.ranking.ratings import MINIMUM, Ratings, Z, anchor_index, make_ratings

TIE = CHOICES.index("tie")

TIED = np.array([0.0, 0.0, 1.0])
"""What is a tie, of the CHOICES that compare."""


@dataclass(frozen=True, slots=True, eq=False)
class TieFit:
    """Ratings by Davidson's model, and the share of ties between equals with its 95 % interval.

    A difference of ratings is the odds of a win among the decided votes; the half win takes it from
    the expected score, so that the more ties there are the nearer together its ratings lie. Both
    bad is no tie, and in neither. nu: Davidson's ν; the share is ν / (2 + ν).
    """

    ratings: Ratings
    nu: float
    share: float
    low: float
    high: float


def rate_with_ties(ballots: Ballots, anchor: str | None = None, minimum: int = MINIMUM) -> TieFit:
    """The fit with intervals clustered by visitor. Raises ValueError for an anchor that is nobody.

    The prior is the board's, a win and a loss of each contender, and one tie and one decided vote
    between equals: without any tie, or with nothing else, ν stays finite.
    """
    counts, fixed = ballots.counts(), anchor_index(ballots, anchor)
    xi, delta = fit_davidson(counts, fixed)
    covariance = _covariance(counts, xi, delta, fixed, ballots)
    half = Z * math.sqrt(max(covariance[-1, -1], 0.0))
    share, low, high = (_share(d) for d in (delta, delta - half, delta + half))
    m = len(xi)
    ratings = make_ratings(counts, xi, covariance[:m, :m], fixed, minimum)
    return TieFit(ratings, math.exp(delta), share, low, high)


def fit_davidson(counts: PairCounts, anchor: int | None) -> tuple[np.ndarray, float]:
    """(m,) strengths ξ, m as in `bradley_terry`, and δ = ln ν, by Newton on the counts.

    The likelihood is that of an exponential family, so it has one maximum. No step moves two
    strengths, or δ, further than LONGEST_STEP.
    """
    phantom, reference = prior(len(counts.names), anchor)
    m, ties = len(phantom), counts.table[:, :, TIE].sum()
    met = counts.points + counts.points.T
    share = (ties + 1) / (met.sum() / 2 + 2)
    theta = np.append(
        fit_strengths(counts.points[None], anchor)[0], math.log(2 * share / (1 - share))
    )
    free = np.delete(np.arange(m + 1), reference)
    for _ in range(100):
        xi, delta = theta[:m], theta[m]
        win, tie = outcome_chances(xi[: len(met)], delta)
        even, against = _share(delta), win_probability(xi)
        gradient = np.append((phantom - 2 * phantom * against).sum(1), 1 - 2 * even)
        gradient[: len(met)] += (counts.points - met * (win + tie / 2)).sum(1)
        gradient[m] += ties - (met * tie).sum() / 2
        hessian = _information(met, win, tie, m)
        hessian[:m, :m] += laplacian(2 * phantom * against * (1 - against))
        hessian[m, m] += 2 * even * (1 - even)
        step = np.zeros(m + 1)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        longest = max(np.ptp(step[:m]), abs(step[m]))
        theta += step / max(1.0, longest / LONGEST_STEP)
        if longest < 1e-7:
            break
    return theta[:m], float(theta[m])


def outcome_chances(xi: np.ndarray, delta: float) -> tuple[np.ndarray, np.ndarray]:
    """(k, k) how likely the row beats the column, and (k, k) how likely they tie."""
    half = (xi[:, None] - xi[None, :]) / 2
    total = np.logaddexp(np.logaddexp(half, -half), delta)
    return np.exp(half - total), np.exp(delta - total)


def _covariance(
    counts: PairCounts, xi: np.ndarray, delta: float, anchor: int | None, ballots: Ballots
) -> np.ndarray:
    """(m + 1, m + 1) of ξ and δ, clustered by visitor; see `bradley_terry.strength_covariance`."""
    phantom, reference = prior(len(counts.names), anchor)
    m, met = len(phantom), counts.points + counts.points.T
    win, tie = outcome_chances(xi[: len(met)], delta)
    # How far each vote's score, and its being a tie, lie above what was expected of its pair.
    score = SCORES[:3, None, None] - (win + tie / 2)
    tied = TIED[:, None, None] - tie
    table = np.moveaxis(counts.table, 2, 0)[:3]
    squares, both = ((table * score * one).sum(0) for one in (score, tied))
    size = len(met)
    by_vote = _bordered(squares + squares.T, both.sum(1) - both.sum(0), (table * tied**2).sum(), m)
    by_visitor = by_vote
    if ballots.visitors > 1:
        nothing = np.zeros((1, size, size))  # what a vote for both bad says
        cell = (ballots.choice.astype(np.int64) * size + ballots.left) * size + ballots.right
        of_vote, of_tie = (np.concatenate([one, nothing]).take(cell) for one in (score, tied))
        strengths = visitor_scores(ballots, of_vote, m)
        of_ties = np.bincount(ballots.visitor, of_tie, len(strengths))
        by_visitor = score_products(np.column_stack([strengths, of_ties]))
    known = np.pad(laplacian(phantom / 2), (0, 1))
    known[m, m] = 0.5
    free = np.delete(np.arange(m + 1), reference)
    return sandwich_covariance(_information(met, win, tie, m), by_vote, by_visitor, known, free)


def _information(met: np.ndarray, win: np.ndarray, tie: np.ndarray, m: int) -> np.ndarray:
    """(m + 1, m + 1): how much the votes say of ξ and δ; met (k, k) votes of each pair."""
    lead = (win - win.T) / 2
    variance = (win + win.T) / 4 - lead**2
    ties = (met * tie * (1 - tie)).sum() / 2
    return _bordered(met * variance, -(met * tie * lead).sum(1), ties, m)


def _bordered(weights: np.ndarray, border: np.ndarray, corner: float, m: int) -> np.ndarray:
    """(m + 1, m + 1): the Laplacian of (k, k) weights, and the row and column of δ around it."""
    k, out = len(weights), np.zeros((m + 1, m + 1))
    out[:k, :k] = laplacian(weights)
    out[m, :k] = out[:k, m] = border
    out[m, m] = corner
    return out


def _share(delta: float) -> float:
    """The share of ties between equals: ν / (2 + ν)."""
    return 1 / (1 + 2 * math.exp(-delta))
