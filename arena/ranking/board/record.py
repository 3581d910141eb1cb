"""A contender alone: how its battles ended, against whom, and in which slices of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.board.leaderboard import Leaderboard
from arena.ranking.board.profiles import Profile
from arena.ranking.bradley_terry import SCORES
from arena.ranking.ratings import Rating
from arena.ranking.slices import slices
from blend.evaluation.shares import wilson

SLICED = ("turns", "language", "length")
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

    @property
    def compared(self) -> int:
        """Battles that were decided or tied."""
        return self.battles - self.both_bad


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
    against = np.where(own.left == me, own.right, own.left)
    opponents = [
        _outcomes(own.where(against == other), me, ballots.names[other])
        for other in np.unique(against)
    ]
    line = zip(board.elo.votes, board.elo.times, board.elo.ratings[name], strict=True)
    return ContenderRecord(
        profile=profile,
        rating=None if board.empty else board.standing.ratings[name],
        whole=_outcomes(own, me, name),
        opponents=tuple(sorted(opponents, key=lambda each: (-each.battles, each.label))),
        parts={
            by: tuple(_outcomes(part, me, label) for label, part in slices(own, by).items())
            for by in SLICED
        },
        elo=tuple(point for point in line if not np.isnan(point[2])),
    )


def _outcomes(ballots: Ballots, me: int, label: str) -> Outcomes:
    """Of ballots that `me`, an index of their names, took part in."""
    wins = (ballots.left == me) == (ballots.choice == 0)
    wins &= ballots.choice < 2
    score = np.where(ballots.left == me, SCORES[ballots.choice], 1 - SCORES[ballots.choice])
    compares = ballots.compares
    met = np.bincount(ballots.visitor, compares, ballots.visitors)
    scored = np.bincount(ballots.visitor, score * compares, ballots.visitors)
    share = wilson(scored, met) if compares.any() else (np.nan,) * 3
    ended = np.bincount(ballots.choice, minlength=4)
    return Outcomes(label, *share, len(ballots), int(wins.sum()), int(ended[2]), int(ended[3]))
