"""Strengths and how sure they are: Newton on counts, the clustered sandwich, resampling.

All is in log-odds (ξ); `arena.ranking.ratings` names and scales it. Strengths are free up to a
shift, so one index, the reference, is held at ξ = 0: the anchor, or a phantom behind the k
contenders where there is none. m is k or k + 1.
"""

from collections.abc import Iterable

import numpy as np

from arena.ranking.ballots import CHOICES, Ballots, PairCounts

LONGEST_STEP = 1.5
"""Cap on how far one Newton step may move two strengths apart. Along a step of range t the
curvature changes by at most eᵗ, so below 1.79 every step raises the likelihood: no line search."""

SCORES = np.array([1.0, 0.0, 0.5, 0.0])
"""What the left side scores, by CHOICES; the last is never used: both bad is no comparison."""


def prior(k: int, anchor: int | None) -> tuple[np.ndarray, int]:
    """(m, m) phantom points, and the reference: one win and one loss of each against it.

    Weak, and enough to keep an undefeated, a winless or an unmet contender finite.
    """
    reference = k if anchor is None else anchor
    m = k + (anchor is None)
    phantom = np.zeros((m, m))
    phantom[reference, :] = phantom[:, reference] = 1.0
    phantom[reference, reference] = 0.0
    return phantom, reference


def fit_strengths(points: np.ndarray, anchor: int | None) -> np.ndarray:
    """(b, m) maximum-likelihood ξ of b sets of points (b, k, k), each with the prior added.

    Bradley and Terry (1952): p[i, j] = P(i beats j) = 1 / (1 + exp(ξ[j] - ξ[i])). With points w
    and n = w + wᵀ the gradient is the row sums of w - n·p, the Hessian the Laplacian of n·p·pᵀ.
    All sets take their Newton steps together.
    """
    sets, k = points.shape[:2]
    phantom, reference = prior(k, anchor)
    m = len(phantom)
    w = np.broadcast_to(phantom, (sets, m, m)).copy()
    w[:, :k, :k] += points
    n = w + w.transpose(0, 2, 1)
    free = np.delete(np.arange(m), reference)
    xi = np.zeros((sets, m))
    for _ in range(100 if m > 1 else 0):
        p = win_probability(xi)
        gradient = (w - n * p).sum(2)[:, free, None]
        hessian = laplacian(n * p * (1 - p))[:, free[:, None], free]
        step = np.linalg.solve(hessian, gradient)[:, :, 0]
        spread = step.max(1).clip(min=0) - step.min(1).clip(max=0)
        step /= np.maximum(1, spread / LONGEST_STEP)[:, None]
        xi[:, free] += step
        if spread.max() < 1e-7:  # quadratic: the next step would be at rounding error
            break
    return xi


