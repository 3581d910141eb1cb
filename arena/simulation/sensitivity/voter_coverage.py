"""Do the intervals of the ratings by those who judge hold the truth, some tossing coins or none."""

from dataclasses import replace

import numpy as np

from arena.ranking.sensitivity.voters import DECIDED, rate_judges
from arena.simulation.coverage import CLUSTERED, TRUTH, VOTES, Progress, intervals_cover
from arena.simulation.sensitivity.tie_coverage import NU, TIED
from arena.simulation.synthetic_votes import SyntheticArena, SyntheticVotes, draw_votes

JUDGES = TIED
"""Everybody judges, ten votes each on average."""

COINS = replace(TIED, bad=0.3, habits=("left", "hasty"))
"""Three in ten vote without looking."""

FEW = replace(COINS, visitors=700)
"""The same with three votes each: of one voter nothing can be known."""

TASTES = replace(CLUSTERED, nu=NU)
"""Nobody tosses coins, and tastes differ by more than the contenders do."""


def voter_coverage(
    world: SyntheticArena, sets: int, rng: np.random.Generator, each: Progress = range
) -> dict[str, float]:
    """How often 95 % intervals hold the ratings, with and without voters who differ, and the share
    of those who toss coins; and the mean share found."""
    ratings, plain, share, found_share = [], [], [], []
    for _ in each(sets):
        drawn = draw_votes(world, VOTES, rng)
        found = rate_judges(drawn.ballots)
        ratings.append(intervals_cover(TRUTH, found.ratings))
        plain.append(intervals_cover(TRUTH, found.plain))
        share.append(found.low <= _tossing(drawn) <= found.high)
        found_share.append(found.share)
    return {
        "ratings": float(np.mean(ratings)),
        "plain": float(np.mean(plain)),
        "share": float(np.mean(share)),
        "found": float(np.mean(found_share)),
    }


def _tossing(drawn: SyntheticVotes) -> float:
    """The share of those who toss coins among the visitors with a decided vote."""
    voters = np.unique(drawn.ballots.visitor[drawn.ballots.choice < DECIDED])
    return float((drawn.habit[voters] > 0).mean())
