"""A vocabulary: text to token ids, for a template's own text and for what people say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

MARKER = re.compile(r"<.+>|\[.+\]", re.DOTALL)
"""The form of a token that is made for a template to write, as <think>, <|user|> or [INST]."""
BLOCK = "\u2581"
"""SentencePiece's sign for a space: typed by somebody, it would be read back as a space."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A control token in a template's own text, and the characters that it stands for there.

    strips_left, strips_right: whether it takes the white space before or after it with it.
    """

    id: int
    start: int
    end: int
    strips_left: bool = False
    strips_right: bool = False


class Vocabulary(Protocol):
    """What an Encoder asks of a tokenizer. control: the ids that steer the model."""

    control: frozenset[int]

    def markers(self, own: str) -> Sequence[Marker]:
        """The control tokens of a template's own text, in its order."""
        ...

    def encode(self, text: str, goes_on: bool) -> Sequence[int]:
        """The ids of a text without control tokens: whatever it looks like, it stays text.

        goes_on: other text comes before; some vocabularies begin the first one otherwise.
        """
        ...


def replaced(ids: Sequence[int], old: Sequence[int], new: Sequence[int]) -> tuple[int, ...]:
    """The ids with every run that is `old` made `new`."""
    made, at = list(ids), 0
    while at <= len(made) - len(old):
        if made[at : at + len(old)] == list(old):
            made[at : at + len(old)] = new
            at += len(new)
        else:
            at += 1
    return tuple(made)
