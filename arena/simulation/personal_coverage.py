"""Do the intervals of one visitor's own ranking hold their taste: made-up visitors, many times."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from arena.ranking.personal.agreement import compare_tastes
from arena.ranking.personal.ranking import personal_ranking
from arena.ranking.ratings import SCALE, Ratings, bradley_terry
from arena.simulation.coverage import ALONE, NAMES, TRUTH, VOTES, Progress
from arena.simulation.synthetic_votes import draw_votes, limiting_strengths

VOTER = replace(ALONE, visitors=1, both_bad=0.0)

SIZES = (10, 30, 100)
"""Votes of one visitor at which the study looks."""


def personal_coverage(
    size: int, close: bool, sets: int, rng: np.random.Generator, each: Progress = range
) -> float:
    """How often the 95 % intervals of one visitor's `size` votes hold their true strengths.

    Each has a taste of their own: spread as the prior says, or `close`, near to everybody's.
    """
    board = bradley_terry(draw_votes(ALONE, VOTES, rng).ballots.counts())
    inside: list[bool] = []
    for _ in each(sets):
        taste = TRUTH + rng.normal(0, 0.8, len(NAMES)) if close else rng.logistic(size=len(NAMES))
        inside += _held(taste, size, board, rng)
    return float(np.mean(inside))


def _held(taste: np.ndarray, size: int, board: Ratings, rng: np.random.Generator) -> Iterable[bool]:
    counts = draw_votes(replace(VOTER, strengths=taste), size, rng).ballots.counts()
    compared = counts.compared
    # The mean that both rankings share, over the contenders that this visitor compared.
    mean = np.average([board[name].rating for name in NAMES], weights=compared)
    truth = mean + SCALE * (taste - np.average(taste, weights=compared))
    rows = personal_ranking(counts, board)
    return [row.low <= truth[NAMES.index(row.name)] <= row.high for row in rows]


def tastes_told_apart(
    size: int, sets: int, rng: np.random.Generator, each: Progress = range
) -> dict[str, float]:
    """Share of visitors of whom it is said that they rate somebody higher or lower than the others.

    "alike" have the taste of all others, so that each is one too many; "opposite" the reverse.
    """
    told: dict[str, list[bool]] = {"alike": [], "opposite": []}
    for _ in each(sets):
        others = draw_votes(ALONE, VOTES, rng).ballots
        board = bradley_terry(others.counts(), ballots=others)
        for kind, sign in (("alike", 1.0), ("opposite", -1.0)):
            voter = replace(VOTER, strengths=sign * limiting_strengths(ALONE))
            own = draw_votes(voter, size, rng).ballots.counts()
            told[kind].append(any(compare_tastes(own, board).tastes.values()))
    return {kind: float(np.mean(found)) for kind, found in told.items()}
