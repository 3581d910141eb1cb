"""A policy says how likely each member is to write the next reply; the engine does the drawing.

Here are those that need no data. Each keeps a floor: no member that is up is less likely than
`epsilon` (or 1/N where that is less), so that what was logged can judge any other policy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np

from blend.conversation import Conversation

EPSILON = 0.02
FLOORS = 0.1
"""The usual floor of a member, and how much all floors of a blend may come to."""


class Policy(Protocol):
    """P(member | conversation). Pure: the same arguments give the same chances."""

    name: str
    reads_message: bool
    """Whether the chances depend on the visitor's last message: if so, nothing is drawn ahead."""

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        """The chance of each of `members` (those that are up); they sum to one."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every member alike, afresh each turn: P(n) = 1/N (arXiv 2401.02994, Algorithm 1)."""

    name: ClassVar[str] = "uniform"
    reads_message: ClassVar[bool] = False

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        return {member: 1 / len(members) for member in members}


@dataclass(frozen=True, slots=True)
class Weighted:
    """P(n) ∝ its weight, 1 where none is named: the model alloys of XBOW (2025)."""

    name: ClassVar[str] = "weighted"
    reads_message: ClassVar[bool] = False
    weights: Mapping[str, float] = field(default_factory=dict)
    epsilon: float = EPSILON

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        return with_floor({m: self.weights.get(m, 1.0) for m in members}, self.epsilon)


@dataclass(frozen=True, slots=True)
class NoRepeat:
    """Whoever wrote the last reply gets the floor, the others share the rest alike."""

    name: ClassVar[str] = "no-repeat"
    reads_message: ClassVar[bool] = False
    epsilon: float = EPSILON

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        last = last_writer(conversation)
        return with_floor({m: float(m != last) for m in members}, self.epsilon)


@dataclass(frozen=True, slots=True)
class RoundRobin:
    """Each after the one before it in `order`; the first reply is anybody's. A control.

    It goes on from who really wrote the last reply, so a turn that fell out of order (by the
    floor, or because a member was down) does not repeat itself. With an epsilon of 0 the order is
    strict, and its log can judge no other policy.
    """

    order: tuple[str, ...]
    name: ClassVar[str] = "round-robin"
    reads_message: ClassVar[bool] = False
    epsilon: float = EPSILON

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        last = last_writer(conversation)
        if last not in self.order:
            return with_floor(dict.fromkeys(members, 1.0), self.epsilon)
        place = self.order.index(last) + 1
        following = (*self.order[place:], *self.order[:place])
        due = next((m for m in following if m in members), None)
        return with_floor({m: float(m == due) for m in members}, self.epsilon)


def default_floor(members: int) -> float:
    """The floor where the roster names none: a tenth of 1/N in blends of more than five, so that a
    large blend does not spend its draws on floors."""
    return min(EPSILON, FLOORS / members)


def last_writer(conversation: Conversation) -> str | None:
    """The member whose words end the history; None before the first, or where it is not told."""
    for turn in reversed(conversation.turns):
        if turn.has_reply:
            return (turn.writers or (turn.draw.member,))[-1] if turn.draw else None
    return None


def with_floor(scores: Mapping[str, float], epsilon: float) -> dict[str, float]:
    """Chances in proportion to `scores` (≥ 0), none below the floor; see `rows_with_floor`."""
    top = max(scores.values())
    if top <= 0:
        return dict.fromkeys(scores, 1 / len(scores))
    # Of the largest: sums and quotients of the very large or very small are not finite.
    row = np.array([[score / top for score in scores.values()]])
    return dict(zip(scores, rows_with_floor(row, row >= 0, epsilon)[0].tolist(), strict=True))


def rows_with_floor(scores: np.ndarray, up: np.ndarray, epsilon: float) -> np.ndarray:
    """(n, N) chances in proportion to `scores` of those that are up, each row's sum being one.

    None is below min(epsilon, 1/N): what lies below is raised to it, and only the others pay, each
    in proportion, so that scores which keep the floor by themselves are not changed.
    """
    least = np.minimum(epsilon, 1 / up.sum(1, keepdims=True)) * up
    raised = np.zeros_like(up)
    while True:
        free = np.where(raised, 0.0, scores)
        room = 1 - (least * raised).sum(1, keepdims=True)
        share = free / free.sum(1, keepdims=True).clip(min=1e-300) * room
        below = up & ~raised & (share < least)
        if not below.any():
            return np.where(raised, least, share)
        raised |= below
