"""A fixed pattern of who writes which reply: a control in which nothing is left to chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from blend.conversation import Conversation
from blend.policies.policy import EPSILON, with_floor


@dataclass(frozen=True, slots=True)
class FixedSequence:
    """The members of `sequence` in its order, over and over: P(the one whose turn it is) = 1.

    Whose turn it is follows from how many replies stand in the history, not from who wrote them.
    Where the floor drew another, or a member was down, that place is over, and the pattern goes on
    as it would have: each reply has its place, in every conversation the same. Writers would not
    tell the place once the pattern was left, nor where it names a member twice. Undone, regenerated
    and mute replies do not count.

    A member that is down is replaced by the next one of the pattern that is up; where none is, all
    are drawn alike. Who is not in the pattern has the floor. With an epsilon of 0 the pattern is
    strict, and its log can judge no other policy.
    """

    sequence: Sequence[str]
    name: ClassVar[str] = "sequence"
    reads_message: ClassVar[bool] = False
    epsilon: float = EPSILON

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        replies = sum(turn.has_reply for turn in conversation.turns)
        place = replies % len(self.sequence)
        following = (*self.sequence[place:], *self.sequence[:place])
        due = next((m for m in following if m in members), None)
        return with_floor({m: float(m == due) for m in members}, self.epsilon)
