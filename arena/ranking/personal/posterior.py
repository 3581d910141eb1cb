"""What one voter's few votes tell of each contender's strength, as a whole distribution.

The board's intervals rest on many visitors. One voter has ten votes, some contenders won all of
theirs, and the likelihood is skewed. So each contender has the marginal posterior of its strength
by Tierney and Kadane's approximation (1986): the best fit is sought at every point of a grid, and
weighed by how wide the rest is there. Assumed are: the votes follow Bradley and Terry with one
taste that does not change, are independent of one another, and this voter's strengths are spread
as the board's own prior says, one phantom win and one loss each.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import CHOICES, PairCounts
from arena.ranking.bradley_terry import fit_strengths, laplacian, prior, win_probability

GRID = np.linspace(-6, 6, 49)
"""Where each posterior is known, in standard errors of its best fit: beyond lies nothing."""

STEADY = 1.0
"""The variance of four even votes without a tie: they steady the share of ties of a few votes."""

LEAST = 0.3
"""The least variance of a vote with ties, as a share of one without: all ties tell no more."""

RIDGE = 0.01
"""What is known beforehand beside the prior: that nobody is thousands of points apart. The prior's
own tails are straight, and a straight line has neither a width nor an end."""

STEP = 1.0
"""The most that two strengths move apart in one Newton step; see bradley_terry.LONGEST_STEP."""


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Each contender's strength in log-odds, about the weighted mean of some: k of them.

    best: (k,) the best fit. weights: (k,) of the mean that is zero. at, below: (k, g) values, and
    how likely each is to be above the truth.
    """

    names: tuple[str, ...]
    best: np.ndarray
    weights: np.ndarray
    at: np.ndarray
    below: np.ndarray

    def interval(self, chance: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """(k,) lower and (k,) upper ends that hold the truth with that chance."""
        tails = ((1 - chance) / 2, (1 + chance) / 2)
        low, high = (
            np.array([np.interp(tail, *row) for row in zip(self.below, self.at, strict=True)])
            for tail in tails
        )
        return low, high


def posterior(counts: PairCounts, about: Collection[str] = ()) -> Posterior:
    """Of the votes of one voter, for everybody whom they compared.

    about: whose mean, weighted by comparisons, is zero; all of them by default. Raises ValueError
    where nobody of them was compared.
    """
    on = np.flatnonzero(counts.compared)
    names = tuple(counts.names[i] for i in on)
    table = counts.table[np.ix_(on, on)]
    among = PairCounts(names, table)
    weights = among.compared * [name in (about or names) for name in names]
    if not weights.any():
        raise ValueError("these votes compare nobody whose mean could be zero")
    weights /= weights.sum()
    contrast = np.eye(len(names)) - weights
    points = among.points / tie_factor(among)
    xi = fit_strengths(points[None], None)[0]
    centre = contrast @ xi[:-1]
    spread = np.linalg.inv(_information(points, xi))
    error = np.sqrt(np.einsum("ij,jk,ik->i", contrast, spread, contrast))
    at = centre[:, None] + error[:, None] * GRID
    # The straight line through the best fit is where each search begins: it is on the grid.
    line = contrast @ spread / error[:, None]
    start = xi[None, None, :-1] + GRID[None, :, None] * line[:, None, :]
    height = _profile(points, contrast, start)
    below = _running_share(np.exp(height - height.max(1, keepdims=True)))
    return Posterior(names, centre, weights, at, below)


def tie_factor(counts: PairCounts) -> float:
    """The variance of a vote's score as a share of p(1-p), which a tie, half a win each, lowers.

    Of a score of mean p that is ½ with chance t and else 0 or 1 it is p(1-p) - t/4.
    """
    xi = fit_strengths(counts.points[None], None)
    p = win_probability(xi[0, :-1])
    games = counts.points + counts.points.T
    variance = np.triu(games * p * (1 - p)).sum()
    ties = counts.table[:, :, CHOICES.index("tie")].sum()
    return max(LEAST, 1 - ties / 4 / (variance + STEADY))


def _profile(points: np.ndarray, contrast: np.ndarray, start: np.ndarray) -> np.ndarray:
    """(k, g) logarithm of each marginal posterior, up to a constant.

    From each of `start` (k, g, k) the best strengths are sought that leave the contrast of its row
    as it is there.
    """
    k, g = start.shape[:2]
    xi = start.reshape(k * g, k).copy()
    row = np.repeat(contrast, g, 0)
    wins = prior(k, None)[0]
    wins[:k, :k] += points
    games = wins + wins.T
    for _ in range(100):
        p = win_probability(np.pad(xi, ((0, 0), (0, 1))))
        gradient = (wins - games * p).sum(2)[:, :k] - RIDGE * xi
        information = laplacian(games * p * (1 - p))[:, :k, :k] + RIDGE * np.eye(k)
        free, held = np.linalg.solve(information, np.stack([gradient, row], 2)).transpose(2, 0, 1)
        along = (row * held).sum(1)
        step = free - held * ((row * free).sum(1) / along)[:, None]
        span = step.max(1).clip(min=0) - step.min(1).clip(max=0)
        xi += step / np.maximum(1, span / STEP)[:, None]
        if span.max() < 1e-7:
            break
    gap = np.pad(xi, ((0, 0), (0, 1)))
    gap = gap[:, None, :] - gap[:, :, None]  # of the column over the row
    likelihood = -(wins * np.logaddexp(0, gap)).sum((1, 2)) - RIDGE / 2 * (xi**2).sum(1)
    width = np.linalg.slogdet(information)[1] + np.log(along)
    return (likelihood - width / 2).reshape(k, g)


def _information(points: np.ndarray, xi: np.ndarray) -> np.ndarray:
    """(k, k) at strengths ξ (k + 1,), the prior's own in it."""
    k = len(points)
    wins = prior(k, None)[0]
    wins[:k, :k] += points
    p = win_probability(xi)
    return laplacian((wins + wins.T) * p * (1 - p))[:k, :k]


def _running_share(density: np.ndarray) -> np.ndarray:
    """(k, g) how much of each row lies before each of its evenly spaced values."""
    steps = (density[:, 1:] + density[:, :-1]) / 2
    share = np.pad(np.cumsum(steps, 1), ((0, 0), (1, 0)))
    return share / share[:, -1:]
