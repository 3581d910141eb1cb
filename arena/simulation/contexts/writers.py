"""Who writes a made-up battle: members drawn for each reply of a blend, and what that is worth."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.context.draws import ReplyDraws

LONGEST = 8
"""Turns of a battle, at most."""


@dataclass(frozen=True, slots=True)
class SyntheticWriters:
    """Who writes, and what is true of it; in log-odds of the side that a blend is on.

    blends: the chance of each member of a contender for whom several write; all others are single.
    hand_off: for each change of the member. own_share: for a context that is all the last reply's
    member's own, over one that others wrote. worth: by member, for replies that are all its own.
    taste: standard deviation of what a hand-off is worth to one visitor.
    """

    blends: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    hand_off: float = 0.0
    own_share: float = 0.0
    worth: Mapping[str, float] = field(default_factory=dict)
    taste: float = 0.0


class SyntheticContexts:
    """The draws behind n battles of v visitors, filled part by part; see `draw_votes`.

    keys: (2, n) which members wrote left and right; -1 for a single model, and for one turn.
    """

    def __init__(self, writers: SyntheticWriters, n: int, v: int, rng: np.random.Generator):
        self.writers = writers
        self.keys = np.full((2, n), -1, np.int64)
        self._base = 1 + max(map(len, writers.blends.values()), default=0)
        self._liking = np.full(v, writers.hand_off)
        if writers.taste:
            self._liking += rng.normal(size=v) * writers.taste

    def draw(
        self, part: slice, some: Ballots, turns: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Draw who writes these battles; (n,) what that is worth to the left, in log-odds."""
        eta = np.zeros(len(some))
        for number, (blend, chances) in enumerate(self.writers.blends.items()):
            name = some.names.index(blend)
            for keys, side, sign in zip(self.keys, (some.left, some.right), (1, -1), strict=True):
                rows = np.flatnonzero(side == name)
                length = turns[rows]
                drawn = rng.choice(len(chances), (len(rows), LONGEST), p=[*chances.values()])
                drawn[np.arange(LONGEST) >= length[:, None]] = -1
                worth = self._worth(drawn, length, chances, self._liking[some.visitor[rows]])
                eta[rows] += sign * worth
                digits = (drawn + 1) @ self._base ** np.arange(LONGEST)
                digits = digits * len(self.writers.blends) + number
                keys[part][rows] = np.where(length > 1, digits, -1)
        return eta

    def _worth(
        self, drawn: np.ndarray, length: np.ndarray, chances: Collection[str], liking: np.ndarray
    ) -> np.ndarray:
        """(n,) what the draws (n, LONGEST), -1 after the last turn, are worth to their side."""
        later = drawn[:, 1:]
        hand_offs = ((later != drawn[:, :-1]) & (later >= 0)).sum(1)
        last = drawn[np.arange(len(drawn)), length - 1]
        earlier = np.maximum(length - 1, 1)
        others = np.where(length > 1, 1 - ((drawn == last[:, None]).sum(1) - 1) / earlier, 0)
        each = np.array([*(self.writers.worth.get(member, 0.0) for member in chances), 0.0])
        return liking * hand_offs - self.writers.own_share * others + each[drawn].sum(1) / length

    def columns(self) -> tuple[np.ndarray, np.ndarray, tuple[ReplyDraws, ...]]:
        """The columns `left_draws` and `right_draws`, and what they are indices of."""
        keys = np.unique(np.append(self.keys, -1))[1:]
        codes = np.where(self.keys < 0, -1, np.searchsorted(keys, self.keys)).astype(np.int32)
        return *codes, tuple(map(self._draws, keys.tolist()))

    def _draws(self, key: int) -> ReplyDraws:
        digits, number = divmod(key, len(self.writers.blends))
        chances = [*self.writers.blends.values()][number]
        members = []
        while digits:
            digits, digit = divmod(digits, self._base)
            members.append([*chances][digit - 1])
        return ReplyDraws(tuple(members), (chances,) * len(members))
