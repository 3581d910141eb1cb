"""Bradley-Terry with covariates: what else than strength sways a vote, and by how much.

P(left beats right) = σ(ξ[left] - ξ[right] + x·β), fitted vote by vote; x of a vote is what its
left side has more of than its right (style), or 1 for being on the left.
"""

from dataclasses import dataclass

import numpy as np

from arena.ballot import CHOICES, Ballots
from arena.interval import LONGEST_STEP, SCORES, bread_and_meat, laplacian, prior, strengths


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Strengths ξ (m,), coefficients β (d,), and the covariance (m + d, m + d) of both.

    m is k or k + 1, see `arena.interval`; the reference's row and column are zero. votes: those
    that compare; both-bad ones do not.
    """

    xi: np.ndarray
    beta: np.ndarray
    covariance: np.ndarray
    votes: int


def fit(ballots: Ballots, x: np.ndarray, anchor: int | None, penalty: float) -> Fit:
    """Maximum likelihood by Newton; x (n, d), both-bad ballots are left out.

    Strengths have the prior of `arena.interval`, β an L2 penalty: ½·penalty·|β|² is taken from the
    log-likelihood. No vote's log-odds move more than LONGEST_STEP in a step, so every step climbs.
    """
    kept = ballots.choice != CHOICES.index("both_bad")
    ballots, x = ballots.where(kept), np.asarray(x[kept], float)
    phantom, reference = prior(len(ballots.names), anchor)
    m, d = len(phantom), x.shape[1]
    score = SCORES[ballots.choice]
    ridge = np.diag(np.r_[np.zeros(m), np.full(d, penalty)])
    free = np.delete(np.arange(m + d), reference)
    # From the strengths without covariates it is three steps instead of six.
    theta = np.r_[strengths(ballots.counts().points[None], anchor)[0], np.zeros(d)]
    for _ in range(100):
        eta = _log_odds(ballots, x, theta)
        p = 1 / (1 + np.exp(-eta))
        against = _padded(_phantom_chance(theta[:m], phantom), d)
        gradient = _gathered(ballots, x, score - p, m) - ridge @ theta
        gradient[:m] += (phantom - 2 * phantom * against[:m, :m]).sum(1)
        curvature = laplacian(2 * phantom * against[:m, :m] * (1 - against[:m, :m]))
        hessian = _gram(ballots, x, p * (1 - p), m) + ridge + _padded(curvature, d)
        step = np.zeros(m + d)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        longest = np.abs(_log_odds(ballots, x, step)).max(initial=np.abs(step).max())
        theta += step / max(1.0, longest / LONGEST_STEP)
        if longest < 1e-7:
            break
    return Fit(theta[:m], theta[m:], _covariance(ballots, x, theta, ridge, anchor), len(ballots))


def _covariance(
    ballots: Ballots, x: np.ndarray, theta: np.ndarray, ridge: np.ndarray, anchor: int | None
) -> np.ndarray:
    """The clustered sandwich of `arena.interval.sandwich`, with β in it."""
    phantom, reference = prior(len(ballots.names), anchor)
    m, d = len(phantom), x.shape[1]
    p = 1 / (1 + np.exp(-_log_odds(ballots, x, theta)))
    rest = SCORES[ballots.choice] - p
    data = _gram(ballots, x, p * (1 - p), m)
    by_vote = _gram(ballots, x, rest**2, m)
    v = ballots.visitors
    by_visitor = by_vote
    if v > 1:
        total = _by_visitor(ballots, x, rest, m)
        by_visitor = total.T @ total * (v / (v - 1))
    known = _padded(laplacian(phantom / 2), d) + ridge
    return bread_and_meat(data, by_vote, by_visitor, known, np.delete(np.arange(m + d), reference))


def _log_odds(ballots: Ballots, x: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """(n,) ξ[left] - ξ[right] + x·β."""
    d = x.shape[1]
    xi = theta[: len(theta) - d]
    return xi[ballots.left] - xi[ballots.right] + x @ theta[len(theta) - d :]


def _gathered(ballots: Ballots, x: np.ndarray, weights: np.ndarray, m: int) -> np.ndarray:
    """(m + d,) sum of weights (n,) times each vote's row of the design."""
    strength = np.bincount(ballots.left, weights, m) - np.bincount(ballots.right, weights, m)
    return np.r_[strength, weights @ x]


def _by_visitor(ballots: Ballots, x: np.ndarray, weights: np.ndarray, m: int) -> np.ndarray:
    """(v, m + d) the same sum over the votes of each visitor."""
    v = ballots.visitors
    row = ballots.visitor.astype(np.int64) * m
    strength = np.bincount(row + ballots.left, weights, v * m)
    strength -= np.bincount(row + ballots.right, weights, v * m)
    columns = [np.bincount(ballots.visitor, weights * column, v) for column in x.T]
    return np.column_stack([strength.reshape(v, m), *columns])


def _gram(ballots: Ballots, x: np.ndarray, weights: np.ndarray, m: int) -> np.ndarray:
    """(m + d, m + d): Xᵀ·diag(weights)·X of the design of strengths and x."""
    d = x.shape[1]
    met = np.bincount(ballots.left.astype(np.int64) * m + ballots.right, weights, m * m)
    met = met.reshape(m, m)
    out = _padded(laplacian(met + met.T), d)
    weighted = x * weights[:, None]
    for column in range(d):
        out[m + column, :] = out[:, m + column] = _gathered(ballots, x, weighted[:, column], m)
    return out


def _phantom_chance(xi: np.ndarray, phantom: np.ndarray) -> np.ndarray:
    """(m, m) chance that row beats column where phantoms met, 0 elsewhere."""
    return np.where(phantom > 0, 1 / (1 + np.exp(xi[None, :] - xi[:, None])), 0.0)


def _padded(matrix: np.ndarray, d: int) -> np.ndarray:
    return np.pad(matrix, (0, d))
