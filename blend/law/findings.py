"""From a table of losses to a report on the law: pools, fits, gains, where Blended lies. Pure.

Pools are chosen on one half of the conversations and told on the other, or the best of thousands
would owe its place to luck; pairs, which nobody chose, are told on all.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from blend.law import curve, gain
from blend.law.ledger import Ledger
from blend.law.pools import Pools, frontier, of_each, pools
from blend.law.replies import LawError
from blend.law.report import (
    ACROSS,
    FAMILY,
    SINGLE,
    Between,
    Difference,
    Fit,
    Law,
    Member,
    Point,
    Report,
)
from blend.resample import Resampled, estimate, halves, resampled

GRID = 40
"""Points of a line that is to be drawn."""


def report(
    title: str,
    ledger: Ledger,
    blends: Mapping[str, Sequence[str]],
    largest: int,
    body: bool,
    rng: np.random.Generator,
) -> Report:
    """Reckon all of it. blends: pools to be told by name. largest: size up to which every subset is
    looked at. body: count parameters outside the tables of tokens. Raises LawError."""
    whole = ledger.whole()
    if len(whole.members) < 2:
        raise LawError("a pool needs two members: add one, or join a second table of losses")
    clusters, per = whole.clusters, whole.bytes * math.log(2)
    if clusters.max() < 1:
        raise LawError("all replies are of one conversation: nothing can be resampled; add more")
    sizes = np.array([m.parameters - body * m.embedding for m in whole.members])
    first = halves(clusters, rng)
    weights = np.column_stack([first, ~first, np.ones(len(first))]).astype(float)
    found = pools(whole.nats, sizes, weights, largest)
    over = resampled(clusters, per, rng)
    rest = resampled(np.unique(clusters[~first], return_inverse=True)[1], per[~first], rng)
    fits, differences = _fits(whole, found, first, rest)
    told, kinds = gain.pairs(
        whole.nats,
        [(m.name, m.family, int(n)) for m, n in zip(whole.members, sizes, strict=True)],
        over,
    )
    return Report(
        title,
        len(whole.nats),
        len(ledger.nats) - len(whole.nats),
        int(clusters.max()) + 1,
        _members(whole, over),
        fits,
        differences,
        tuple(told),
        tuple(kinds),
        tuple(_between(whole, found, blends)),
        len(found) * len(whole.nats),
        found.missed,
    )


def _members(whole: Ledger, over: Resampled) -> tuple[Member, ...]:
    return tuple(
        Member(m.name, m.family, m.parameters, m.embedding, loss)
        for m, loss in zip(whole.members, over.estimates(whole.nats), strict=True)
    )


def _fits(
    whole: Ledger, found: Pools, first: np.ndarray, rest: Resampled
) -> tuple[tuple[Fit, ...], tuple[Difference, ...]]:
    """Each kind's frontier, chosen on the first half and told on the rest, and how they differ."""
    family = np.unique([m.family for m in whole.members], return_inverse=True)[1]
    inside = np.stack([(found.member & (family == f)).sum(axis=1) for f in set(family)], axis=1)
    alone, pure = found.size == 1, (inside > 0).sum(axis=1) == 1
    nats = whole.nats[~first]
    kinds = {SINGLE: alone, FAMILY: ~alone & pure, ACROSS: ~pure}
    fits, curves = [], {}
    for name, which in kinds.items():
        chosen = frontier(found.parameters, found.oracle[:, 0], which) if which.any() else []
        if not len(chosen):
            fits.append(Fit(name, (), None, "there are none"))
            continue
        told = [_told(nats[:, found.member[n]], rest) for n in chosen]
        points = tuple(
            Point(int(found.parameters[n]), _names(whole, found.member[n]), *point)
            for n, (point, _) in zip(chosen, told, strict=True)
        )
        means = np.stack([oracle for _, oracle in told], axis=1)
        fitted = curve.fit(found.parameters[chosen], means)
        if isinstance(fitted, curve.NoCurve):
            fits.append(Fit(name, points, None, fitted.reason))
        else:
            curves[name] = fitted
            fits.append(Fit(name, points, _law(fitted)))
    both = [(SINGLE, FAMILY), (SINGLE, ACROSS), (FAMILY, ACROSS)]
    return tuple(fits), tuple(
        _difference(a, b, curves) for a, b in both if a in curves and b in curves
    )


def _told(nats: np.ndarray, rest: Resampled) -> tuple[tuple, np.ndarray]:
    """A pool's oracle with its interval, Blended, mean and best; and its oracle, resampled."""
    oracle, blended, mean = of_each(nats)
    means = rest.means(np.column_stack([oracle, blended, mean, nats]))
    least = means[:, 0]
    return (
        estimate(least[0], least[1:]),
        *means[0, 1:3].tolist(),
        float(means[0, 3:].min()),
    ), least


def _names(whole: Ledger, mask: np.ndarray) -> tuple[str, ...]:
    return tuple(m.name for m, there in zip(whole.members, mask, strict=True) if there)


def _law(found: curve.Curve) -> Law:
    grid = np.geomspace(found.millions.min(), found.millions.max(), GRID)
    line = tuple(map(tuple, np.stack([grid, *found.at(grid)], axis=1).tolist()))
    return Law(found.scale, found.exponent, found.floor, line, found.notes)


def _difference(a: str, b: str, curves: Mapping[str, curve.Curve]) -> Difference:
    """Both were resampled alike, so that what is the replies' own cancels out."""
    one, two = curves[a], curves[b]
    floors, exponents = one.draws[:, 2] - two.draws[:, 2], two.draws[:, 1] - one.draws[:, 1]
    return Difference(
        a,
        b,
        estimate(one.floor.value - two.floor.value, floors),
        estimate(two.exponent.value - one.exponent.value, exponents),
    )


def _between(whole: Ledger, found: Pools, blends: Mapping[str, Sequence[str]]) -> list[Between]:
    """By number of members, the mean over all pools of that size; then the blends by name."""
    bits, replies = whole.bytes.sum() * math.log(2), len(whole.nats)
    rows = []
    for size in np.unique(found.size[found.size > 1]):
        these = found.size == size
        if these.sum() < math.comb(len(whole.members), int(size)):
            continue  # only the best of that size were looked at
        oracle, blended, mean, best = (
            float(each[these, 2].mean())
            for each in (found.oracle, found.blended, found.mean, found.best)
        )
        told = (oracle / bits, blended / bits, mean / bits, best / bits)
        rows.append(Between(f"of {size}", int(size), *told, (blended - oracle) / replies))
    names = [m.name for m in whole.members]
    for name, members in blends.items():
        columns = whole.nats[:, [names.index(m) for m in members]]
        if columns.shape[1] > 1:
            oracle, blended, mean = (float(each.sum()) for each in of_each(columns))
            told = (oracle / bits, blended / bits, mean / bits, columns.sum(axis=0).min() / bits)
            rows.append(Between(name, columns.shape[1], *told, (blended - oracle) / replies))
    return rows
