"""What was voted: ballots one by one, and their counts by pair and outcome."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from arena.ranking.context.draws import ReplyDraws

CHOICES = ("left", "right", "tie", "both_bad")
"""The outcomes of a battle, in the order of the last axis of `PairCounts.table`."""


@dataclass(frozen=True, slots=True, eq=False)
class PairCounts:
    """How often each pair met and how it ended; k contenders.

    table: (k, k, 4); `table[i, j, o]` battles with i on the left, j on the right and outcome
    `CHOICES[o]`. Sides are kept, so that side bias stays measurable.
    """

    names: tuple[str, ...]
    table: np.ndarray

    @classmethod
    def of(
        cls, rows: Iterable[tuple[str, str, str, int]], names: Sequence[str] = ()
    ) -> "PairCounts":
        """Counts of rows (left, right, choice, count). `names` come first; others follow sorted."""
        rows = list(rows)
        names = (*names, *sorted({name for row in rows for name in row[:2]} - set(names)))
        index = {name: i for i, name in enumerate(names)}
        table = np.zeros((len(names), len(names), len(CHOICES)))
        for left, right, choice, count in rows:
            table[index[left], index[right], CHOICES.index(choice)] += count
        return cls(names, table)

    @property
    def total(self) -> int:
        """All votes, both-bad ones included."""
        return round(self.table.sum())

    @property
    def points(self) -> np.ndarray:
        """(k, k): what row scored against column. A win is 1, a tie ½, both bad nothing."""
        left, right, tie = np.moveaxis(self.table, 2, 0)[:3]
        return left + right.T + (tie + tie.T) / 2

    @property
    def wins(self) -> np.ndarray:
        """(k,): battles won, on either side."""
        return self.table[:, :, 0].sum(1) + self.table[:, :, 1].sum(0)

    def took_part(self, *choices: str) -> np.ndarray:
        """(k,): battles of each contender that ended in one of `choices` (default: in any)."""
        table = self.table[:, :, [CHOICES.index(each) for each in choices or CHOICES]].sum(2)
        return table.sum(0) + table.sum(1)

    def win_rates(self) -> tuple[np.ndarray, np.ndarray]:
        """(k, k) share of row against column, ties half, NaN where they never met; and (k, k) n.

        Both-bad battles are in neither: they rank nobody above anybody.
        """
        points = self.points
        n = points + points.T
        return np.divide(points, n, out=np.full_like(points, np.nan), where=n > 0), n

    @property
    def compared(self) -> np.ndarray:
        """(k,): battles of each contender that were decided or tied."""
        return self.win_rates()[1].sum(1)

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Contenders joined by a chain of decided or tied battles; the largest group first.

        Ratings of two groups cannot be compared: only the prior holds them together.
        """
        joined = (self.win_rates()[1] > 0) | np.eye(len(self.names), dtype=bool)
        while ((further := joined.astype(float) @ joined > 0) != joined).any():
            joined = further
        groups = dict.fromkeys(tuple(np.flatnonzero(row).tolist()) for row in joined)
        return tuple(
            tuple(self.names[i] for i in group)
            for group in sorted(groups, key=lambda group: -len(group))
        )


@dataclass(frozen=True, slots=True, eq=False)
class Ballots:
    """Votes one by one, as codes; n votes of v visitors. About 13 bytes a vote.

    left, right: (n,) indices of `names`. choice: (n,) indices of CHOICES. visitor: (n,) 0 … v-1.
    columns: (n,) each, NaN or -1 where not known: `turns` messages (0: not known), `created` in
    seconds since 1970, `length` of the first message in characters, `chance` of the pair,
    `language` as index of `languages`, `category` as index of `categories`, each a set of them,
    `style` (n, 4) of `arena.ranking.style.contrasts`, `left_draws` and `right_draws` as indices of
    `draws`: who wrote each side, of several turns. Some may lack.
    """

    names: tuple[str, ...]
    left: np.ndarray
    right: np.ndarray
    choice: np.ndarray
    visitor: np.ndarray
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()
    draws: tuple[ReplyDraws, ...] = ()

    @property
    def visitors(self) -> int:
        """How many people voted."""
        return int(self.visitor.max(initial=-1)) + 1

    @property
    def compares(self) -> np.ndarray:
        """(n,) whether a vote ranks one above the other or calls them equal: all but both bad."""
        return self.choice != CHOICES.index("both_bad")

    def __len__(self) -> int:
        return len(self.left)

    def column(self, name: str) -> np.ndarray:
        """One of `columns`. Raises ValueError where it was not read."""
        if name not in self.columns:
            raise ValueError(f"these votes came without the column {name!r}: read them with it")
        return self.columns[name]

    def counts(self, weights: np.ndarray | None = None) -> PairCounts:
        """The same votes without the visitors; each counts once, or (n,) as its weight."""
        k, ends = len(self.names), len(CHOICES)
        cell = (self.left.astype(np.int64) * k + self.right) * ends + self.choice
        table = np.bincount(cell, weights, minlength=k * k * ends)
        return PairCounts(self.names, table.reshape(k, k, ends).astype(float))

    def where(self, kept: np.ndarray) -> "Ballots":
        """Those of `kept`, (n,) bool or indices; visitors without a vote among them are
        forgotten."""
        visitor = self.visitor[kept]
        there = np.bincount(visitor, minlength=self.visitors) > 0
        return replace(
            self,
            left=self.left[kept],
            right=self.right[kept],
            choice=self.choice[kept],
            visitor=(np.cumsum(there, dtype=np.int32) - 1)[visitor],
            columns={name: column[kept] for name, column in self.columns.items()},
        )

    def renamed(self, labels: Mapping[str, str]) -> "Ballots":
        """The same votes, each contender under its label; labels differ where names do."""
        return replace(self, names=tuple(labels[name] for name in self.names))
