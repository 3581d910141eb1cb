"""Votes in slices: by number of turns, language, length or category of the first message, or month.

A rating of a slice rests on that slice's votes alone. Blending draws anew at every turn, so if it
is worth anything it must show in battles of several turns: hence the first slice. Categories
overlap: a vote is in the slice of each that its battle's first message has.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from arena.ranking.ballots import Ballots

CATEGORY = "category"
"""What votes are sliced by where slices overlap."""

UNKNOWN = "unknown"

NO_CATEGORY = "no category"
"""The slice of first messages that were looked at and have none."""


def slices(ballots: Ballots, by: str) -> dict[str, Ballots]:
    """The votes of each slice that has any, in their natural order; what is not known comes last.

    by: one of BY. Raises ValueError where its column was not read.
    """
    return {label: ballots.where(kept) for label, kept in masks(ballots, by)}


def masks(ballots: Ballots, by: str) -> Iterator[tuple[str, np.ndarray]]:
    """The same slices by their labels, each as (n,) whether a vote is in it."""
    codes, labels, kinds = BY[by](ballots)
    present = np.bincount(codes + 1, minlength=len(kinds) + 1) > 0
    for label in labels:
        inside = np.array([label in kind for kind in kinds] + [False]) & np.roll(present, -1)
        if inside.any():
            yield label, inside[codes]
    if present[0]:
        yield UNKNOWN, codes < 0


Coded = tuple[np.ndarray, Sequence[str], Sequence[tuple[str, ...]]]
"""(n,) index of each vote's kind, -1 where it is not known; the labels of the slices in their
order; and in which of them a vote of each kind is."""


def _turns(ballots: Ballots) -> Coded:
    return _cut(ballots.column("turns"), {"1 turn": 1, "2 or 3 turns": 2, "4 turns or more": 4})


def _length(ballots: Ballots) -> Coded:
    starts = {"under 50 characters": 0, "50 to 199 characters": 50, "200 characters or more": 200}
    return _cut(ballots.column("length"), starts)


def _language(ballots: Ballots) -> Coded:
    """The most spoken first."""
    codes, names = ballots.column("language"), ballots.languages
    order = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(names)), kind="stable")
    place = np.append(np.argsort(order), -1)
    return _apart(place[codes], [names[i] for i in order])


def _month(ballots: Ballots) -> Coded:
    """By calendar month in UTC."""
    created = ballots.column("created").astype("datetime64[s]").astype("datetime64[M]")
    months, codes = np.unique(created, return_inverse=True)
    return _apart(codes, months.astype(str).tolist())


def _category(ballots: Ballots) -> Coded:
    """The category with the most votes first, those with none of them last."""
    codes = ballots.column("category")
    kinds = [kind or (NO_CATEGORY,) for kind in ballots.categories]
    votes = np.bincount(codes[codes >= 0], minlength=len(kinds))
    sizes: Counter[str] = Counter()
    for kind, n in zip(kinds, votes.tolist(), strict=True):
        sizes.update(dict.fromkeys(kind, n))
    order = sorted(sizes, key=lambda label: (label == NO_CATEGORY, -sizes[label], label))
    return codes, order, kinds


def _cut(values: np.ndarray, starts: Mapping[str, int]) -> Coded:
    """The slice of the last of `starts` that a value reaches; -1 below the first and for NaN."""
    codes = np.searchsorted([*starts.values()], values, side="right") - 1
    return _apart(np.where(np.isnan(values), -1, codes), [*starts])


def _apart(codes: np.ndarray, labels: Sequence[str]) -> Coded:
    """Slices that do not overlap: each kind is one of its own."""
    return codes, labels, [(label,) for label in labels]


BY: dict[str, Callable[[Ballots], Coded]] = {
    "turns": _turns,
    "language": _language,
    "length": _length,
    "month": _month,
    CATEGORY: _category,
}
