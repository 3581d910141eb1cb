"""Other ways to the same ratings, for comparison: FastChat's (L-BFGS) and evalica's."""

import sys
from collections.abc import Callable, Iterator

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.bradley_terry import SCORES

Task = tuple[str, float | None, Callable[[], object]]
"""What it is, the seconds that it may take (None: it only stands beside), and how to do it."""


def fastchat_tasks(ballots: Ballots, rounds: int, rng: np.random.Generator) -> Iterator[Task]:
    """Distinct rows by np.unique, L-BFGS on their likelihood, and that again on drawn rows.

    Written from the formula. Rows are drawn one by one: who cast them is not looked at.
    """
    k, (rows, n) = len(ballots.names), distinct_votes(ballots)

    def resampled() -> None:
        for drawn in rng.multinomial(round(n.sum()), n / n.sum(), size=rounds):
            fit_lbfgs(rows, drawn, k)

    yield "FastChat's way: distinct rows of votes", None, lambda: distinct_votes(ballots)
    yield "FastChat's way: fit from these (L-BFGS)", None, lambda: fit_lbfgs(rows, n, k)
    yield f"FastChat's way: {rounds} rounds, rows resampled", None, resampled


def comparing_votes(ballots: Ballots) -> np.ndarray:
    """(m, 3) left, right and score of the votes that compare."""
    votes = np.column_stack([ballots.left, ballots.right, SCORES[ballots.choice]])
    return votes[ballots.compares]


def distinct_votes(ballots: Ballots) -> tuple[np.ndarray, np.ndarray]:
    """(r, 3) the same, each kind of vote once, and (r,) how many each."""
    whole = (comparing_votes(ballots) * [1, 1, 2]).astype(np.int32)
    rows, n = np.unique(whole, axis=0, return_counts=True)
    return rows * [1, 1, 0.5], n.astype(float)


def fit_lbfgs(rows: np.ndarray, n: np.ndarray, k: int) -> np.ndarray:
    """(k,) log-odds by L-BFGS on the negative log-likelihood, from zero, without a prior."""
    from scipy.optimize import minimize

    left, right, score = rows[:, 0].astype(int), rows[:, 1].astype(int), rows[:, 2]

    def loss(xi: np.ndarray) -> tuple[float, np.ndarray]:
        eta = xi[left] - xi[right]
        pull = n * (1 / (1 + np.exp(-eta)) - score)
        slope = np.bincount(left, pull, k) - np.bincount(right, pull, k)
        return float((n * (np.logaddexp(0, eta) - score * eta)).sum()), slope

    return minimize(loss, np.zeros(k), jac=True, method="L-BFGS-B", options={"gtol": 1e-6}).x


def evalica_tasks(ballots: Ballots, rounds: int, rng: np.random.Generator) -> Iterator[Task]:
    """The same with evalica, where it is installed; where not, nothing."""
    # It needs pandas, which python -m arena keeps out.
    if sys.modules.get("pandas", sys) is None:
        del sys.modules["pandas"]
    try:
        import evalica
    except ImportError:
        return
    winners = {1.0: evalica.Winner.X, 0.5: evalica.Winner.Draw, 0.0: evalica.Winner.Y}

    def columns(rows: np.ndarray) -> tuple[list, list, list]:
        left, right, score = rows.T
        names = np.array(ballots.names, object)
        sides = (names[side.astype(int)].tolist() for side in (left, right))
        return *sides, [winners[value] for value in score.tolist()]

    votes, (rows, n) = columns(comparing_votes(ballots)), distinct_votes(ballots)
    few = columns(rows)

    def resampled() -> None:
        for drawn in rng.multinomial(round(n.sum()), n / n.sum(), size=rounds):
            evalica.bradley_terry(*few, weights=drawn.astype(float).tolist())

    yield "evalica: fit of votes", None, lambda: evalica.bradley_terry(*votes)
    yield f"evalica: {rounds} rounds, rows resampled", None, resampled
