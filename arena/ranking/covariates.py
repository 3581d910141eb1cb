"""Bradley-Terry with covariates: what else than strength sways a vote, and by how much.

P(left beats right) = σ(ξ[left] - ξ[right] + x·β), fitted vote by vote; x of a vote is what its
left side has more of than its right (style), or 1 for being on the left.
"""

import math
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import CHOICES, Ballots
from arena.ranking.bradley_terry import (
    LONGEST_STEP,
    SCORES,
    cluster_score_products,
    fit_strengths,
    laplacian,
    prior,
    sandwich_covariance,
    win_probability,
)
from arena.ranking.ratings import SCALE, Z

EVEN = 0.5
"""L2 on a coefficient: what one win and one loss of a side that has one more of it say together."""


@dataclass(frozen=True, slots=True, eq=False)
class CovariateFit:
    """Strengths ξ (m,), coefficients β (d,), and the covariance (m + d, m + d) of both.

    m is k or k + 1, see `arena.ranking.bradley_terry`; the reference's row and column are zero.
    errors: (d,) standard errors of β, each the larger of that by visitors and that by votes: nearer
    than `covariance`, which is safe for all weighted sums. votes: those that compare.
    """

    xi: np.ndarray
    beta: np.ndarray
    covariance: np.ndarray
    errors: np.ndarray
    votes: int


def fit_covariates(
    ballots: Ballots,
    x: np.ndarray,
    anchor: int | None,
    penalty: float,
    kind: np.ndarray | None = None,
) -> CovariateFit:
    """Maximum likelihood by Newton; x (n, d), both-bad ballots are left out.

    kind: (n,) where votes share rows of x: the row of each vote; what is alike is fitted once.
    Strengths have the prior of `bradley_terry`, β an L2 penalty of ½·penalty·|β|². No vote's
    log-odds move more than LONGEST_STEP in a step, so every step climbs.
    """
    ballots, x, kind = _comparing(ballots, x, kind)
    few, few_x, n = _group_equal(ballots, x, kind)
    phantom, reference = prior(len(ballots.names), anchor)
    m, d = len(phantom), x.shape[1]
    score = SCORES[few.choice]
    ridge = np.diag(np.r_[np.zeros(m), np.full(d, penalty)])
    free = np.delete(np.arange(m + d), reference)
    # From the strengths without covariates it is three steps instead of six.
    theta = np.r_[fit_strengths(ballots.counts().points[None], anchor)[0], np.zeros(d)]
    for _ in range(100):
        p = _left_wins(few, few_x, theta)
        against = win_probability(theta[:m])
        gradient = _design_sum(few, few_x, n * (score - p), m) - ridge @ theta
        gradient[:m] += (phantom - 2 * phantom * against).sum(1)
        curvature = laplacian(2 * phantom * against * (1 - against))
        hessian = _gram(few, few_x, n * p * (1 - p), m) + ridge + np.pad(curvature, (0, d))
        step = np.zeros(m + d)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        longest = np.abs(_log_odds(few, few_x, step)).max(initial=np.abs(step).max())
        theta += step / max(1.0, longest / LONGEST_STEP)
        if longest < 1e-7:
            break
    p = _left_wins(few, few_x, theta)
    by_vote = by_visitor = _gram(few, few_x, n * (score - p) ** 2, m)
    if ballots.visitors > 1:
        eta = theta[ballots.left] - theta[ballots.right] + (x @ theta[m:])[kind]
        scores = SCORES[ballots.choice] - 1 / (1 + np.exp(-eta))
        by_visitor = cluster_score_products(ballots, scores, m, (one[kind] for one in x.T))
    data = _gram(few, few_x, n * p * (1 - p), m)
    prior_information = np.pad(laplacian(phantom / 2), (0, d)) + ridge
    covariance = sandwich_covariance(data, by_vote, by_visitor, prior_information, free)
    each = [sandwich_covariance(data, b, b, prior_information, free) for b in (by_vote, by_visitor)]
    errors = np.sqrt(np.max([np.diag(one)[m:] for one in each], axis=0).clip(min=0))
    return CovariateFit(theta[:m], theta[m:], covariance, errors, len(ballots))


