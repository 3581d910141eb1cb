"""Votes in slices: by number of turns, language, length of the first message, or month.

A rating of a slice rests on that slice's votes alone. Blending draws anew at every turn, so if it
is worth anything it must show in battles of several turns: hence the first slice.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from arena.ranking.ballots import Ballots

UNKNOWN = "unknown"


def slices(ballots: Ballots, by: str) -> dict[str, Ballots]:
    """The votes of each slice that has any, in their natural order; what is not known comes last.

    Raises ValueError for a `by` that is none of BY, or whose column was not read.
    """
    if by not in BY:
        raise ValueError(f"votes can be sliced by {', '.join(BY)}, not by {by!r}")
    codes, labels = BY[by](ballots)
    present = np.bincount(codes + 1, minlength=len(labels) + 1) > 0
    parts = {label: ballots.where(codes == i) for i, label in enumerate(labels) if present[i + 1]}
    return parts | ({UNKNOWN: ballots.where(codes < 0)} if present[0] else {})


Coded = tuple[np.ndarray, Sequence[str]]
"""(n,) index of each vote's slice, -1 where it is not known, and the labels of the slices."""


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
    return place[codes], [names[i] for i in order]


def _month(ballots: Ballots) -> Coded:
    """By calendar month in UTC."""
    created = ballots.column("created").astype("datetime64[s]").astype("datetime64[M]")
    months, codes = np.unique(created, return_inverse=True)
    return codes, months.astype(str).tolist()


def _cut(values: np.ndarray, starts: Mapping[str, int]) -> Coded:
    """The slice of the last of `starts` that a value reaches; -1 below the first and for NaN."""
    codes = np.searchsorted([*starts.values()], values, side="right") - 1
    return np.where(np.isnan(values), -1, codes), [*starts]


BY: dict[str, Callable[[Ballots], Coded]] = {
    "turns": _turns,
    "language": _language,
    "length": _length,
    "month": _month,
}
