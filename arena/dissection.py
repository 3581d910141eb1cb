"""What the votes say of a blend taken apart: size, each member's part, the best member, copies.

Pure. Everything here is a sum of ratings with weights, so its error follows from their covariance:
contenders that met in the same battles do not count as independent.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

import numpy as np

from arena.parts import Game, Part, game
from arena.rating import Ratings, Z
from arena.shapley import shapley


@dataclass(frozen=True, slots=True)
class Points:
    """Rating points, with their 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a member is worth to the blend: its Shapley value, what the blend loses without it, and
    what it is rated alone; None where the contenders for it did not fight."""

    member: str
    shapley: Points | None
    left_out: Points | None
    alone: Points | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two of the members, by name on the board, and how far their blend is above the mean of the
    two; None where that did not fight."""

    a: str
    b: str
    gain: Points | None


@dataclass(frozen=True, slots=True)
class Dissection:
    """A blend taken apart.

    sizes: by number of members, how many such blends fought and their mean rating. parts: those
    blends, and how many members each has. exact: whether
    every subset fought; else the Shapley values are the best fit to those that did. best: the
    blend over the best of its members, whichever that is. copies: by name of a blend of copies, it
    over its own member, and the blend over it. pairs: its members two by two. notes: sentences on
    what is missing.
    """

    blend: str
    sizes: Mapping[int, tuple[int, Points]]
    parts: Mapping[str, int]
    contributions: tuple[Contribution, ...]
    exact: bool
    best: tuple[str, Points] | None
    copies: Mapping[str, tuple[Points | None, Points]]
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...]


def dissected(ratings: Ratings, parts: Sequence[Part], focus: str = "") -> Dissection | None:
    """The blend `focus` taken apart, or else the one of which most parts fought; None without any.

    ratings: with the names of `parts`; those that are not on it did not fight.
    """
    rated = [part for part in parts if part.name in ratings.counts.names]
    wholes = [part for part in rated if len(part.members) > 1]
    if not wholes:
        return None
    asked = [part for part in wholes if part.name == focus]
    whole = max(asked or wholes, key=lambda part: (len(game(part, rated)), len(part.members)))
    sets = game(whole, rated)
    board = _Board(ratings)
    notes = []
    early = [part.name for part in rated if ratings[part.name].preliminary and part.within(whole)]
    if early:
        notes.append(f"Under {ratings.minimum} battles, so hardly known: {', '.join(early)}.")
    worth = shapley(whole, sets)
    if worth is None:
        notes.append("Too few parts of it fought to tell what each member is worth to it.")
    exact = len(sets) == 2 ** len(whole.members) - 1
    if worth is not None and not exact:
        notes.append("Not every subset fought: Shapley values are the best fit to those that did.")
    return Dissection(
        blend=whole.name,
        sizes=_sizes(sets, board),
        parts={name: len(members) for members, name in sets.items()},
        contributions=_contributions(whole, sets, worth, board),
        exact=exact,
        best=_best(whole, sets, board),
        copies=_copied(whole, sets, rated, board),
        pairs=_pairs(whole, sets, board),
        notes=tuple(notes),
    )


class _Board:
    """Sums of ratings with weights, and their intervals."""

    def __init__(self, ratings: Ratings):
        self._points = {row.name: row.rating for row in ratings.rows}
        self._index = {name: i for i, name in enumerate(ratings.counts.names)}
        self._covariance = ratings.covariance

    def sum(self, weights: Mapping[str, float], z: float = Z) -> Points:
        value = sum(weight * self._points[name] for name, weight in weights.items())
        line = np.zeros(len(self._index))
        for name, weight in weights.items():
            line[self._index[name]] += weight
        half = z * math.sqrt(max(float(line @ self._covariance @ line), 0.0))
        return Points(value, value - half, value + half)

    def over(self, a: str, b: str, z: float = Z) -> Points:
        return self.sum({a: 1.0, b: -1.0}, z)


def _sizes(sets: Game, board: _Board) -> dict[int, tuple[int, Points]]:
    names: dict[int, list[str]] = {}
    for members, name in sets.items():
        names.setdefault(len(members), []).append(name)
    return {
        size: (len(those), board.sum({name: 1 / len(those) for name in those}))
        for size, those in sorted(names.items())
    }


def _contributions(
    whole: Part,
    sets: Game,
    worth: Mapping[tuple, Mapping[str, float]] | None,
    board: _Board,
) -> tuple[Contribution, ...]:
    found = []
    for member in whole.members:
        rest, alone = sets.get(whole.members - {member}), sets.get(frozenset([member]))
        found.append(
            Contribution(
                member=member[0],
                shapley=board.sum(worth[member]) if worth else None,
                left_out=board.over(whole.name, rest) if rest else None,
                alone=board.sum({alone: 1.0}) if alone else None,
            )
        )
    key = lambda c: (-(c.shapley.value if c.shapley else 0.0), c.member)  # noqa: E731
    return tuple(sorted(found, key=key))


def _best(whole: Part, sets: Game, board: _Board) -> tuple[str, Points] | None:
    """The blend over the best of its members: the least of its leads over each.

    Who is best is not known for sure, so the interval is that of the least lead: its lower end is
    the lowest, its upper end the lowest of intervals that all hold at once (Bonferroni).
    """
    singles = [name for members, name in sets.items() if len(members) == 1]
    if not singles:
        return None
    together = NormalDist().inv_cdf(1 - 0.025 / len(singles))
    leads = {name: board.over(whole.name, name) for name in singles}
    best = min(leads, key=lambda name: leads[name].value)
    low = min(lead.low for lead in leads.values())
    high = min(board.over(whole.name, name, together).high for name in singles)
    return best, Points(leads[best].value, low, high)


def _copied(
    whole: Part, sets: Game, rated: Iterable[Part], board: _Board
) -> dict[str, tuple[Points | None, Points]]:
    """Blends of copies of one of the members: over that member, and the blend over them."""
    found = {}
    for part in rated:
        if not part.copies:
            continue
        ((base, _),) = part.members
        single = next((sets[m] for m in sets if len(m) == 1 and next(iter(m))[0] == base), None)
        if base in {name for name, _ in whole.members}:
            over = board.over(part.name, single) if single else None
            found[part.name] = (over, board.over(whole.name, part.name))
    return found


def _pairs(whole: Part, sets: Game, board: _Board) -> tuple[Pair, ...]:
    alone = sorted(member for member in whole.members if frozenset([member]) in sets)
    found = []
    for one, other in combinations(alone, 2):
        a, b = sets[frozenset([one])], sets[frozenset([other])]
        both = sets.get(frozenset([one, other]))
        gain = board.sum({both: 1.0, a: -0.5, b: -0.5}) if both else None
        found.append(Pair(a, b, gain))
    return tuple(found)
