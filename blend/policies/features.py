"""A conversation as numbers: what a learned policy knows when it has to choose."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from blend.conversation import Conversation
from blend.policies.policy import last_writer

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MESSAGE, BEFORE = 600, 200
"""Characters of the message, and of what was said before it, that are read: the last ones."""
PLAIN = ("turns", "length", "question", "digits", "lines", "persona")
"""Features of the conversation itself; then, for each member, whether it wrote the last reply."""


class TextFeatures(Protocol):
    """Text → vector."""

    kind: str
    size: int

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Places (m,) and values (m,) of what is not zero."""

    def matrix(self, texts: Sequence[str]) -> "csr_matrix":
        """(n, size) for many texts; each row is what `row` gives."""

    def description(self) -> dict[str, object]:
        """What a policy file says of it."""


@dataclass(frozen=True, slots=True)
class HistoryFeatures:
    """Conversation that ends with a message → features: `text` of the message, `text` of what was
    said before, and the named ones. Nothing of the reply is in it."""

    text: TextFeatures
    members: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The names of the last features."""
        return (*PLAIN, *(f"after {member}" for member in self.members))

    @property
    def size(self) -> int:
        """Features in all."""
        return 2 * self.text.size + len(self.named)

    def row(self, conversation: Conversation) -> tuple[np.ndarray, np.ndarray]:
        """Places (m,) and values (m,) of the features that are not zero."""
        size = self.text.size
        message, before = (self.text.row(text) for text in _texts(conversation))
        plain = np.array(self._plain(conversation))
        places = [message[0], before[0] + size, np.arange(len(plain)) + 2 * size]
        return np.concatenate(places), np.concatenate([message[1], before[1], plain])

    def matrix(self, conversations: Sequence[Conversation]) -> "csr_matrix":
        """(n, size) float32, for fitting."""
        from scipy.sparse import csr_matrix, hstack

        texts = [_texts(conversation) for conversation in conversations]
        plain = np.array([self._plain(c) for c in conversations]).reshape(-1, len(self.named))
        blocks = [self.text.matrix([each[n] for each in texts]) for n in (0, 1)]
        return hstack([*blocks, csr_matrix(plain)], format="csr", dtype=np.float32)

    def _plain(self, conversation: Conversation) -> list[float]:
        """All of about the size of one, so that one penalty suits them."""
        message, last = conversation.turns[-1].prompt, last_writer(conversation)
        return [
            math.log1p(sum(turn.has_reply for turn in conversation.turns)) / 2,
            math.log1p(len(message)) / 5,
            float("?" in message),
            float(any(map(str.isdigit, message))),
            float("\n" in message),
            float(bool(conversation.system)),
            *(float(member == last) for member in self.members),
        ]


def _texts(conversation: Conversation) -> tuple[str, str]:
    """The end of the message, and of what was said before it, without the persona."""
    before = ""
    for turn in reversed(conversation.turns[:-1]):
        if turn.has_reply:
            before = f"{turn.prompt}\n{turn.reply}\n{before}"
        if len(before) >= BEFORE:
            break
    return conversation.turns[-1].prompt[-MESSAGE:], before[-BEFORE:]
