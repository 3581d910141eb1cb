"""What a pair of members gains over its better member, and how much of that is luck. Pure.

The oracle takes the least of several losses of each reply, so it falls with every member, be it the
same model with another seed. Two controls: what two seeds of one model gain; and what is left where
the member is chosen by the other replies of the conversation, without a look at the reply itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from blend.evaluation.resample import Estimate, Resampled, estimate

ALIKE = 0.05
"""Two models are of one size where their parameters differ by less than this share."""
SEEDS, SIZES = "one family, one size", "one family, two sizes"
FAMILIES, BOTH = "two families, one size", "two families, two sizes"
"""How two members differ; where a family is one recipe, SEEDS are two seeds of one model."""


@dataclass(frozen=True, slots=True)
class PairGain:
    """Two members: what their oracle gains over the better one, in the unit of the means.

    repeatable: what is gained by choosing between them by the conversation's other replies.
    """

    a: str
    b: str
    kind: str
    families: tuple[str, str]
    gain: float
    repeatable: float


@dataclass(frozen=True, slots=True)
class GainByRelation:
    """The mean over `pairs` pairs of one kind. beyond: the gain less that of two of SEEDS; None
    where there are none to compare with."""

    name: str
    pairs: int
    gain: Estimate
    repeatable: Estimate
    beyond: Estimate | None


def relation_of(a: tuple[str, int], b: tuple[str, int]) -> str:
    """How two members differ, each a family and its parameters."""
    alike = abs(a[1] - b[1]) < ALIKE * max(a[1], b[1])
    if a[0] == b[0]:
        return SEEDS if alike else SIZES
    return FAMILIES if alike else BOTH


def blind_choice(nats: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """(S,) the loss of each reply under the member that is best on half of the conversation's other
    replies: those at the odd places choose for the even ones, and the other way round.

    nats (S, N). Where a conversation has one reply, the member that is best on all chooses.
    """
    rank = pd.Series(clusters).groupby(clusters).cumcount().to_numpy()
    side = 2 * clusters + rank % 2
    sums = np.zeros((2 * (clusters.max() + 1), nats.shape[1]))
    np.add.at(sums, side, nats)
    other = sums[side ^ 1]
    best = np.where((other == 0).all(axis=1), nats.sum(axis=0).argmin(), other.argmin(axis=1))
    return nats[np.arange(len(nats)), best]


def pairs(
    nats: np.ndarray, members: Sequence[tuple[str, str, int]], over: Resampled
) -> tuple[list[PairGain], list[GainByRelation]]:
    """Every pair of members (name, family, parameters), and the means of each kind of pair.

    Kinds are those of `relation_of`, and each two families at one size by themselves.
    """
    means = over.means(nats)
    every: list[PairGain] = []
    groups: dict[str, list[np.ndarray]] = {}
    for i, j in combinations(range(len(members)), 2):
        (a, *first), (b, *second) = members[i], members[j]
        two = nats[:, [i, j]]
        least = over.means(np.column_stack([two.min(axis=1), blind_choice(two, over.clusters)]))
        gains = np.minimum(means[:, i], means[:, j])[:, None] - least
        relation = relation_of(tuple(first), tuple(second))
        families = tuple(sorted((first[0], second[0])))
        every.append(PairGain(a, b, relation, families, *gains[0].tolist()))
        for name in {relation, " and ".join(families) if relation == FAMILIES else relation}:
            groups.setdefault(name, []).append(gains)
    order = [SEEDS, SIZES, FAMILIES, *sorted(set(groups) - {SEEDS, SIZES, FAMILIES, BOTH}), BOTH]
    middles = {name: np.mean(groups[name], axis=0) for name in order if name in groups}
    return every, [_relation(name, len(groups[name]), middles) for name in middles]


def _relation(name: str, count: int, middles: dict[str, np.ndarray]) -> GainByRelation:
    gain, repeatable = (estimate(column[0], column[1:]) for column in middles[name].T)
    beyond = None
    if SEEDS in middles and name != SEEDS:
        more = middles[name][:, 0] - middles[SEEDS][:, 0]
        beyond = estimate(more[0], more[1:])
    return GainByRelation(name, count, gain, repeatable, beyond)
