"""What the votes say of a blend taken apart: size, each member's part, the best member, copies.

All are sums of ratings with weights, so their errors follow from the covariance: contenders that
met in the same battles do not count as independent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

from arena.ranking.ablation.composition import Coalitions, Composition, coalitions, shapley
from arena.ranking.ratings import Ratings, Z
from blend.evaluation.resample import Estimate


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a member is worth to the blend, in points: its Shapley value, what the blend loses
    without it, and its rating alone; None where the contenders for it did not fight."""

    member: str
    shapley: Estimate | None
    left_out: Estimate | None
    alone: Estimate | None


@dataclass(frozen=True, slots=True)
class MemberPair:
    """Two of the members, by name on the board, and how many points their blend is above the mean
    of the two; None where that did not fight."""

    a: str
    b: str
    gain: Estimate | None


@dataclass(frozen=True, slots=True)
class AblationResult:
    """A blend taken apart; estimates in rating points.

    sizes: by number of members, how many such blends fought and their mean rating. parts: those
    blends, and how many members each has. exact: whether every subset fought; else the Shapley
    values are the best fit to those that did. best: the blend over the best of its members,
    whichever that is. copies: by name of a blend of copies, it over its own member, and the blend
    over it. pairs: its members two by two. early: blends of under `minimum` battles.
    """

    blend: str
    sizes: Mapping[int, tuple[int, Estimate]]
    parts: Mapping[str, int]
    contributions: tuple[Contribution, ...]
    exact: bool
    best: tuple[str, Estimate] | None
    copies: Mapping[str, tuple[Estimate | None, Estimate]]
    pairs: tuple[MemberPair, ...]
    early: tuple[str, ...]
    minimum: int


def analyse_blend(
    ratings: Ratings, parts: Sequence[Composition], focus: str = ""
) -> AblationResult | None:
    """The blend `focus` taken apart, or else the one of which most parts fought; None without any.

    ratings: with the names of `parts`; those that are not on it did not fight.
    """
    rated = [part for part in parts if part.name in ratings.counts.names]
    wholes = [part for part in rated if len(part.members) > 1]
    if not wholes:
        return None
    named = [part for part in wholes if part.name == focus]
    whole = max(named or wholes, key=lambda part: (len(coalitions(part, rated)), len(part.members)))
    sets = coalitions(whole, rated)
    worth = shapley(whole, sets)
    exact = len(sets) == 2 ** len(whole.members) - 1
    early = [part.name for part in rated if ratings[part.name].preliminary and part.within(whole)]
    return AblationResult(
        blend=whole.name,
        sizes=_sizes(sets, ratings),
        parts={name: len(members) for members, name in sets.items()},
        contributions=_contributions(whole, sets, worth or {}, ratings),
        exact=exact,
        best=_best(whole, sets, ratings),
        copies=_copies(whole, sets, rated, ratings),
        pairs=_pairs(whole, sets, ratings),
        early=tuple(early),
        minimum=ratings.minimum,
    )


def _contrast(
    ratings: Ratings, weights: Mapping[str, float] | None, z: float = Z
) -> Estimate | None:
    """Σ weight·rating with its interval; None for weights that are not known."""
    if weights is None:
        return None
    value, error = ratings.contrast(weights)
    return Estimate(value, value - z * error, value + z * error)


def _difference(ratings: Ratings, a: str | None, b: str | None, z: float = Z) -> Estimate | None:
    """How far a is above b; None where one of them did not fight."""
    return _contrast(ratings, {a: 1.0, b: -1.0} if a and b else None, z)


def _sizes(sets: Coalitions, ratings: Ratings) -> dict[int, tuple[int, Estimate]]:
    sizes = {}
    for size in sorted({len(members) for members in sets}):
        names = [name for members, name in sets.items() if len(members) == size]
        sizes[size] = len(names), _contrast(ratings, dict.fromkeys(names, 1 / len(names)))
    return sizes


def _contributions(
    whole: Composition,
    sets: Coalitions,
    worth: Mapping[tuple, Mapping[str, float]],
    ratings: Ratings,
) -> tuple[Contribution, ...]:
    contributions = []
    for member in whole.members:
        alone = sets.get(frozenset([member]))
        each = Contribution(
            member=member[0],
            shapley=_contrast(ratings, worth.get(member)),
            left_out=_difference(ratings, whole.name, sets.get(whole.members - {member})),
            alone=_contrast(ratings, {alone: 1.0} if alone else None),
        )
        contributions.append(each)
    contributions.sort(key=lambda c: (-(c.shapley.value if c.shapley else 0.0), c.member))
    return tuple(contributions)


def _best(whole: Composition, sets: Coalitions, ratings: Ratings) -> tuple[str, Estimate] | None:
    """The blend over the best of its members: the least of its leads over each.

    Who is best is not known for sure, so the interval is that of the least lead: its lower end is
    the lowest, its upper end the lowest of intervals that all hold at once (Bonferroni).
    """
    singles = [name for members, name in sets.items() if len(members) == 1]
    if not singles:
        return None
    together = NormalDist().inv_cdf(1 - 0.025 / len(singles))
    leads = {name: _difference(ratings, whole.name, name) for name in singles}
    best = min(leads, key=lambda name: leads[name].value)
    low = min(lead.low for lead in leads.values())
    high = min(_difference(ratings, whole.name, name, together).high for name in singles)
    return best, Estimate(leads[best].value, low, high)


def _copies(
    whole: Composition, sets: Coalitions, rated: Iterable[Composition], ratings: Ratings
) -> dict[str, tuple[Estimate | None, Estimate]]:
    """Blends of copies of one of the members: over that member, and the blend over them."""
    singles = {base: sets.get(frozenset([(base, settings)])) for base, settings in whole.members}
    result = {}
    for part in (part for part in rated if part.copies):
        ((base, _),) = part.members
        if base in singles:
            over_member = _difference(ratings, part.name, singles[base])
            result[part.name] = (over_member, _difference(ratings, whole.name, part.name))
    return result


def _pairs(whole: Composition, sets: Coalitions, ratings: Ratings) -> tuple[MemberPair, ...]:
    alone = sorted(member for member in whole.members if frozenset([member]) in sets)
    result = []
    for one, other in combinations(alone, 2):
        a, b = sets[frozenset([one])], sets[frozenset([other])]
        both = sets.get(frozenset([one, other]))
        weights = {both: 1.0, a: -0.5, b: -0.5} if both else None
        result.append(MemberPair(a, b, _contrast(ratings, weights)))
    return tuple(result)
