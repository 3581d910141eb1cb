"""How different members' first replies to one message are, as the arena's battles have them.

Pure. Where both sides of a battle were written by the same member, its replies differ by chance
alone: what two members differ by beyond that is theirs. `blend.diversity` asks for replies to the
same histories; here they come from visitors, and cost nothing.
"""

import math
from collections.abc import Callable, Iterable
from itertools import combinations

import numpy as np

from blend.diversity import Pair, unlike
from blend.resample import Estimate

FEWEST = 20
"""Messages that two members, or one twice, replied to, below which nothing is said."""

First = tuple[str, str, str, str]
"""The members that wrote the left and the right reply, and both replies, to the same message."""


def variety(
    replies: Iterable[First], distance: Callable[[str, str], float] = unlike
) -> tuple[Pair, ...]:
    """Every pair of members that is known well enough, the most different first.

    Battles are taken as independent of one another.
    """
    found: dict[tuple[str, str], list[float]] = {}
    for left, right, one, other in replies:
        a, b = sorted((left, right))
        found.setdefault((a, b), []).append(distance(one, other))
    known = {pair: np.array(each) for pair, each in found.items() if len(each) >= FEWEST}
    members = sorted({member for pair in known for member in pair})
    pairs = [
        Pair(a, b, _mean((1.0, known[a, b])), beyond)
        for a, b in combinations(members, 2)
        if (a, b) in known and (beyond := _beyond(known, a, b))
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.beyond.value))


def _beyond(known: dict[tuple[str, str], np.ndarray], a: str, b: str) -> Estimate | None:
    if (a, a) not in known or (b, b) not in known:
        return None
    return _mean((1.0, known[a, b]), (-0.5, known[a, a]), (-0.5, known[b, b]))


def _mean(*parts: tuple[float, np.ndarray]) -> Estimate:
    """The weighted sum of the means of independent samples, with its 95 % interval."""
    value = sum(weight * float(each.mean()) for weight, each in parts)
    half = 1.96 * math.sqrt(sum(weight**2 * each.var(ddof=1) / len(each) for weight, each in parts))
    return Estimate(value, value - half, value + half)
