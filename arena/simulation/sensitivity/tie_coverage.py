"""Do the intervals of Davidson's model hold the truth, and is the better model found."""

from dataclasses import replace

import numpy as np

from arena.ranking.ballots import PairCounts
from arena.ranking.sensitivity.held_out import held_out_loss
from arena.ranking.sensitivity.ties import fit_davidson, outcome_chances, rate_with_ties
from arena.simulation.coverage import (
    ALONE,
    CLUSTERED,
    MANY,
    TRUTH,
    VOTES,
    Progress,
    intervals_cover,
)
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes

NU = 2 / 3  # a quarter of the votes between equals are ties

TIED = replace(ALONE, nu=NU)
TIED_CLUSTERED = replace(CLUSTERED, nu=NU)

FAR = replace(ALONE, strengths=3 * TRUTH, visitors=1000)
FAR_TIED = replace(FAR, nu=NU)
"""Contenders so far apart that the two models of ties differ."""


def limiting_ties(world: SyntheticArena) -> tuple[np.ndarray, float]:
    """(k,) the log-odds, mean zero, and the share of ties between equals, that Davidson's fit comes
    to with ever more votes of a world with ν; tastes that differ draw strengths together."""
    k, spread = len(world.names), world.taste * np.sqrt(2)
    at, weight = np.polynomial.hermite_e.hermegauss(60)
    table = np.zeros((k, k, 4))
    for point, share in zip(at, weight / weight.sum(), strict=True):
        gap = world.strengths[:, None] - world.strengths[None, :] + spread * point
        pair = np.stack([gap / 2, -gap / 2, np.full_like(gap, np.log(world.nu))], axis=2)
        chances = np.exp(pair - np.logaddexp.reduce(pair, axis=2)[:, :, None])
        table[:, :, :3] += share * chances
    table[np.arange(k), np.arange(k)] = 0
    xi, delta = fit_davidson(PairCounts(world.names, table * 1e6), None)
    _, ties = outcome_chances(np.zeros(1), delta)
    return xi[:k] - xi[:k].mean(), float(ties[0, 0])


def tie_coverage(
    world: SyntheticArena, sets: int, rng: np.random.Generator, each: Progress = range
) -> dict[str, float]:
    """How often 95 % intervals hold the ratings, and the share of ties between equals."""
    truth, ties = limiting_ties(world)
    ratings, share = [], []
    for _ in each(sets):
        found = rate_with_ties(draw_votes(world, VOTES, rng).ballots)
        ratings.append(intervals_cover(truth, found.ratings))
        share.append(found.low <= ties <= found.high)
    return {"ratings": float(np.mean(ratings)), "ties": float(np.mean(share))}


def better_model(
    world: SyntheticArena, sets: int, rng: np.random.Generator, each: Progress = range
) -> dict[str, float]:
    """How often each of the two is said to foretell votes better, where the truth has ν or not."""
    said = [held_out_loss(draw_votes(world, MANY, rng).ballots).better for _ in each(sets)]
    return {name: said.count(name) / sets for name in ("davidson", "half_win")}
