"""From a table of losses to a report on the law: pools, fits, gains, where Blended lies. Pure.

Pools are chosen on one half of the conversations and measured on the other, or the best of
thousands would owe its place to luck; pairs, which nobody chose, are measured on all.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from blend.command_line import CommandError
from blend.evaluation.resample import Resampled, estimate, halves, resample
from blend.scaling import pair_gain, power_law
from blend.scaling.loss_table import LossTable
from blend.scaling.pools import Pools, frontier, pool_losses, pools
from blend.scaling.report import (
    ACROSS,
    FAMILY,
    SINGLE,
    BlendedPosition,
    FitDifference,
    FrontierFit,
    FrontierPoint,
    MeasuredMember,
    PowerLaw,
    ScalingReport,
)

GRID = 40
"""Points of a line that is to be drawn."""


def report(
    title: str,
    table: LossTable,
    blends: Mapping[str, Sequence[str]],
    largest: int,
    body: bool,
    rng: np.random.Generator,
) -> ScalingReport:
    """Compute all of it. blends: pools to be reported by name. largest: size up to which every
    subset is looked at. body: count parameters outside the tables of tokens.

    Raises CommandError.
    """
    whole = table.whole()
    if len(whole.members) < 2:
        raise CommandError("a pool needs two members: add one, or join a second table of losses")
    nats, clusters, per = whole.nats, whole.clusters, whole.bytes * math.log(2)
    if clusters.max() < 1:
        raise CommandError(
            "all replies are of one conversation: nothing can be resampled; add more"
        )
    sizes = [m.parameters - body * m.embedding for m in whole.members]
    first = halves(clusters, rng)
    weights = np.column_stack([first, ~first, np.ones(len(first))]).astype(float)
    every = pools(nats, sizes, weights, min(largest, len(sizes)))
    over = resample(clusters, per, rng)
    rest = resample(np.unique(clusters[~first], return_inverse=True)[1], per[~first], rng)
    fits, differences = _fits(whole, every, nats[~first], rest)
    named = [(m.name, m.family, size) for m, size in zip(whole.members, sizes, strict=True)]
    pairs, kinds = pair_gain.pairs(nats, named, over)
    return ScalingReport(
        title,
        len(nats),
        len(table.frame) - len(nats),
        int(clusters.max()) + 1,
        _members(whole, over),
        fits,
        differences,
        tuple(pairs),
        tuple(kinds),
        (*_by_size(whole, every), *_by_name(whole, blends)),
        len(every) * len(nats),
        every.missed,
    )


def _members(whole: LossTable, over: Resampled) -> tuple[MeasuredMember, ...]:
    losses = zip(whole.members, over.estimates(whole.nats), strict=True)
    return tuple(
        MeasuredMember(m.name, m.family, m.parameters, m.embedding, loss) for m, loss in losses
    )


def _fits(
    whole: LossTable, every: Pools, nats: np.ndarray, rest: Resampled
) -> tuple[tuple[FrontierFit, ...], tuple[FitDifference, ...]]:
    """Each kind's frontier, chosen on the first half and measured on the rest, and how they differ.

    nats, rest: of the replies of the second half.
    """
    family = np.unique([m.family for m in whole.members], return_inverse=True)[1]
    inside = np.stack([(every.member & (family == f)).any(axis=1) for f in set(family)], axis=1)
    alone, pure = every.size == 1, inside.sum(axis=1) == 1
    fits, curves = [], {}
    for kind, which in {SINGLE: alone, FAMILY: ~alone & pure, ACROSS: ~pure}.items():
        if not which.any():
            fits.append(FrontierFit(kind, (), None, "there are none"))
            continue
        best = frontier(every.parameters, every.oracle[:, 0], which)
        measured = [_point(whole, every, n, nats, rest) for n in best]
        points = tuple(point for point, _ in measured)
        try:
            curves[kind] = power_law.fit(
                every.parameters[best], np.stack([oracle for _, oracle in measured], axis=1)
            )
            fits.append(FrontierFit(kind, points, _law(curves[kind])))
        except power_law.UnfittableCurve as reason:
            fits.append(FrontierFit(kind, points, None, str(reason)))
    pairs = combinations(curves, 2)
    return tuple(fits), tuple(_difference(a, b, curves[a], curves[b]) for a, b in pairs)


def _point(
    whole: LossTable, every: Pools, n: int, nats: np.ndarray, rest: Resampled
) -> tuple[FrontierPoint, np.ndarray]:
    """A pool as a point of its frontier; and its oracle, then that of each resample."""
    mask = every.member[n]
    means = rest.means(np.column_stack([*pool_losses(nats[:, mask]), nats[:, mask]]))
    oracle, (blended, mean, *singles) = means[:, 0], means[0, 1:].tolist()
    names = tuple(m.name for m, inside in zip(whole.members, mask, strict=True) if inside)
    loss = estimate(oracle[0], oracle[1:])
    return FrontierPoint(int(every.parameters[n]), names, loss, blended, mean, min(singles)), oracle


def _law(fitted: power_law.FittedLaw) -> PowerLaw:
    grid = np.geomspace(fitted.millions.min(), fitted.millions.max(), GRID)
    line = tuple(map(tuple, np.stack([grid, *fitted.at(grid)], axis=1).tolist()))
    return PowerLaw(fitted.scale, fitted.exponent, fitted.floor, line, fitted.notes)


def _difference(
    a: str, b: str, one: power_law.FittedLaw, two: power_law.FittedLaw
) -> FitDifference:
    """Both were resampled alike, so that what is the replies' own cancels out."""
    floors, exponents = one.draws[:, 2] - two.draws[:, 2], two.draws[:, 1] - one.draws[:, 1]
    return FitDifference(
        a,
        b,
        estimate(one.floor.value - two.floor.value, floors),
        estimate(two.exponent.value - one.exponent.value, exponents),
    )


def _by_size(whole: LossTable, every: Pools) -> Iterator[BlendedPosition]:
    """The mean over all pools of a size, for each size of which all were looked at."""
    for size in np.unique(every.size[every.size > 1]):
        these = every.size == size
        if these.sum() == math.comb(len(whole.members), int(size)):
            sums = (every.oracle, every.blended, every.mean, every.best)
            yield _between(f"of {size}", int(size), whole, [s[these, 2].mean() for s in sums])


def _by_name(whole: LossTable, blends: Mapping[str, Sequence[str]]) -> Iterator[BlendedPosition]:
    for name, members in blends.items():
        if len(members) > 1:
            nats = whole.of(members).nats
            sums = [each.sum() for each in pool_losses(nats)]
            yield _between(name, len(members), whole, [*sums, nats.sum(axis=0).min()])


def _between(name: str, members: int, whole: LossTable, nats: Sequence[float]) -> BlendedPosition:
    """nats: of all replies, of the oracle, Blended, the mean and the best single."""
    bits = whole.bytes.sum() * math.log(2)
    gap = float(nats[1] - nats[0]) / len(whole.frame)
    return BlendedPosition(name, members, *(float(each) / bits for each in nats), gap)
