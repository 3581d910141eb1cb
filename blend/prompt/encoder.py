"""Text to token ids: a template's own text with its control tokens, what people say without any."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

MARKER = re.compile(r"<.+>|\[.+\]", re.DOTALL)
"""The form of a token that is made for a template to write, as <think>, <|user|> or [INST]."""
SPACE_SIGN = "\u2581"
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


class Encoder:
    """One vocabulary, for prompts: only the template's own text can become a control token.

    Between two control tokens, template and contents are encoded as one text, as a tokenizer does
    with the whole text. control: the ids of the control tokens.
    """

    def __init__(self, vocabulary: Vocabulary):
        self.control = vocabulary.control
        # A history comes again with every turn; a call of the tokenizer costs a fifth of a
        # millisecond, so a long one encoded anew would cost more than its cached prefix saves.
        self._text = lru_cache(4096)(vocabulary.encode)
        self._markers = lru_cache(256)(vocabulary.markers)

    def encode(self, pieces: Iterable[tuple[str, str]], goes_on: bool = False) -> list[int]:
        """The ids of pairs of a template's own text and the content after it; either may be empty.

        goes_on: other text comes before. No id of a content is a control token.
        """
        ids: list[int] = []
        text, strip = "", False
        for own, content in pieces:
            at = 0
            for marker in self._markers(own) if own else ():
                text += own[at : marker.start]
                text = text.rstrip() if marker.strips_left else text
                ids += self._section(text, strip, goes_on or bool(ids))
                ids.append(marker.id)
                text, strip, at = "", marker.strips_right, marker.end
            text += own[at:] + content
        ids += self._section(text, strip, goes_on or bool(ids))
        return ids

    def length(self, content: str) -> int:
        """How many ids a content takes."""
        return len(self._text(content, True))

    def _section(self, text: str, strip: bool, goes_on: bool) -> Sequence[int]:
        text = text.lstrip() if strip else text
        return self._text(text, goes_on) if text else ()


def encode_blocks(
    text: str, spellings: Mapping[str, Sequence[int]], encode: Callable[[str], Sequence[int]]
) -> tuple[int, ...]:
    """The ids of a text in which BLOCK stays a sign: another one is encoded in its place.

    spellings: the ids of BLOCK and of signs that may stand in for it; none if it needs no care.
    """
    unused = (sign for sign in spellings if sign not in text) if SPACE_SIGN in text else ()
    stand_in = next(iter(unused), SPACE_SIGN)
    ids = list(encode(text.replace(SPACE_SIGN, stand_in)))
    if stand_in == SPACE_SIGN:
        return tuple(ids)
    old, new, at = list(spellings[stand_in]), spellings[SPACE_SIGN], 0
    while at <= len(ids) - len(old):
        matches = ids[at : at + len(old)] == old
        if matches:
            ids[at : at + len(old)] = new
        at += len(new) if matches else 1
    return tuple(ids)
