"""Thompson sampling: each member is drawn with the chance that it is the best, by what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import ClassVar, Self

import numpy as np

from blend.conversation import Conversation
from blend.policy import EPSILON, floored

POINTS = 257
"""Points of the grid about each member's belief, and over the whole of 0 … 1."""


@dataclass(frozen=True, slots=True)
class Merit:
    """What visitors said of one member: thumbs and shares of votes, for it and against it."""

    good: float = 0.0
    bad: float = 0.0


@dataclass(frozen=True, slots=True)
class Thompson:
    """P(n) = P(θ_n is the greatest), θ_n ~ Beta(1 + good, 1 + bad) (Thompson 1933).

    The chance itself, not one sample of it: so it can be logged. A member that nobody judged has
    the flat belief, and is tried. Merits come as a value; `fed` takes newer ones.
    """

    name: ClassVar[str] = "thompson"
    reads_message: ClassVar[bool] = False
    merits: Mapping[str, Merit] = field(default_factory=dict)
    epsilon: float = EPSILON

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        merits = [self.merits.get(member, Merit()) for member in members]
        best = best_of(tuple(m.good for m in merits), tuple(m.bad for m in merits))
        return floored(dict(zip(members, best.tolist(), strict=True)), self.epsilon)

    def fed(self, merits: Mapping[str, Merit]) -> Self:
        """The same policy with newer counts."""
        return replace(self, merits=merits)


@lru_cache(maxsize=64)
def best_of(good: tuple[float, ...], bad: tuple[float, ...]) -> np.ndarray:
    """(n,) chance of each to have the greatest θ: ∫ f_n(x) Π_{m≠n} F_m(x) dx, by trapezoids.

    The grid is fine about every belief's mean, so that a million counts are seen as well as none.
    Kept, because counts change once a minute, and judging a long log asks a million times.
    """
    a, b = 1 + np.asarray(good, float), 1 + np.asarray(bad, float)
    mean = a / (a + b)
    spread = np.sqrt(mean * (1 - mean) / (a + b + 1))
    near = mean[:, None] + spread[:, None] * np.linspace(-8, 8, POINTS)
    x = np.unique(np.concatenate([near.ravel(), np.linspace(0, 1, POINTS)]).clip(1e-9, 1 - 1e-9))
    log = (a - 1)[:, None] * np.log(x) + (b - 1)[:, None] * np.log1p(-x)
    density = np.exp(log - log.max(1, keepdims=True))
    below = np.cumsum(np.pad(_pieces(density, x), ((0, 0), (1, 0))), axis=1)
    whole = below[:, -1:]
    density, below = density / whole, below / whole
    others = np.stack([np.delete(below, n, axis=0).prod(0) for n in range(len(a))])
    best = _pieces(density * others, x).sum(1)
    best /= best.sum()
    best.flags.writeable = False
    return best


def _pieces(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """(n, m - 1) areas of the trapezoids under (n, m) curves."""
    return (y[:, 1:] + y[:, :-1]) / 2 * np.diff(x)
