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
    few, few_x, n = _alike(ballots, x)
    phantom, reference = prior(len(ballots.names), anchor)
    m, d = len(phantom), x.shape[1]
    score = SCORES[few.choice]
    ridge = np.diag(np.r_[np.zeros(m), np.full(d, penalty)])
    free = np.delete(np.arange(m + d), reference)
    # From the strengths without covariates it is three steps instead of six.
    theta = np.r_[strengths(ballots.counts().points[None], anchor)[0], np.zeros(d)]
    for _ in range(100):
        p = 1 / (1 + np.exp(-_log_odds(few, few_x, theta)))
        against = _phantom_chance(theta[:m], phantom)
        gradient = _gathered(few, few_x, n * (score - p), m) - ridge @ theta
        gradient[:m] += (phantom - 2 * phantom * against).sum(1)
        curvature = laplacian(2 * phantom * against * (1 - against))
        hessian = _gram(few, few_x, n * p * (1 - p), m) + ridge + _padded(curvature, d)
        step = np.zeros(m + d)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        longest = np.abs(_log_odds(few, few_x, step)).max(initial=np.abs(step).max())
        theta += step / max(1.0, longest / LONGEST_STEP)
        if longest < 1e-7:
            break
    p = 1 / (1 + np.exp(-_log_odds(few, few_x, theta)))
    by_vote = by_visitor = _gram(few, few_x, n * (score - p) ** 2, m)
    if ballots.visitors > 1:
        by_visitor = _by_visitor(ballots, x, theta)
    data = _gram(few, few_x, n * p * (1 - p), m)
    known = _padded(laplacian(phantom / 2), d) + ridge
    covariance = bread_and_meat(data, by_vote, by_visitor, known, free)
    return Fit(theta[:m], theta[m:], covariance, len(ballots))


def _alike(ballots: Ballots, x: np.ndarray) -> tuple[Ballots, np.ndarray, np.ndarray]:
    """Ballots, their x, and how many each stands for: votes that are alike are fitted once."""
    if not len(x) or (x != x[0]).any():
        return ballots, x, np.ones(len(x))
    table = ballots.counts().table
    left, right, choice = np.nonzero(table)
    few = Ballots(ballots.names, left, right, choice, np.zeros(len(left), np.int32))
    return few, np.repeat(x[:1], len(left), axis=0), table[left, right, choice]


def _log_odds(ballots: Ballots, x: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """(n,) ξ[left] - ξ[right] + x·β."""
    d = x.shape[1]
    xi = theta[: len(theta) - d]
    return xi[ballots.left] - xi[ballots.right] + x @ theta[len(theta) - d :]


def _gathered(ballots: Ballots, x: np.ndarray, weights: np.ndarray, m: int) -> np.ndarray:
    """(m + d,) sum of weights (n,) times each vote's row of the design."""
    strength = np.bincount(ballots.left, weights, m) - np.bincount(ballots.right, weights, m)
    return np.r_[strength, weights @ x]


def _by_visitor(ballots: Ballots, x: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """(m + d, m + d): Σ over visitors of the outer product of the summed scores of their votes."""
    v, m = ballots.visitors, len(theta) - x.shape[1]
    rest = SCORES[ballots.choice] - 1 / (1 + np.exp(-_log_odds(ballots, x, theta)))
    row = ballots.visitor.astype(np.int64) * m
    strength = np.bincount(row + ballots.left, rest, v * m)
    strength -= np.bincount(row + ballots.right, rest, v * m)
    columns = [np.bincount(ballots.visitor, rest * column, v) for column in x.T]
    total = np.column_stack([strength.reshape(v, m), *columns])
    return total.T @ total * (v / (v - 1))


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