def own_variation(
    ballots: Ballots, x: np.ndarray, kind: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(d,) Σx² of each column over the votes that compare; and (d,) what of it strengths and the
    columns before it leave, zero where they leave nothing: such a column cannot be told apart.

    A vote whose sides differ by one in the column counts one. x, kind: as for `fit_covariates`.
    """
    few, few_x, n = _group_equal(*_comparing(ballots, x, kind))
    k = len(ballots.names)
    gram = _gram(few, few_x, n, k)
    total, left = np.diag(gram)[k:], []
    for column in range(k, len(gram)):
        with_others = gram[:column, column]
        inverse = np.linalg.pinv(gram[:column, :column], rcond=1e-9, hermitian=True)
        left.append(gram[column, column] - with_others @ inverse @ with_others)
    return total, np.where(left > 1e-6 * total, left, 0.0)


@dataclass(frozen=True, slots=True)
class SideBias:
    """The left side's chance between equals (½: no bias) with its 95 % interval, ties half.

    points: what being on the left is worth, on the rating scale. votes: what it rests on.
    """

    share: float
    low: float
    high: float
    points: float
    votes: int

    @property
    def clear(self) -> bool:
        """Whether the interval leaves ½ out."""
        return self.low > 0.5 or self.high < 0.5


def side_bias(ballots: Ballots) -> SideBias:
    """The intercept of Bradley-Terry, so that strong contenders on one side are no bias.

    The interval takes one visitor's votes as one opinion, like those of the ratings. With no vote
    it is as wide as the weak prior leaves it (one win and one loss of the left).
    """
    same = np.zeros(len(ballots), np.int8)
    model = fit_covariates(ballots, np.ones((1, 1)), None, EVEN, same)
    gamma = float(model.beta[0])
    half = Z * math.sqrt(max(model.covariance[-1, -1], 0.0))
    share, low, high = (1 / (1 + math.exp(-g)) for g in (gamma, gamma - half, gamma + half))
    return SideBias(share, low, high, SCALE * gamma, model.votes)


def _comparing(
    ballots: Ballots, x: np.ndarray, kind: np.ndarray | None
) -> tuple[Ballots, np.ndarray, np.ndarray]:
    """Without what compares nothing; where votes share no rows of x, each has its own."""
    kept = ballots.compares
    kind = np.arange(len(ballots)) if kind is None else kind
    return ballots.where(kept), np.asarray(x, float), kind[kept]


def _group_equal(
    ballots: Ballots, x: np.ndarray, kind: np.ndarray
) -> tuple[Ballots, np.ndarray, np.ndarray]:
    """Ballots, their x, and how many each stands for: votes that are alike are fitted once."""
    if len(x) >= len(ballots):
        return ballots, x[kind], np.ones(len(kind))
    shape = len(x), len(ballots.names), len(ballots.names), len(CHOICES)
    cell = np.ravel_multi_index((kind, ballots.left, ballots.right, ballots.choice), shape)
    if math.prod(shape) > len(cell) + 10_000:
        few, n = np.unique(cell, return_counts=True)
    else:
        n = np.bincount(cell)
        few = np.flatnonzero(n)
        n = n[few]
    row, left, right, choice = np.unravel_index(few, shape)
    alike = Ballots(ballots.names, left, right, choice, np.zeros(len(few), np.int32))
    return alike, x[row], n.astype(float)


def _log_odds(ballots: Ballots, x: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """(n,) ξ[left] - ξ[right] + x·β."""
    m = len(theta) - x.shape[1]
    return theta[ballots.left] - theta[ballots.right] + x @ theta[m:]


def _left_wins(ballots: Ballots, x: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """(n,) how likely each vote's left side wins."""
    return 1 / (1 + np.exp(-_log_odds(ballots, x, theta)))


def _design_sum(ballots: Ballots, x: np.ndarray, weights: np.ndarray, m: int) -> np.ndarray:
    """(m + d,) sum of weights (n,) times each vote's row of the design."""
    strength = np.bincount(ballots.left, weights, m) - np.bincount(ballots.right, weights, m)
    return np.r_[strength, weights @ x]


def _gram(ballots: Ballots, x: np.ndarray, weights: np.ndarray, m: int) -> np.ndarray:
    """(m + d, m + d): Xᵀ·diag(weights)·X of the design of strengths and x."""
    d = x.shape[1]
    met = np.bincount(ballots.left.astype(np.int64) * m + ballots.right, weights, m * m)
    met = met.reshape(m, m)
    out = np.pad(laplacian(met + met.T), (0, d))
    for column in range(d):
        own = _design_sum(ballots, x, x[:, column] * weights, m)
        out[m + column, :] = out[:, m + column] = own
    return out
