"""Text to token ids: a template's own text with its control tokens, what people say without any."""

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BEFORE = "\ue002"
"""Written before a text that goes on with another, and its ids taken away again."""


class Encoder:
    """One tokenizer, asked for the pieces of a prompt one by one.

    For ordinary text the pieces' ids, joined, are those of the whole. They differ where a tokenizer
    merges over the border of two pieces. control: the ids of the tokens that steer the model.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase"):
        self._tokenizer = tokenizer
        # Splitting special tokens is a state of the tokenizer, not of the call: without the lock
        # another thread's call could have a visitor's text encoded as control tokens.
        self._lock = threading.Lock()
        markers = _markers(tokenizer)
        self.control = frozenset(markers.values())
        longest_first = sorted(markers, key=len, reverse=True)
        self._marker = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")
        self._before = tuple(self._split(BEFORE))
        self._prefixes = self._split("a") != self._without_before(self._split, "a")
        self._prefixes_again = self._prefixes and self._begins_anew_after(markers)
        # A history comes again with every turn; a call of the tokenizer costs a fifth of a
        # millisecond, so a long one encoded anew would cost more than its cached prefix saves.
        self._plain = lru_cache(4096)(self._encode_plain)
        self._own = lru_cache(256)(self._encode_own)

    def encode(self, pieces: Iterable[tuple[str, str]]) -> list[int]:
        """The ids of pairs of a template's own text and the content after it; either may be empty.

        No id of a content is a control token.
        """
        ids: list[int] = []
        for own, content in pieces:
            if own:
                ids += self._own(own, bool(ids))
            if content:
                marked = ids and ids[-1] in self.control
                ids += self._plain(content, bool(ids) and not (marked and self._prefixes_again))
        return ids

    def length(self, content: str) -> int:
        """How many ids a content takes."""
        return len(self._plain(content, True))

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, control tokens left out."""
        return self._tokenizer.decode(
            list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    def _encode_own(self, text: str, goes_on: bool) -> list[int]:
        with self._lock:
            return self._piece(self._whole, text, goes_on)

    def _encode_plain(self, text: str, goes_on: bool) -> list[int]:
        with self._lock:
            ids = self._piece(self._split, text, goes_on)
            if self.control.isdisjoint(ids):
                return ids
            # Markers that are no "special" tokens are matched all the same: break each in two.
            breaks = [0, *(m.start() + 1 for m in self._marker.finditer(text)), len(text)]
            parts = [(text[a:b], goes_on or a > 0) for a, b in pairwise(breaks)]
            ids = [i for part in parts for i in self._piece(self._split, *part)]
            return [i for i in ids if i not in self.control]

    def _piece(self, encode: Callable[[str], list[int]], text: str, goes_on: bool) -> list[int]:
        if goes_on and self._prefixes:
            return self._without_before(encode, text)
        return encode(text)

    def _without_before(self, encode: Callable[[str], list[int]], text: str) -> list[int]:
        """The ids of a text in the middle of another: without the space put before a first word."""
        ids, mark = encode(BEFORE + text), len(self._before)
        return ids[mark:] if tuple(ids[:mark]) == self._before else encode(text)

    def _begins_anew_after(self, markers: dict[str, int]) -> bool:
        """Whether a space is put before the text after a control token too."""
        first = self._split("a")
        return any(self._whole(f"{BEFORE}{text}a")[-len(first) :] == first for text in markers)

    def _whole(self, text: str) -> list[int]:
        return self._tokenizer(
            text, add_special_tokens=False, split_special_tokens=False, verbose=False
        ).input_ids

    def _split(self, text: str) -> list[int]:
        return self._tokenizer(
            text, add_special_tokens=False, split_special_tokens=True, verbose=False
        ).input_ids


def _markers(tokenizer: "PreTrainedTokenizerBase") -> dict[str, int]:
    """The tokens that steer a model: all that were added to the vocabulary, white space apart."""
    markers = {token.content: i for i, token in tokenizer.added_tokens_decoder.items()}
    markers |= dict(zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True))
    if tokenizer.unk_token_id not in (tokenizer.eos_token_id, tokenizer.bos_token_id):
        markers.pop(tokenizer.unk_token, None)  # stands for signs that it does not know
    return {text: i for text, i in markers.items() if text.strip()}
