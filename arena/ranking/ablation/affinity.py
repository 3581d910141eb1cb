"""Whether the same visitors like two contenders: the correlation of what each has from a visitor.

Members whose friends are the same people have little to add to one another.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.bradley_terry import SCORES
from arena.ranking.ratings import SCALE, Ratings
from blend.evaluation.diversity import pearson
from blend.evaluation.resample import Estimate

FEWEST = 20
"""Visitors who judged both, below which nothing is said."""


@dataclass(frozen=True, slots=True)
class Affinity:
    """The correlation over `visitors` who judged both of two contenders; None for too few."""

    visitors: int
    correlation: Estimate | None


def affinities(
    ballots: Ballots, ratings: Ratings, pairs: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Affinity]:
    """The likeness of each pair of names, of votes between names of `ratings`.

    What a contender has from a visitor is the mean of its scores in that visitor's battles, each
    less what the ratings say it scores on average there; so a strong opponent is no distaste. The
    battles of the two with one another are left out: one's gain there is the other's loss. Two that
    met the same opponent share what the visitor thinks of that one, and look a little alike.
    """
    index, result = {name: i for i, name in enumerate(ballots.names)}, {}
    for a, b in pairs:
        i, j = index[a], index[b]
        apart = (ballots.left + ballots.right != i + j) | (ballots.left != i) & (ballots.left != j)
        x, y = _leanings(ballots.where(apart), ratings)[:, [i, j]].T
        both = int((np.isfinite(x) & np.isfinite(y)).sum())
        result[a, b] = Affinity(both, pearson(x, y) if both >= FEWEST else None)
    return result


def _leanings(ballots: Ballots, ratings: Ratings) -> np.ndarray:
    """(v, k) the mean of what each contender scored beyond its due, NaN where none was judged."""
    v, k = ballots.visitors, len(ballots.names)
    xi = np.array([ratings[name].rating for name in ballots.names]) / SCALE
    compares = ballots.compares
    left, right = ballots.left[compares], ballots.right[compares]
    visitor = ballots.visitor[compares].astype(np.int64) * k
    due = 1 / (1 + np.exp(xi[right] - xi[left]))
    beyond = SCORES[ballots.choice[compares]] - due
    total = np.bincount(visitor + left, beyond, v * k) - np.bincount(visitor + right, beyond, v * k)
    battles = np.bincount(visitor + left, minlength=v * k)
    battles += np.bincount(visitor + right, minlength=v * k)
    mean = np.divide(total, battles, out=np.full(v * k, np.nan), where=battles > 0)
    return mean.reshape(v, k)
