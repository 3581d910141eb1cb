"""Ratings as if every pair had met equally often: each vote weighs one over its pair's chance.

Where Bradley-Terry holds exactly, weights change nothing but widen the intervals. Where it does
not (a contender does well against some only), a rating is a mean over opponents, and uneven
pairing tilts that mean: with weights it is that of an even one, whatever was drawn how often.
"""

import numpy as np

from arena.ballot import Ballots
from arena.interval import sandwich, strengths
from arena.rating import MINIMUM, Ratings, anchored, rated


def weights(ballots: Ballots) -> np.ndarray:
    """(n,) 1/P of the column `chance`, scaled to a mean of one (Horvitz and Thompson 1952).

    Raises ValueError where the chance of a vote's pair is not known, as with imported votes.
    """
    chance = ballots.column("chance")
    if np.isnan(chance).any():
        unknown = int(np.isnan(chance).sum())
        raise ValueError(f"{unknown:,} votes do not say how likely their pair was: leave them out")
    inverse = 1 / chance
    return inverse / inverse.mean() if len(inverse) else inverse


def reweighted(ballots: Ballots, anchor: str | None = None, minimum: int = MINIMUM) -> Ratings:
    """`bradley_terry` with each vote at its weight; the rows' battles are counted, not weighed."""
    heavy = weights(ballots)
    fixed = anchored(ballots, anchor)
    counts = ballots.counts(heavy)
    xi = strengths(counts.points[None], fixed)[0]
    covariance = sandwich(counts, xi, fixed, ballots, heavy)
    return rated(ballots.counts(), xi, covariance, fixed, minimum)
