"""From losses to the hand-off matrix: drifts, and what of them is whose, with intervals. Pure.

The drift of b after a is what b loses on people's next reply when a wrote the earlier replies, less
what it loses when it wrote them itself. arXiv 2603.03111 finds that most of it is an effect of the
earlier model plus one of the later model. So the drifts of all pairs are fitted by least squares as
    drift(a, b) = mean + earlier(a) + later(b) + rest(a, b)
where the effects of members sum to zero; people, who only write, have an effect of their own. Each
of these is linear in the drifts, and so its interval is the clustered t of the same combination.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blend.command_line import CommandError
from blend.evaluation.clustered import half_width
from blend.evaluation.resample import Estimate
from blend.scaling.handoff.report import PEOPLE, HandoffCell, HandoffEffect, HandoffReport
from blend.scaling.handoff.verdicts import NOTES

FEW_CONVERSATIONS = 30
"""Below these the intervals are not to be trusted: they rest on sums being nearly normal."""


@dataclass(frozen=True, slots=True, eq=False)
class Drifts:
    """The drifts of all P pairs, and how far conversations agree on them.

    pairs (P, 2): indices of earlier and later. value (P,). residuals (C, P): see `half_width`.
    """

    pairs: np.ndarray
    value: np.ndarray
    residuals: np.ndarray

    def estimates(self, combinations: np.ndarray, level: float = 0.95) -> list[Estimate]:
        """Each linear combination (k, P) of the drifts."""
        values = combinations @ self.value
        half = half_width(self.residuals @ combinations.T, level)
        bounds = zip(values, values - half, values + half, strict=True)
        return [Estimate(*map(float, each)) for each in bounds]

    def apart(self, combinations: np.ndarray) -> list[bool]:
        """Whether each (k, P) differs from zero, all looked at together (Bonferroni)."""
        level = 1 - 0.05 / len(combinations)
        return [bool(each.side()) for each in self.estimates(combinations, level)]


@dataclass(frozen=True, slots=True, eq=False)
class AdditiveModel:
    """What makes effects out of drifts: each is a combination (…, P) of them.

    mean (1, P). earlier (M + 1, P): of members and people. later (M, P). rest (P, P).
    """

    mean: np.ndarray
    earlier: np.ndarray
    later: np.ndarray
    rest: np.ndarray

    @property
    def saturated(self) -> bool:
        """Whether there are as many effects as pairs, so that no rest can be told."""
        return bool(np.abs(self.rest).max() < 1e-9)


def drifts(nats: np.ndarray, bits: np.ndarray, clusters: np.ndarray) -> Drifts:
    """The drift of each pair of different ones, and of each member after people.

    nats (M + 1, S, M): losses of S replies, by who wrote the earlier ones (members in order, then
    people) and who goes on. bits (S,): what divides nats. clusters (S,): the conversations, from 0.
    """
    writers, _, members = nats.shape
    pairs = np.array([(a, b) for a in range(writers) for b in range(members) if a != b])
    earlier, later = pairs.T
    more = nats[earlier, :, later] - nats[later, :, later]
    value = more.sum(axis=1) / bits.sum()
    beyond = more - value[:, None] * bits
    residuals = np.zeros((int(clusters.max()) + 1, len(pairs)))
    np.add.at(residuals, clusters, beyond.T)
    return Drifts(pairs, value, residuals / bits.sum())


def additive_model(pairs: np.ndarray, members: int) -> AdditiveModel:
    """The least-squares fit to all pairs (P, 2), which are those of `drifts`."""
    # Columns of members but the last, which has minus their sum; and people's own.
    coded = np.vstack([np.eye(members - 1), -np.ones(members - 1)])
    rows = np.zeros((members + 1, members))
    rows[:members, :-1], rows[members, -1] = coded, 1
    earlier, later = pairs.T
    design = np.hstack([np.ones((len(pairs), 1)), rows[earlier], coded[later]])
    inverse = np.linalg.pinv(design)
    return AdditiveModel(
        inverse[:1],
        rows @ inverse[1 : 1 + members],
        coded @ inverse[1 + members :],
        np.eye(len(pairs)) - design @ inverse,
    )


def handoff_report(
    title: str, members: Sequence[str], nats: np.ndarray, size: np.ndarray, clusters: np.ndarray
) -> HandoffReport:
    """Compute all of it. nats, clusters: as of `drifts`; replies with one that is infinite are left
    out. size (S,): bytes of each reply. Raises CommandError where there is too little to tell."""
    usable = np.isfinite(nats).all(axis=(0, 2))
    clusters = np.unique(clusters[usable], return_inverse=True)[1]
    if not usable.any() or clusters.max() < 1:
        raise CommandError(
            "intervals need two conversations that fit every member's window: add some"
        )
    nats, bits = nats[:, usable], size[usable] * np.log(2)
    found = drifts(nats, bits, clusters)
    model = additive_model(found.pairs, len(members))
    conversations, notes = int(clusters.max()) + 1, []
    if conversations < FEW_CONVERSATIONS:
        notes.append(NOTES["few"].format(conversations=conversations))
    if model.saturated:
        notes.append(NOTES["two"])
    names = (*members, PEOPLE)
    earlier, later = _effects(names, found, model)
    return HandoffReport(
        title,
        tuple(members),
        int(usable.sum()),
        int((~usable).sum()),
        conversations,
        found.estimates(model.mean)[0],
        _cells(names, nats.sum(axis=1) / bits.sum(), found, model),
        earlier,
        later,
        None if model.saturated else _explained(found.value, model),
        tuple(notes),
    )


def _cells(
    names: Sequence[str], losses: np.ndarray, found: Drifts, model: AdditiveModel
) -> tuple[HandoffCell, ...]:
    """Every pair, and each member after itself. losses (M + 1, M)."""
    count = len(found.value)
    each, rests = found.estimates(np.eye(count)), found.estimates(model.rest)
    strict = found.apart(np.eye(count))
    at = {(a, b): n for n, (a, b) in enumerate(found.pairs.tolist())}
    cells = []
    for (a, b), loss in np.ndenumerate(losses):
        drift, rest, apart = None, None, False
        if (n := at.get((a, b))) is not None:
            drift, rest = each[n], None if model.saturated else rests[n]
            apart = strict[n]
        cells.append(HandoffCell(names[a], names[b], float(loss), drift, rest, apart))
    return tuple(cells)


def _effects(
    names: Sequence[str], found: Drifts, model: AdditiveModel
) -> tuple[tuple[HandoffEffect, ...], tuple[HandoffEffect, ...]]:
    """The effects of all as the earlier one, and of members as the later one."""
    both = np.vstack([model.earlier, model.later])
    each, apart = found.estimates(both), found.apart(both)
    named = zip((*names, *names[:-1]), each, apart, strict=True)
    effects = tuple(HandoffEffect(*effect) for effect in named)
    return effects[: len(names)], effects[len(names) :]


def _explained(value: np.ndarray, model: AdditiveModel) -> float | None:
    """1 - the rests' sum of squares over the drifts'; None where the drifts are all the same."""
    around = ((value - value.mean()) ** 2).sum()
    return float(1 - ((model.rest @ value) ** 2).sum() / around) if around > 0 else None
