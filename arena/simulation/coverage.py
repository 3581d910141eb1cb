"""Do intervals hold the truth, and do tests find whom they should: made-up arenas, many times.

Pure; the data sets come from `arena.simulation.synthetic_votes` and go through the functions that
the board uses.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations

import numpy as np

from arena.ranking.ballots import CHOICES, PairCounts
from arena.ranking.ratings import SCALE, Ratings, Z, bootstrap, bradley_terry
from arena.ranking.style import TWICE, rate_at_equal_style
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes, limiting_strengths
from arena.votes.anomalies import LEVEL, benjamini_hochberg, one_sided, surprising

NAMES = ("Blended", "ash", "birch", "cedar", "elm", "fir")
TRUTH = np.array([0.6, 0.35, 0.1, -0.15, -0.4, -0.5])
"""Strengths in log-odds: 191 points from first to last, the last two 17 apart."""

ROUNDS = 400  # of each bootstrap: 200 suffice for a picture, but their 2.5 % quantile is rough

ALONE = SyntheticArena(NAMES, TRUTH, visitors=200)
CLUSTERED = replace(ALONE, taste=0.8)
STYLE = replace(
    ALONE,
    visitors=400,
    style=np.array([0.9, 0.0, 0.4, -0.3]),
    wordy=np.array([1.0, 1.5, 0.7, 1.0, 2.5, 1.0]),
)
TIES = (0.0, 0.15, 0.3, 0.45)  # rates between equals at which the side test is tried

VOTES, MANY = 2_000, 20_000
"""Votes of a data set; and of one where it takes many to tell."""

EACH = 100
"""Votes of each visitor after which the side test looks."""

Progress = Callable[[int], Iterable[int]]  # counts up to a number and shows how far it came


def coverage(
    world: SyntheticArena, sets: int, rng: np.random.Generator, each: Progress = range
) -> dict[str, float]:
    """How often 95 % intervals hold the truth, by method, and how often rank ranges do.

    "as if alone" takes the votes of one visitor as independent; where they are not, it shows what
    clustering mends. "order" is how often two contenders that the intervals of their difference
    tell apart are the right way round.
    """
    truth = limiting_strengths(world)
    place = np.argsort(np.argsort(-truth)) + 1
    inside: dict[str, list[np.ndarray]] = {}
    for _ in each(sets):
        ballots = draw_votes(world, VOTES, rng).ballots
        counts = ballots.counts()
        clustered = bradley_terry(counts, ballots=ballots)
        drawn = np.quantile(bootstrap(ballots, rounds=ROUNDS, rng=rng), (0.025, 0.975), axis=0)
        points = centred_points(truth, counts)
        rows = [clustered[name] for name in world.names]
        found = {
            "sandwich": intervals_cover(truth, clustered),
            "as if alone": intervals_cover(truth, bradley_terry(counts)),
            "bootstrap": (drawn[0] <= points) & (points <= drawn[1]),
            "rank": np.array(
                [row.rank <= p <= row.worst for row, p in zip(rows, place, strict=True)]
            ),
            "order": _pairs_in_order(truth, clustered, world.names),
        }
        for name, hits in found.items():
            inside.setdefault(name, []).append(hits)
    return {name: float(np.concatenate(hits).mean()) for name, hits in inside.items()}


def ranked_right(sets: int, rng: np.random.Generator, each: Progress = range) -> float:
    """Rank correlation (Spearman) of ratings and truth, averaged over data sets."""
    mean = []
    place = np.argsort(np.argsort(-TRUTH))
    for _ in each(sets):
        ratings = bradley_terry(draw_votes(ALONE, MANY, rng).ballots.counts())
        found = np.array([[row.name for row in ratings.rows].index(name) for name in NAMES])
        mean.append(np.corrcoef(found, place)[0, 1])
    return float(np.mean(mean))


def style_recovered(sets: int, rng: np.random.Generator, each: Progress = range) -> dict:
    """How often the intervals of style's effects, and of ratings at equal style, hold the truth."""
    effects, ratings = [], []
    for _ in each(sets):
        controlled, found = rate_at_equal_style(draw_votes(STYLE, VOTES, rng).ballots)
        worth = STYLE.style * SCALE * TWICE
        effects += [e.low <= t <= e.high for e, t in zip(found, worth, strict=True)]
        ratings.append(intervals_cover(TRUTH, controlled))
    return {"effects": float(np.mean(effects)), "ratings": float(np.mean(ratings))}


def side_test(ties: float, people: int, rng: np.random.Generator) -> dict[str, float]:
    """Share of honest and of one-sided visitors that each test flags after EACH votes."""
    equals = np.zeros(len(NAMES))
    world = replace(ALONE, strengths=equals, visitors=people, ties=ties, both_bad=0.0)
    ballots = draw_votes(world, people * EACH, rng).ballots
    # Everybody has exactly so many votes; the first tenth ties as others do, else votes left.
    visitor = np.tile(np.arange(people, dtype=np.int32), EACH)
    bad = np.arange(people) < people // 10
    decided = ballots.choice != CHOICES.index("tie")
    choice = np.where(bad[visitor] & decided, CHOICES.index("left"), ballots.choice)
    ballots = replace(ballots, visitor=visitor, choice=choice)
    side, paper = one_sided(ballots) < LEVEL, benjamini_hochberg(surprising(ballots))
    return {
        "honest": float(side[~bad].mean()),
        "one-sided": float(side[bad].mean()),
        "paper, honest": float(paper[~bad].mean()),
        "paper, one-sided": float(paper[bad].mean()),
    }


def centred_points(truth: np.ndarray, counts: PairCounts) -> np.ndarray:
    """(k,) true strengths in log-odds as points, with the mean that the ratings of these have."""
    return 1000 + SCALE * (truth - np.average(truth, weights=counts.compared))


def intervals_cover(truth: np.ndarray, ratings: Ratings) -> np.ndarray:
    """(k,) whether each rating's interval holds its truth, which is in log-odds."""
    points = centred_points(truth, ratings.counts)
    rows = [ratings[name] for name in ratings.counts.names]
    return np.array([row.low <= t <= row.high for row, t in zip(rows, points, strict=True)])


def _pairs_in_order(truth: np.ndarray, ratings: Ratings, names: tuple[str, ...]) -> np.ndarray:
    """Whether each pair that is told apart is the right way round."""
    right = []
    for (a, true_a), (b, true_b) in combinations(zip(names, truth, strict=True), 2):
        gap, error = ratings.difference(a, b)
        if abs(gap) > Z * error:
            right.append((gap > 0) == (true_a > true_b))
    return np.array(right, bool)
