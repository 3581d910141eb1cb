"""Are two contenders told apart after as many more votes as was said: made-up arenas."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.ratings import SCALE, Ratings, Z, bradley_terry
from arena.ranking.sensitivity.power import PairPower, neighbour_power
from arena.simulation.coverage import CLUSTERED, VOTES, Progress
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes, limiting_strengths

MOST = 10_000
"""More votes than this are not made up: a pair that needs them is left out."""


def power_held(sets: int, rng: np.random.Generator, each: Progress = range) -> dict[str, float]:
    """How often a pair is told apart after the votes that were said to do with a chance of ½ and of
    80 %. So many are added to VOTES, from new visitors, who come as the first ones did.

    As said: the truth is what the first votes seem to show. "true": it is what made the first
    votes, too, of which they are an uncertain picture.
    """
    rate = VOTES / CLUSTERED.visitors
    told: dict[str, list[bool]] = {"even": [], "likely": [], "even, true": [], "likely, true": []}
    for _ in each(sets):
        first = draw_votes(CLUSTERED, VOTES, rng).ballots
        ratings = bradley_terry(first.counts(), ballots=first)
        pair = _one_open_pair(ratings, rng)
        if pair is None:
            continue
        seen = world_as_seen(ratings)
        for chance, needed in (("even", pair.even), ("likely", pair.likely)):
            visitors = max(1, round(needed.all / rate))
            for world, kind in ((seen, chance), (CLUSTERED, f"{chance}, true")):
                new = draw_votes(replace(world, visitors=visitors), needed.all, rng).ballots
                told[kind].append(_told_apart([first, new], pair))
    return {kind: float(np.mean(hits)) for kind, hits in told.items()}


def world_as_seen(ratings: Ratings) -> SyntheticArena:
    """A world with tastes as before, whose strengths make ever more votes come to these ratings."""
    target = np.array([ratings[name].rating for name in CLUSTERED.names]) / SCALE
    target -= target.mean()
    strengths = CLUSTERED.strengths
    for _ in range(8):  # tastes draw strengths together by a quarter: the error falls to as much
        limit = limiting_strengths(replace(CLUSTERED, strengths=strengths))
        strengths = strengths + target - limit
    return replace(CLUSTERED, strengths=strengths)


def _one_open_pair(ratings: Ratings, rng: np.random.Generator) -> PairPower | None:
    """Any of the neighbours that are not told apart and need a number of votes that can be made."""
    pairs = [
        pair
        for pair in neighbour_power(ratings)
        if pair.likely is not None and pair.even.all > 0 and pair.likely.all <= MOST
    ]
    return pairs[rng.integers(len(pairs))] if pairs else None


def _told_apart(parts: Sequence[Ballots], pair: PairPower) -> bool:
    """Whether all of these votes tell the two apart, whichever is ahead then."""
    starts = np.cumsum([0, *(part.visitors for part in parts)])[:-1]
    joined = replace(
        parts[0],
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("left", "right", "choice")
        },
        visitor=np.concatenate([p.visitor + n for p, n in zip(parts, starts, strict=True)]),
        columns={},
    )
    ratings = bradley_terry(joined.counts(), ballots=joined)
    difference, error = ratings.difference(pair.ahead, pair.behind)
    return abs(difference) >= Z * error
