"""Elo over time: the line of each contender's rating, vote by vote. A history, not a ranking."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.bradley_terry import SCORES
from arena.ranking.ratings import CENTRE

K = 4
"""Points that a vote moves at most; half of it between equals."""

STEPS = 200
"""Points of the time line: more than a screen shows, however many votes there are."""


@dataclass(frozen=True, slots=True, eq=False)
class EloHistory:
    """Elo over time: `ratings[name]` after vote number `votes[i]`, cast at `times[i]` (s, 1970).

    A contender that had not fought by then is NaN.
    """

    votes: tuple[int, ...]
    times: tuple[float, ...]
    ratings: Mapping[str, tuple[float, ...]]


def elo_history(ballots: Ballots) -> EloHistory:
    """Elo after about STEPS of the votes, evenly spaced in the order of time, the last included.

    R += K (s - 1/(1 + 10^((R_other - R)/400))), s = 1, ½ or 0 (Elo 1978). Both bad moves nobody.
    """
    times, n, k = ballots.column("created"), len(ballots), len(ballots.names)
    order = np.argsort(times, kind="stable")
    left, right = ballots.left[order], ballots.right[order]
    stride = max(1, -(-n // STEPS))
    votes = (left, right, SCORES[ballots.choice[order]], ballots.compares[order])
    ratings, kept, lines = [CENTRE] * k, [], []
    for number, (i, j, score, compares) in enumerate(
        zip(*(column.tolist() for column in votes), strict=True), start=1
    ):
        if compares:
            gain = K * (score - 1 / (1 + 10 ** ((ratings[j] - ratings[i]) / 400)))
            ratings[i] += gain
            ratings[j] -= gain
        if number % stride == 0 or number == n:
            kept.append(number)
            lines.append(tuple(ratings))
    first = np.full(k, n)
    np.minimum.at(first, np.concatenate([left, right]), np.tile(np.arange(n), 2))
    numbers = np.array(kept, int)
    table = np.where(numbers[:, None] > first, np.array(lines).reshape(len(kept), k), np.nan)
    return EloHistory(
        tuple(kept),
        tuple(times[order[numbers - 1]].tolist()),
        {name: tuple(line) for name, line in zip(ballots.names, table.T.tolist(), strict=True)},
    )
