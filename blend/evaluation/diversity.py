"""How different members' replies to one history are, beyond how one member differs from itself.

Pure: texts in, values out. A pool of alike members is one member: the more they differ, and the
less their losses go together, the more there is for a blend to gain. `pair_distances` takes several
replies to the same histories, `battle_distances` the first replies of the arena's battles.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement, product

import numpy as np

from blend.evaluation.reply_statistics import distinct, runs, words
from blend.evaluation.resample import Estimate

LONGEST = 4
"""Words of the longest runs that BLEU looks at."""
MIN_BATTLES = 20
"""Battles that two members, or one twice, replied in, below which nothing is said of them."""

Distance = Callable[[str, str], float]
"""How different two texts are, 0 for the same."""
Replies = Mapping[str, Sequence[Sequence[str]]]
"""Member → for each history, the same for all members, two or more replies to it."""


@dataclass(frozen=True, slots=True)
class MemberDistance:
    """Two members by one measure. between: the mean distance of one's reply to the other's; beyond:
    that, less what replies of one and the same member differ by (the mean of the two)."""

    a: str
    b: str
    between: Estimate
    beyond: Estimate


def self_bleu_distance(a: str, b: str) -> float:
    """1 - self-BLEU of the two: the mean of each against the other (Zhu et al., Texygen, 2018)."""
    one, two = words(a), words(b)
    shared = [
        (Counter(runs(one, n)) & Counter(runs(two, n))).total() for n in range(1, LONGEST + 1)
    ]
    forth, back = _bleu(shared, len(one), len(two)), _bleu(shared, len(two), len(one))
    return 1 - (forth + back) / 2


def _bleu(shared: Sequence[int], size: int, other: int) -> float:
    """BLEU of a text of `size` words against one of `other` words, 0 … 1 (Papineni et al. 2002; one
    more of each count above single words: Lin and Och 2004).

    shared: how many runs of one word, of two … of LONGEST they have in common.
    """
    if not size or not other:
        return float(size == other)
    if not shared[0]:
        return 0.0
    logs = min(0.0, 1 - other / size)
    for n, common in enumerate(shared, start=1):
        more = n > 1
        logs += math.log((common + more) / (max(0, size - n + 1) + more)) / LONGEST
    return math.exp(logs)


def new_bigrams(a: str, b: str) -> float:
    """Distinct-2 of the two together: different pairs of words over all (Li et al. 2016)."""
    return distinct([words(a), words(b)], 2)


MEASURES: Mapping[str, Distance] = {"1 - self-BLEU": self_bleu_distance, "distinct-2": new_bigrams}
"""What is measured where no embedding is at hand."""


def pair_distances(replies: Replies, distance: Distance) -> tuple[MemberDistance, ...]:
    """Every pair of members by one measure, the most different first."""
    distances = {}
    for a, b in combinations_with_replacement(replies, 2):
        both = zip(replies[a], replies[b], strict=True)
        distances[a, b] = np.array([_mean_distance(x, y, distance, a == b) for x, y in both])
    pairs = []
    for a, b in combinations(replies, 2):
        beyond = distances[a, b] - (distances[a, a] + distances[b, b]) / 2
        pairs.append(
            MemberDistance(a, b, _estimate((1.0, distances[a, b])), _estimate((1.0, beyond)))
        )
    return tuple(sorted(pairs, key=lambda pair: -pair.beyond.value))


def _mean_distance(
    some: Sequence[str], others: Sequence[str], distance: Distance, same: bool
) -> float:
    """Of one's replies to the other's; of different replies where it is one."""
    pairs = combinations(some, 2) if same else product(some, others)
    return float(np.mean([distance(x, y) for x, y in pairs]))


def battle_distances(
    battles: Iterable[tuple[str, str, str, str]], distance: Distance = self_bleu_distance
) -> tuple[MemberDistance, ...]:
    """Every pair of members that is known well enough, the most different first.

    battles: the members that wrote the left and the right first reply, and both replies. Where one
    member wrote both, they differ by chance alone. Battles are taken as independent.
    """
    distances: dict[tuple[str, str], list[float]] = {}
    for left, right, one, other in battles:
        a, b = sorted((left, right))
        distances.setdefault((a, b), []).append(distance(one, other))
    known = {pair: np.array(each) for pair, each in distances.items() if len(each) >= MIN_BATTLES}
    pairs = [
        MemberDistance(
            a, b, _estimate((1.0, each)), _estimate((1.0, each), *((-0.5, k) for k in own))
        )
        for (a, b), each in known.items()
        if a != b and len(own := [known[m, m] for m in (a, b) if (m, m) in known]) == 2
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.beyond.value))


def _estimate(*parts: tuple[float, np.ndarray]) -> Estimate:
    """The weighted sum of the means of independent samples, with its 95 % interval.

    t would be wider by a hundredth from a hundred values up.
    """
    value = sum(weight * float(each.mean()) for weight, each in parts)
    half = math.inf
    if all(len(each) > 1 for _, each in parts):
        variance = sum(weight**2 * each.var(ddof=1) / len(each) for weight, each in parts)
        half = 1.96 * math.sqrt(variance)
    return Estimate(value, value - half, value + half)


def loss_correlations(losses: Mapping[str, Sequence[float]]) -> dict[tuple[str, str], Estimate]:
    """Pearson's correlation of every pair's losses on the same samples, by Fisher's z.

    The lower, the more a pool of the two gains: its oracle takes the lesser loss of each sample.
    """
    return {
        (a, b): pearson(np.asarray(losses[a], float), np.asarray(losses[b], float))
        for a, b in combinations(losses, 2)
    }


def pearson(x: np.ndarray, y: np.ndarray) -> Estimate:
    """The correlation of two series; all of -1 … 1 where there are under four points, or none
    varies."""
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if len(x) < 4 or not x.std() or not y.std():
        return Estimate(math.nan, -1.0, 1.0)
    r = float(np.corrcoef(x, y)[0, 1])
    z, half = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, r))), 1.96 / math.sqrt(len(x) - 3)
    return Estimate(r, math.tanh(z - half), math.tanh(z + half))
