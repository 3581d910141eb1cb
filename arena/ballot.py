"""What was voted: ballots one by one, and their counts by pair and outcome."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

CHOICES = ("left", "right", "tie", "both_bad")
"""The outcomes of a battle, in the order of the last axis of `Counts.table`."""


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """How often each pair met and how it ended; k contenders.

    `table` has shape (k, k, 4): `table[i, j, o]` battles with contender i on the left, j on the
    right and outcome `CHOICES[o]`. Sides are kept, so that side bias stays measurable.
    """

    names: tuple[str, ...]
    table: np.ndarray

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str, int]], names: Sequence[str] = ()) -> "Counts":
        """Counts of tallied rows (left, right, choice, count).

        `names` come first and in their order, with or without battles; others follow sorted.
        """
        rows = [(left, right, _choice(choice), count) for left, right, choice, count in rows]
        names = _all_names(names, {name for row in rows for name in row[:2]})
        index = {name: i for i, name in enumerate(names)}
        table = np.zeros((len(names), len(names), len(CHOICES)))
        for left, right, choice, count in rows:
            _check_pair(left, right)
            table[index[left], index[right], choice] += count
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
        ends = [CHOICES.index(choice) for choice in choices or CHOICES]
        table = self.table[:, :, ends].sum(2)
        return table.sum(0) + table.sum(1)

    def win_rates(self) -> tuple[np.ndarray, np.ndarray]:
        """(k, k) share of row against column, ties half, NaN where they never met; and (k, k) n.

        Both-bad battles are in neither: they rank nobody above anybody.
        """
        points = self.points
        n = points + points.T
        return np.divide(points, n, out=np.full_like(points, np.nan), where=n > 0), n

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Contenders joined by a chain of decided or tied battles; the largest group first.

        Ratings of two groups cannot be compared: only the prior holds them together.
        """
        met = self.win_rates()[1] > 0
        left_over = dict.fromkeys(range(len(self.names)))
        groups = []
        while left_over:
            reached, border = set(), [next(iter(left_over))]
            while border:
                here = border.pop()
                reached.add(here)
                border += [j for j in np.flatnonzero(met[here]).tolist() if j not in reached]
            left_over = dict.fromkeys(i for i in left_over if i not in reached)
            groups.append(tuple(self.names[i] for i in sorted(reached)))
        return tuple(sorted(groups, key=lambda group: -len(group)))


@dataclass(frozen=True, slots=True, eq=False)
class Ballots:
    """Votes one by one, as codes; n votes of v visitors. About 13 bytes a vote.

    `left` and `right` (n,) index `names`, `choice` (n,) indexes CHOICES, `visitor` (n,) is
    0 … v-1. `columns` are (n,) of what else is known, NaN or -1 where it is not: `turns`
    messages (0 where that is not known), `created` seconds since 1970, `length` characters of the
    first message, `chance` of the pair that was drawn, `language` an index of `languages`, and
    `style` (n, 4), see `arena.style.contrasts`. A column may be missing.
    """

    names: tuple[str, ...]
    left: np.ndarray
    right: np.ndarray
    choice: np.ndarray
    visitor: np.ndarray
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    languages: tuple[str, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str, str]], names: Sequence[str] = ()) -> "Ballots":
        """Ballots of rows (left, right, choice, visitor), read once: a stream is fine."""
        found: dict[str, int] = {}
        people: dict[str, int] = {}
        left, right, choice, visitor = array("i"), array("i"), array("b"), array("i")
        for a, b, outcome, person in rows:
            _check_pair(a, b)
            left.append(found.setdefault(a, len(found)))
            right.append(found.setdefault(b, len(found)))
            choice.append(_choice(outcome))
            visitor.append(people.setdefault(person, len(people)))
        names = _all_names(names, found)
        index = {name: i for i, name in enumerate(names)}
        order = np.array([index[name] for name in found], dtype=np.int32)
        return cls(
            names,
            order[np.asarray(left)] if found else np.asarray(left),
            order[np.asarray(right)] if found else np.asarray(right),
            np.asarray(choice),
            np.asarray(visitor),
        )

    @property
    def visitors(self) -> int:
        """How many people voted."""
        return int(self.visitor.max(initial=-1)) + 1

    def __len__(self) -> int:
        return len(self.left)

    def column(self, name: str) -> np.ndarray:
        """One of `columns`. Raises ValueError where it was not read."""
        if name not in self.columns:
            raise ValueError(f"these votes came without the column {name!r}: read them with it")
        return self.columns[name]

    def counts(self, weights: np.ndarray | None = None) -> Counts:
        """The same votes without the visitors; each counts once, or (n,) as its weight."""
        k, ends = len(self.names), len(CHOICES)
        kind = np.int32 if k < 20_000 else np.int64
        cell = (self.left.astype(kind) * k + self.right) * ends + self.choice
        table = np.bincount(cell, weights, minlength=k * k * ends)
        return Counts(self.names, table.reshape(k, k, ends).astype(float))

    def where(self, kept: np.ndarray) -> "Ballots":
        """Those of `kept` (n,) bool; visitors without a vote among them are forgotten."""
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


def _choice(choice: str) -> int:
    if choice not in CHOICES:
        raise ValueError(f"a vote is one of {', '.join(CHOICES)}, not {choice!r}")
    return CHOICES.index(choice)


def _check_pair(left: str, right: str) -> None:
    if left == right:
        raise ValueError(f"{left!r} met itself: such a battle says nothing and is never drawn")


def _all_names(first: Sequence[str], found: Iterable[str]) -> tuple[str, ...]:
    if len(set(first)) != len(first):
        raise ValueError(f"a contender is named twice in {list(first)}")
    return (*first, *sorted(set(found) - set(first)))
