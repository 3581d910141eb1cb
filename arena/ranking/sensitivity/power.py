"""How many more votes tell two contenders apart, if things go on as they went so far."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

from arena.ranking.ratings import Ratings, Z

LIKELY = 0.8
"""The usual power: four chances in five."""


@dataclass(frozen=True, slots=True)
class VotesNeeded:
    """More votes of the whole board, both-bad ones too; and those of them that compare the two."""

    all: int
    between: int


@dataclass(frozen=True, slots=True)
class PairPower:
    """Two neighbours on the board, and the votes that would tell them apart at 95 %.

    difference: how far `ahead` is above `behind`, with its standard error, in points. even, likely:
    the votes after which they are told apart with a chance of ½, and of 80 %: none are needed
    where they are told apart now; None where nothing can be said: no difference, a group that never
    met the other, or too few battles.
    """

    ahead: str
    behind: str
    difference: float
    error: float
    even: VotesNeeded | None
    likely: VotesNeeded | None

    @property
    def told_apart(self) -> bool:
        """Whether the votes that are there suffice."""
        return self.even is not None and self.even.all == 0


def neighbour_power(ratings: Ratings, retired: Collection[str] = ()) -> tuple[PairPower, ...]:
    """Each contender and the next one below it, without the `retired`.

    It is assumed that the difference is what it seems to be now; that pairs go on being drawn as
    they were; and that new visitors come, who vote as often as the others did. Then the clustered
    variance falls as one over the number of votes. If instead the same visitors go on voting, it
    falls more slowly the more their tastes differ.
    """
    rows = [row for row in ratings.rows if row.name not in retired]
    _, met = ratings.counts.win_rates()
    total, place = ratings.counts.total, ratings.counts.names.index
    found = []
    for above, below in pairwise(rows):
        difference, error = ratings.difference(above.name, below.name)
        between = float(met[place(above.name), place(below.name)])
        early = above.preliminary or below.preliminary or above.group != below.group
        growths = [None if early else votes_growth(difference, error, p) for p in (0.5, LIKELY)]
        needed = [
            None
            if more is None
            else VotesNeeded(math.ceil(more * total), math.ceil(more * between))
            for more in growths
        ]
        found.append(PairPower(above.name, below.name, difference, error, *needed))
    return tuple(found)


def votes_growth(difference: float, error: float, chance: float = 0.5) -> float | None:
    """The share of the votes so far that must come on top, until a difference is told apart.

    0 where it is now; None where there is none. After n' votes instead of n the error is error·√w,
    w = n/n'. The old votes remain, so that only the new ones, a share of 1 - w, add chance:

        P(told apart) ≥ chance  where  difference / error ≥ √w (z + a √(1 - w)),

    z = 1.96 and a the quantile of `chance`: 0 for ½, where w = (difference / (z·error))². The right
    side falls to 0 with w, from where it comes below z.
    """
    size = abs(difference)
    if not size:
        return None
    if size >= Z * error:
        return 0.0
    a, low, high = NormalDist().inv_cdf(chance), 0.0, 1.0
    for _ in range(100):
        w = (low + high) / 2
        enough = size >= error * math.sqrt(w) * (Z + a * math.sqrt(1 - w))
        low, high = (w, high) if enough else (low, w)
    return 1 / low - 1 if low else None
