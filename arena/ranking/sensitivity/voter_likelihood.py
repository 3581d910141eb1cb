"""The likelihood of decided votes whose voters judge or toss coins, nobody knows who."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.bradley_terry import laplacian, prior, visitor_scores, win_probability

PRECISION = {"maxiter": 100, "gtol": 1e-8}
"""Of a maximum: the gradient of the log-likelihood of one vote."""


@dataclass(frozen=True, slots=True, eq=False)
class DecidedVotes:
    """Votes for one side, and what is looked up of them. cell: (n,) index of winner and loser."""

    ballots: Ballots
    points: np.ndarray
    cell: np.ndarray
    phantom: np.ndarray
    free: np.ndarray

    @classmethod
    def of(cls, ballots: Ballots, anchor: int | None) -> "DecidedVotes":
        """Of ballots that are all decided."""
        k = len(ballots.names)
        phantom, reference = prior(k, anchor)
        left = ballots.choice == 0
        won = np.where(left, ballots.left, ballots.right).astype(np.int64)
        cell = won * k + np.where(left, ballots.right, ballots.left)
        free = np.delete(np.arange(len(phantom)), reference)
        return cls(ballots, ballots.counts().points, cell, phantom, free)

    def judges(self, xi: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
        """(v,) log-odds that each voter judges, and (v,) the log-likelihood of their votes less
        that of coins. alpha: the log-odds before any vote, infinite where everybody judges."""
        k, v = len(self.points), self.ballots.visitors
        log_p = np.log(2 * win_probability(xi[:k])).ravel()
        evidence = np.bincount(self.ballots.visitor, log_p.take(self.cell), v)
        if math.isinf(alpha):
            return np.full(v, alpha), evidence
        log_odds = alpha + evidence
        return log_odds, np.logaddexp(log_odds, 0) - np.logaddexp(alpha, 0)

    def likelihood(self, xi: np.ndarray, alpha: float) -> tuple[float, np.ndarray]:
        """The log-likelihood with the prior of ξ, and (m + 1,) its gradient by ξ and alpha."""
        k = len(self.points)
        log_odds, gain = self.judges(xi, alpha)
        reliable, before, p = expit(log_odds), expit(alpha), win_probability(xi)
        w = self.phantom.copy()
        w[:k, :k] += self.weighted_points(reliable)
        value = gain.sum() + (self.phantom * np.log(p)).sum()
        by_strength = (w - (w + w.T) * p).sum(1)
        return float(value), np.append(by_strength, (reliable - before).sum())

    def information(self, xi: np.ndarray, alpha: float) -> np.ndarray:
        """(m + 1, m + 1) by ξ and alpha: what there would be if it were known who judges, less what
        is lost by not knowing (Louis 1982). Without the prior."""
        m, k = len(xi), len(self.points)
        reliable, before = expit(self.judges(xi, alpha)[0]), expit(alpha)
        p, points = win_probability(xi), self.weighted_points(reliable)
        met = np.zeros((m, m))
        met[:k, :k] = points + points.T
        own = np.column_stack([self.scores(xi), np.ones(len(reliable))])
        out = -(own.T * (reliable * (1 - reliable))) @ own
        out[:m, :m] += laplacian(met * p * (1 - p))
        out[m, m] += len(reliable) * before * (1 - before)
        return out

    def scores(self, xi: np.ndarray) -> np.ndarray:
        """(v, m): the derivatives by ξ of each voter's votes, if it were sure that they judge."""
        k = len(self.points)
        lost = win_probability(xi[:k]).T.ravel().take(self.cell)
        by_left = np.where(self.ballots.choice == 0, lost, -lost)
        return visitor_scores(self.ballots, by_left, len(xi))

    def weighted_points(self, reliable: np.ndarray) -> np.ndarray:
        """(k, k) points, each vote weighing as its voter (v,) is likely to judge."""
        k = len(self.points)
        weights = reliable.take(self.ballots.visitor)
        return np.bincount(self.cell, weights, k * k).reshape(k, k)

    def maximum(self, start: np.ndarray, alpha: float) -> tuple[np.ndarray, float]:
        """(m,) ξ and alpha where the likelihood is highest, with half a voter more of each
        kind (Jeffreys), from a start near it; by Newton's method within a trust region."""
        from scipy.optimize import minimize  # a quarter of a second, which no page needs to start

        free, n = np.append(self.free, len(start)), len(self.cell)

        def loss(some: np.ndarray) -> tuple[float, np.ndarray]:
            xi, alpha = self._placed(some)
            value, gradient = self.likelihood(xi, alpha)
            value -= (np.logaddexp(0, alpha) + np.logaddexp(0, -alpha)) / 2
            gradient[-1] += 0.5 - expit(alpha)
            return -value / n, -gradient[free] / n

        def curvature(some: np.ndarray) -> np.ndarray:
            xi, alpha = self._placed(some)
            against, before = win_probability(xi), expit(alpha)
            information = self.information(xi, alpha)
            information[:-1, :-1] += laplacian(2 * self.phantom * against * (1 - against))
            information[-1, -1] += before * (1 - before)
            return information[np.ix_(free, free)] / n

        first = np.append(start[self.free], alpha)
        found = minimize(
            loss, first, method="trust-exact", jac=True, hess=curvature, options=PRECISION
        )
        return self._placed(found.x)

    def profile(self, start: np.ndarray, alpha: float) -> Callable[[float], float]:
        """What gives the highest log-likelihood, with the prior of ξ, at any alpha.

        start: ξ at the maximum, whose alpha is given. Each search goes on from where the last one
        ended, in units of the standard errors there, so that a few steps suffice.
        """
        from scipy.optimize import minimize

        at = np.ix_(self.free, self.free)
        curvature = self.information(start, alpha)[at] + laplacian(self.phantom / 2)[at]
        unit, last = np.linalg.cholesky(np.linalg.inv(curvature)), [np.zeros(len(self.free))]

        def highest(alpha: float) -> float:
            def loss(some: np.ndarray) -> tuple[float, np.ndarray]:
                xi, _ = self._placed(np.append(start[self.free] + unit @ some, alpha))
                value, gradient = self.likelihood(xi, alpha)
                return -value, -unit.T @ gradient[self.free]

            found = minimize(loss, last[0], jac=True, method="BFGS", options={"gtol": 1e-3})
            last[0] = found.x
            return -float(found.fun)

        return highest

    def _placed(self, some: np.ndarray) -> tuple[np.ndarray, float]:
        xi = np.zeros(len(self.phantom))
        xi[self.free] = some[:-1]
        return xi, float(some[-1])


def expit(x: np.ndarray | float) -> np.ndarray | float:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0, -x))
