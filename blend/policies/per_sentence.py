"""A new draw for every sentence: the members write one reply in turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from blend.conversation import Conversation


@dataclass(frozen=True, slots=True)
class PerSentence:
    """Every member alike, afresh for each sentence of a reply: P(n) = 1/N.

    The member that is drawn goes on with what the others have written of the reply so far. Who it
    is depends on nothing that was said, so the chance that `a` alone writes a reply of s sentences
    is N^-s, and what `a` earns alone can be judged from the log.
    """

    name: ClassVar[str] = "per_sentence"
    reads_message: ClassVar[bool] = False

    def chances(self, members: Sequence[str], conversation: Conversation) -> dict[str, float]:
        return {member: 1 / len(members) for member in members}
