"""The vocabulary of a transformers tokenizer: which tokens are control, and ids back to text."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from blend.prompt.content_tokenizer import ContentTokenizer
from blend.prompt.encoder import MARKER, Marker
from blend.prompt.reasoning import marker_texts

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class TransformersVocabulary:
    """A tokenizer of the tokenizers library.

    A token is control if it is special, or if it was added to the vocabulary as a marker: its text
    has the form of one (`<think>`, `[INST]`), or the chat template writes it and it is more than
    letters, digits and white space. Every other added token is ordinary text, such as the letter ü
    in a vocabulary that added it. Never control are white space, a single sign of the model's own
    alphabet, which it may need for other texts, and the token for what the vocabulary lacks.

    What people say is encoded by a copy of the tokenizer that has no control tokens.

    chat: the chat template. Raises TypeError for a tokenizer without a backend of that library.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", chat: str = ""):
        if not hasattr(tokenizer, "backend_tokenizer"):
            raise TypeError(f"its {type(tokenizer).__name__} is not of the tokenizers library")
        self._tokenizer = tokenizer
        added = tokenizer.added_tokens_decoder
        self.control = _control(tokenizer, chat)
        special = {i for i, token in added.items() if token.special}
        special.update(tokenizer.all_special_ids)
        self._strips_left = {i for i in self.control if added[i].lstrip}
        self._strips_right = {i for i in self.control if added[i].rstrip}
        self._thoughts = {m.id for text in marker_texts(self.markers) for m in self.markers(text)}
        self._left_out = special & {*self.control, tokenizer.unk_token_id} - self._thoughts
        # A byte-level decoder takes letters of an added token for bytes: "ü" alone is half a sign.
        self._letters = {
            i: token.content
            for i, token in added.items()
            if i not in self._left_out
            and "\ufffd" in tokenizer.decode([i])
            and tokenizer.backend_tokenizer.model.token_to_id(token.content) is None
        }
        self.encode = ContentTokenizer(tokenizer, self.control).encode

    def markers(self, own: str) -> tuple[Marker, ...]:
        how = {"add_special_tokens": False, "split_special_tokens": False, "verbose": False}
        read = self._tokenizer(own, return_offsets_mapping=True, **how)
        found = zip(read.input_ids, read.offset_mapping, strict=True)
        return tuple(
            Marker(i, *span, i in self._strips_left, i in self._strips_right)
            for i, span in found
            if i in self.control
        )

    def decode(self, ids: Sequence[int], leave_out: Iterable[int] = ()) -> str:
        """The text of ids without special tokens, and without those to `leave_out`.

        What tells thoughts from the reply stays.
        """
        unseen = self._left_out.union(leave_out) - self._thoughts
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


def _control(tokenizer: "PreTrainedTokenizerBase", chat: str) -> frozenset[int]:
    """The ids of the control tokens; see TransformersVocabulary."""
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
