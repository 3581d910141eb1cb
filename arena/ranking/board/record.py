"""A contender alone: how its battles ended, against whom, and in which slices of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.board.leaderboard import Leaderboard
from arena.ranking.board.profiles import Profile
from arena.ranking.bradley_terry import SCORES
from arena.ranking.ratings import Rating
from arena.ranking.slices import masks
from blend.evaluation.shares import wilson

SLICED = ("turns", "language", "length", "category")
"""What a contender's battles are looked at by."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How a contender's battles of a kind ended.

    share: what it scored, a win 1, a tie ½, of the battles that compare, with its 95 % interval;
    NaN where none does. Both-bad battles compare nothing.
    """

    label: str
    share: float
    low: float
    high: float
    battles: int
    wins: int
    ties: int
    both_bad: int

    @property
    def losses(self) -> int:
        return self.battles - self.wins - self.ties - self.both_bad


@dataclass(frozen=True, slots=True, eq=False)
class ContenderRecord:
    """All that the counted votes say of one contender.

    rating: None where there are no votes to rate. opponents: by name, most often met first. parts:
    by each of SLICED, in the slices' own order. elo: (number of the vote, when, rating after it).
    """

    profile: Profile
    rating: Rating | None
    whole: Outcomes
    opponents: tuple[Outcomes, ...]
    parts: Mapping[str, tuple[Outcomes, ...]]
    elo: tuple[tuple[int, float, float], ...]


def contender_record(board: Leaderboard, name: str) -> ContenderRecord | None:
    """What a board knows of the contender of that name on it; None where there is none.

    It is of all votes of the board's source, whatever slice the board itself is of.
    """
    profile = next((each for each in board.profiles if each.name == name), None)
    if profile is None:
        return None
    ballots = board.ballots
    me = ballots.names.index(name)
    own = ballots.where((ballots.left == me) | (ballots.right == me))
    score = np.where(own.left == me, SCORES[own.choice], 1 - SCORES[own.choice]) * own.compares
    against = np.where(own.left == me, own.right, own.left)
    (whole,) = _outcomes(own, score, np.zeros(len(own), int), [name])
    met = _outcomes(own, score, against, ballots.names)
    line = zip(board.elo.votes, board.elo.times, board.elo.ratings[name], strict=True)
    return ContenderRecord(
        profile=profile,
        rating=None if board.empty else board.standing.ratings[name],
        whole=whole,
        opponents=tuple(
            sorted((each for each in met if each.battles), key=lambda each: -each.battles)
        ),
        parts={by: _parts(own, score, by) for by in SLICED},
        elo=tuple(point for point in line if not np.isnan(point[2])),
    )


def _parts(own: Ballots, score: np.ndarray, by: str) -> tuple[Outcomes, ...]:
    """The slices that have any votes, in their own order; what is not known comes last."""
    labels, kept = [*zip(*masks(own, by), strict=True)] or ((), ())
    rows = [np.flatnonzero(each) for each in kept]
    group = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
    every = np.concatenate([*rows, np.array([], int)]).astype(int)
    return tuple(_outcomes(own.where(every), score[every], group, labels))


def _outcomes(
    own: Ballots, score: np.ndarray, group: np.ndarray, labels: Sequence[str]
) -> list[Outcomes]:
    """How the ballots of each group ended. score (n,): 1 for a win, ½ for a tie. group (n,): the
    index of its label.

    One pass over the votes for all groups: with a million of them a pass for each takes seconds.
    """
    k, v = len(labels), own.visitors
    cell = group.astype(np.int64) * v + own.visitor
    met = np.bincount(cell, own.compares, k * v).reshape(k, v)
    scored = np.bincount(cell, score, k * v).reshape(k, v)
    ended = np.bincount(group * 4 + own.choice, minlength=4 * k).reshape(k, 4)
    won = np.bincount(group, score == 1, k)
    found = []
    for n, label in enumerate(labels):
        share = wilson(scored[n], met[n]) if met[n].any() else (np.nan,) * 3
        battles, wins = int(ended[n].sum()), round(won[n])
        found.append(Outcomes(label, *share, battles, wins, int(ended[n][2]), int(ended[n][3])))
    return found