def strength_covariance(
    counts: PairCounts,
    xi: np.ndarray,
    anchor: int | None,
    ballots: Ballots | None = None,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """(m, m) covariance of ξ, H⁻¹ B H⁻¹; zero in the reference's row and column.

    H is the information with the prior; B sums the outer products of the scores, of single votes,
    or of visitors where `ballots` tell them (White 1982; Liang and Zeger 1986, with v/(v-1)).
    weights: (n,) of the ballots, where `counts` are weighted.
    """
    phantom, reference = prior(len(counts.names), anchor)
    k, m = len(counts.names), len(phantom)
    p = win_probability(xi)
    met, squares = np.zeros((m, m)), np.zeros((m, m))
    met[:k, :k] = counts.points
    data = laplacian((met + met.T) * p * (1 - p))
    table = counts.table if weights is None else ballots.counts(weights**2).table
    for choice, score in enumerate(SCORES[:3]):
        squares[:k, :k] += table[:, :, choice] * (score - p[:k, :k]) ** 2
    by_vote = by_visitor = laplacian(squares + squares.T)
    if ballots is not None and ballots.visitors > 1:
        residual = SCORES[:, None, None] - p
        residual[CHOICES.index("both_bad")] = 0.0
        # One flat look-up instead of an exponential or three indices a vote.
        cell = (ballots.choice.astype(np.int64) * m + ballots.left) * m + ballots.right
        score = residual.ravel().take(cell)
        by_visitor = cluster_score_products(
            ballots, score if weights is None else score * weights, m
        )
    free = np.delete(np.arange(m), reference)
    return sandwich_covariance(data, by_vote, by_visitor, laplacian(phantom / 2), free)


def cluster_score_products(
    ballots: Ballots, scores: np.ndarray, m: int, columns: Iterable[np.ndarray] = ()
) -> np.ndarray:
    """(m + d, m + d): Σ over visitors of the outer product of the summed scores of their votes.

    scores: (n,) derivative of each vote's log-likelihood by its log-odds. columns: d covariates.
    """
    strength = visitor_scores(ballots, scores, m)
    others = [np.bincount(ballots.visitor, scores * column, len(strength)) for column in columns]
    return score_products(np.column_stack([strength, *others]))


def visitor_scores(ballots: Ballots, scores: np.ndarray, m: int) -> np.ndarray:
    """(v, m): the summed derivatives of each visitor's votes by the strengths; scores as above."""
    v = ballots.visitors
    row = ballots.visitor.astype(np.int64) * m
    total = np.bincount(row + ballots.left, scores, v * m)
    total -= np.bincount(row + ballots.right, scores, v * m)
    return total.reshape(v, m)


def score_products(scores: np.ndarray) -> np.ndarray:
    """(q, q): Σ of the outer products of v visitors' scores (v, q), with v/(v-1)."""
    v = len(scores)
    return scores.T @ scores * (v / (v - 1))


def sandwich_covariance(
    data: np.ndarray,
    by_vote: np.ndarray,
    by_visitor: np.ndarray,
    prior_information: np.ndarray,
    free: np.ndarray,
) -> np.ndarray:
    """(q, q) H⁻¹ B H⁻¹ over the indices `free`, zero elsewhere; all of the others are (q, q).

    prior_information: what the prior tells, ½ of even strength from its two games. It goes to both
    H and B: one whom nobody voted on is not called certain, and intervals stay finite. Clusters may
    widen an interval, never narrow it: at the maximum all scores add up to nearly nothing, so with
    one visitor B by visitors collapses; where it lies below B by votes, that is taken.
    """
    at = np.ix_(free, free)
    root = np.linalg.cholesky(np.linalg.inv((data + prior_information)[at]))
    size, direction = np.linalg.eigh(root.T @ (by_visitor - by_vote)[at] @ root)
    middle = (
        root.T @ (by_vote + prior_information)[at] @ root
        + (direction * size.clip(min=0)) @ direction.T
    )
    covariance = np.zeros_like(data)
    covariance[at] = root @ middle @ root.T
    return covariance


def resample_visitors(ballots: Ballots, rounds: int, rng: np.random.Generator) -> np.ndarray:
    """(rounds, k, k) points, each round drawing as many visitors as there are, with replacement.

    A visitor's votes stay together. Visitors go in blocks, each a dense (block, k²) table
    multiplied by how often each was drawn: 50,000 visitors take tens of megabytes.
    """
    k, v, block = len(ballots.names), ballots.visitors, 4096
    weights = np.zeros((rounds, v), np.float32)
    for n in range(rounds if v else 0):
        weights[n] = np.bincount(rng.integers(0, v, v), minlength=v)
    order = np.argsort(ballots.visitor, kind="stable")
    order = order[ballots.compares[order]]
    person = ballots.visitor[order]
    left, right = ballots.left[order].astype(np.int64), ballots.right[order].astype(np.int64)
    score = SCORES[ballots.choice[order]]
    points = np.zeros((rounds, k * k))
    for start in range(0, v, block):
        part = slice(*np.searchsorted(person, [start, start + block]))
        row = (person[part] - start) * (k * k)
        size = min(block, v - start) * k * k
        table = np.bincount(row + left[part] * k + right[part], score[part], size)
        table += np.bincount(row + right[part] * k + left[part], 1 - score[part], size)
        points += weights[:, start : start + block] @ table.astype(np.float32).reshape(-1, k * k)
    return points.reshape(rounds, k, k)


def win_probability(xi: np.ndarray) -> np.ndarray:
    """(…, m, m): p[i, j] = 1 / (1 + exp(ξ[j] - ξ[i]))."""
    return 1 / (1 + np.exp(xi[..., None, :] - xi[..., :, None]))


def laplacian(weights: np.ndarray) -> np.ndarray:
    """(…, m, m): row sums on the diagonal, minus the symmetric weights elsewhere."""
    out = -weights
    m = np.arange(weights.shape[-1])
    out[..., m, m] += weights.sum(-1)
    return out
