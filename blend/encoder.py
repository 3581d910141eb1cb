"""Text to token ids: a template's own text with its control tokens, what people say without any."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from blend.content_tokenizer import ContentTokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

MARKER = re.compile(r"<.+>|\[.+\]", re.DOTALL)
"""The form of a token that is made for a template to write, as <think>, <|user|> or [INST]."""


class Encoder:
    """One tokenizer, for prompts: only the template's own text can become a control token.

    A token is control if it is special, or if it was added to the vocabulary as a marker: its text
    has the form of one (`<think>`, `[INST]`), or the chat template writes it and it is more than
    letters, digits and white space. Every other added token is ordinary text, such as the letter ü
    in a vocabulary that added it. Never control are white space, a single sign of the model's own
    alphabet, which it may need for other texts, and the token for what the vocabulary lacks.

    Between two control tokens, template and contents are encoded as one text, as
    `apply_chat_template` does, by a copy of the tokenizer that has no control tokens.

    chat: the chat template. control: the ids of the control tokens. Raises TypeError for a
    tokenizer without a backend of the tokenizers library.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", chat: str = ""):
        if not hasattr(tokenizer, "backend_tokenizer"):
            raise TypeError(f"its {type(tokenizer).__name__} is not of the tokenizers library")
        self._tokenizer = tokenizer
        added = tokenizer.added_tokens_decoder
        self.control = _control(tokenizer, chat)
        special = {i for i, token in added.items() if token.special}
        special.update(tokenizer.all_special_ids)
        self._left_out = special & {*self.control, tokenizer.unk_token_id}
        self._strips_left = {i for i in self.control if added[i].lstrip}
        self._strips_right = {i for i in self.control if added[i].rstrip}
        # A byte-level decoder takes letters of an added token for bytes: "ü" alone is half a sign.
        self._letters = {
            i: token.content
            for i, token in added.items()
            if i not in self._left_out
            and "\ufffd" in tokenizer.decode([i])
            and tokenizer.backend_tokenizer.model.token_to_id(token.content) is None
        }
        # A history comes again with every turn; a call of the tokenizer costs a fifth of a
        # millisecond, so a long one encoded anew would cost more than its cached prefix saves.
        self._text = lru_cache(4096)(ContentTokenizer(tokenizer, self.control).encode)
        self._markers = lru_cache(256)(self._find_markers)

    def encode(self, pieces: Iterable[tuple[str, str]], goes_on: bool = False) -> list[int]:
        """The ids of pairs of a template's own text and the content after it; either may be empty.

        goes_on: other text comes before. No id of a content is a control token.
        """
        ids: list[int] = []
        text, strip = "", False
        for own, content in pieces:
            at = 0
            for marker, start, end in self._markers(own):
                text += own[at:start]
                text = text.rstrip() if marker in self._strips_left else text
                ids += self._section(text, strip, goes_on or bool(ids))
                ids.append(marker)
                text, strip, at = "", marker in self._strips_right, end
            text += own[at:] + content
        ids += self._section(text, strip, goes_on or bool(ids))
        return ids

    def length(self, content: str) -> int:
        """How many ids a content takes."""
        return len(self._text(content, True))

    def decode(self, ids: Sequence[int], leave_out: Iterable[int] = ()) -> str:
        """The text of ids without special tokens, and without those to `leave_out`."""
        unseen = self._left_out.union(leave_out)
        kept = [i for i in ids if i not in unseen]
        if self._letters.keys().isdisjoint(kept):
            return self._decode(kept)
        parts = groupby(kept, self._letters.get)
        return "".join(
            letter * len(list(part)) if letter else self._decode(list(part))
            for letter, part in parts
        )

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, clean_up_tokenization_spaces=False)

    def _section(self, text: str, strip: bool, goes_on: bool) -> Sequence[int]:
        text = text.lstrip() if strip else text
        return self._text(text, goes_on) if text else ()

    def _find_markers(self, own: str) -> tuple[tuple[int, int, int], ...]:
        """The control tokens of a template's own text: id, start and end of each."""
        if not own:
            return ()
        read = self._tokenizer(
            own,
            add_special_tokens=False,
            split_special_tokens=False,
            return_offsets_mapping=True,
            verbose=False,
        )
        found = zip(read.input_ids, read.offset_mapping, strict=True)
        return tuple((i, *span) for i, span in found if i in self.control)


def _control(tokenizer: "PreTrainedTokenizerBase", chat: str) -> frozenset[int]:
    """The ids of the control tokens; see Encoder."""
    named = {*tokenizer.all_special_tokens, *(tokenizer.chat_control_tokens or ())}
    unknown = tokenizer.unk_token_id
    if unknown in (tokenizer.eos_token_id, tokenizer.bos_token_id):
        unknown = None

    def steers(text: str) -> bool:
        written = text in chat and not all(sign.isalnum() or sign.isspace() for sign in text)
        return text in named or written or bool(MARKER.fullmatch(text))

    def needed(text: str) -> bool:
        return len(text) == 1 and tokenizer.backend_tokenizer.model.token_to_id(text) is not None

    return frozenset(
        i
        for i, token in tokenizer.added_tokens_decoder.items()
        if (token.special or steers(token.content))
        and i != unknown
        and not (token.content.isspace() or needed(token.content))
    )
