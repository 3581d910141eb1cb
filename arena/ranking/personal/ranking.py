"""One visitor's own ranking, on the scale of everybody's board so that the two can be compared."""

from dataclasses import dataclass

from arena.ranking.ballots import PairCounts
from arena.ranking.personal.posterior import posterior
from arena.ranking.ratings import CENTRE, SCALE, Ratings

ENOUGH = 10
"""Votes that count and compare from which on a visitor has a ranking of their own."""


@dataclass(frozen=True, slots=True)
class OwnRating:
    """One contender by one visitor's votes, in points with a 95 % interval.

    rank, worst: the first and the last place that the intervals allow. votes: theirs on it.
    """

    name: str
    rating: float
    low: float
    high: float
    rank: int
    worst: int
    votes: int


def personal_ranking(counts: PairCounts, everybody: Ratings) -> tuple[OwnRating, ...]:
    """The ranking of one visitor's counted votes, best first; none before ENOUGH of them compare.

    counts: by name on the board. Both rankings have the same mean over the contenders that the
    visitor compared, so a rating here can be held against one there. Contenders whom they never
    compared are left out: of these their votes say nothing.
    """
    if comparisons(counts) < ENOUGH:
        return ()
    rated = {row.name: row.rating for row in everybody.rows}
    own = posterior(counts, rated.keys() & {*counts.names} or ())
    mean = sum(
        weight * rated.get(name, CENTRE)
        for name, weight in zip(own.names, own.weights.tolist(), strict=True)
    )
    low, high = own.interval()
    votes = dict(zip(counts.names, counts.took_part().tolist(), strict=True))
    rows = [
        OwnRating(
            name=name,
            rating=mean + SCALE * float(own.best[i]),
            low=mean + SCALE * float(low[i]),
            high=mean + SCALE * float(high[i]),
            rank=1 + int((low > high[i]).sum()),
            worst=len(own.names) - int((high < low[i]).sum()),
            votes=round(votes[name]),
        )
        for i, name in enumerate(own.names)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.rating, row.name)))


def comparisons(counts: PairCounts) -> int:
    """How many of the votes rank one above the other or call them equal."""
    return round(counts.points.sum())
