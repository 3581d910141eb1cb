"""Text to token ids: a template's own text with its control tokens, what people say without any."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from blend.vocabulary import Vocabulary


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
