"""Thompson sampling: each member is drawn with the chance that it is the best, by what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import ClassVar, Self

import numpy as np

from blend.conversation import Conversation
from blend.policies.policy import EPSILON, with_floor

POINTS = 257
"""Points of the grid about each member's belief, and over the whole of 0 … 1."""


@dataclass(frozen=True, slots=True)
class PreferenceCount:
    """What visitors said of one member: thumbs and shares of votes, for it and against it."""

    good: float = 0.0
    bad: float = 0.0


@dataclass(frozen=True, slots=True)
class Thompson:
    """P(n) = P(θ_n is the greatest), θ_n ~ Beta(1 + good, 1 + bad) (Thompson 1933).

    The chance itself, not one sample of it: so it can be logged. A member that nobody judged has
    the flat belief, and is tried. Merits come as a value; `with_counts` takes newer ones.
    """

    name: ClassVar[str] = "thompson"
    reads_message: ClassVar[bool] = False
    merits: Mapping[str, PreferenceCount] = field(default_factory=dict)
    epsilon: float = EPSILON

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        merits = [self.merits.get(member, PreferenceCount()) for member in members]
        best = chances_of_best(tuple(m.good for m in merits), tuple(m.bad for m in merits))
        return with_floor(dict(zip(members, best.tolist(), strict=True)), self.epsilon)

    def with_counts(self, merits: Mapping[str, PreferenceCount]) -> Self:
        """The same policy with newer counts."""
        return replace(self, merits=merits)


@lru_cache(maxsize=64)
def chances_of_best(good: tuple[float, ...], bad: tuple[float, ...]) -> np.ndarray:
    """(n,) chance of each to have the greatest θ: ∫ Π_{m≠n} F_m(x) dF_n(x), by trapezoids.

    The grid is fine about every belief's mean, so that a million counts are seen as well as none.
    Kept, because counts change once a minute, and judging a long log asks a million times.
    """
    from scipy.special import betainc

    a, b = 1 + np.asarray(good, float), 1 + np.asarray(bad, float)
    mean = a / (a + b)
    spread = np.sqrt(mean * (1 - mean) / (a + b + 1))
    near = mean[:, None] + spread[:, None] * np.linspace(-8, 8, POINTS)
    x = np.unique(np.concatenate([near.ravel(), np.linspace(0, 1, POINTS)]).clip(0, 1))
    below = betainc(a[:, None], b[:, None], x)
    others = np.stack([np.delete(below, n, axis=0).prod(0) for n in range(len(a))])
    best = (np.diff(below) * (others[:, 1:] + others[:, :-1]) / 2).sum(1)
    best /= best.sum()
    best.flags.writeable = False
    return best
