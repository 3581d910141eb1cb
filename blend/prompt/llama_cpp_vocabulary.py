"""The vocabulary of a llama.cpp server: ids of prompts by its `/tokenize` alone."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise

from blend.prompt.encoder import MARKER, SPACE_SIGN, Marker, encode_blocks

Pieces = Sequence[tuple[int, bytes]]
"""Ids, and the bytes of each; a token may be a part of a character."""
Tokenize = Callable[[str, bool], Pieces]
"""Tokenizes a text and adds nothing to it; the flag is `parse_special`."""

PRIVATE = "".join(map(chr, range(0xE010, 0xE050)))
"""Private-use characters: those that a vocabulary lacks, it spells in bytes."""


class LlamaCppVocabulary:
    """The vocabulary of one llama.cpp server.

    A token of the template's own text is a marker if it is read only with `parse_special`, if it
    has the form of one (`<think>`, `[INST]`), or if it was added to the vocabulary and is more than
    a word. Without `parse_special` the server still reads tokens that were added as ordinary ones:
    a content in which it finds a marker is read in parts, so that it stays text and comes back
    whole.

    own: the template's own texts.
    """

    def __init__(self, tokenize: Tokenize, own: Iterable[str]):
        self._tokenize = tokenize
        self._marks = cache(self._strips_of_marker)
        self._puts_space = _joined_bytes(tokenize("a", False)) == b" a"
        self.control = frozenset(marker.id for text in {*own} for marker in self.markers(text))
        self._block = self._spelling_of_the_block()

    def markers(self, own: str) -> tuple[Marker, ...]:
        markers, at = [], 0
        for token, piece in self._tokenize(own, True):
            name = _text(piece)
            strips = self._marks(token, name)
            start = own.find(name, at) if strips else -1
            if start >= 0:
                at = start + len(name)
                markers.append(Marker(token, start, at, *strips))
        return tuple(markers)

    def encode(self, text: str, goes_on: bool) -> tuple[int, ...]:
        """The ids of what stands between two control tokens, or at the beginning."""
        return encode_blocks(text, self._block, self._encode)

    def _encode(self, text: str, within: bool = False) -> tuple[int, ...]:
        """within: the text goes on with one that no control token ended."""
        read, cuts, at = self._read(text, within), [], 0
        for token, piece in read:
            name = _text(piece)
            if len(name) > 1 and (token in self.control or MARKER.fullmatch(name)):
                start = text.find(name, at)
                if start >= 0:
                    cuts.append(start + 1)
                    at = start + len(name)
        if not cuts:
            return tuple(token for token, _ in read)
        parts = (text[start:end] for start, end in pairwise([0, *cuts, len(text)]))
        return tuple(
            token for n, part in enumerate(parts) for token in self._encode(part, within or n > 0)
        )

    def _read(self, text: str, within: bool) -> Pieces:
        """Without the space that some vocabularies put before a text, if it is the part of one."""
        for head in ("\n", ".", "a") if within and self._puts_space else ():
            before, read = (self._tokenize(t, False) for t in (head, head + text))
            if list(read[: len(before)]) == list(before):
                return read[len(before) :]
        return self._tokenize(text, False)

    def _strips_of_marker(self, token: int, text: str) -> tuple[bool, bool] | None:
        """Whether a marker takes the white space before and after it; None for other tokens."""
        if "\ufffd" in text or not text or text.isspace():
            return None
        steers = MARKER.fullmatch(text) or self._is_control(token, text)
        if not (steers or self._is_added(token, text)):
            return None
        around = (f"a \n{text}", f"{text} \na")
        return tuple(b"\n" not in _joined_bytes(self._tokenize(one, True)) for one in around)

    def _is_control(self, token: int, text: str) -> bool:
        meant, plain = ([i for i, _ in self._tokenize(text, flag)] for flag in (True, False))
        return meant == [token] != plain

    def _is_added(self, token: int, text: str) -> bool:
        """Whether it is cut out of any text before that is read, if it is more than a word."""
        if not any(map(str.isalnum, text)) or all(s.isalnum() or s.isspace() for s in text):
            return False
        if self._puts_space:  # also after what was cut out
            return _joined_bytes(self._tokenize(f"{text}a", False)) == f"{text} a".encode()
        beside = ((text, ""), (text[0], ""), ("", text[-1]), ("a", "a"), (" ", "\n"), ("1", "."))
        return all(
            [i for i, _ in self._tokenize(left + text + right, False)].count(token)
            == 1 + (left == text)
            for left, right in beside
        )

    def _spelling_of_the_block(self) -> dict[str, list[int]]:
        """The ids of the bytes of the block and of its stand-ins; none if it has a token."""
        if SPACE_SIGN.encode() in _joined_bytes(self._tokenize(f"a{SPACE_SIGN}a", False)):
            return {}
        # An unassigned character begins with the byte that the block begins with.
        read = self._tokenize(f"\u2fe0{PRIVATE}", False)
        known = {piece: token for token, piece in read if len(piece) == 1}
        spelt = {s: [known.get(bytes([b])) for b in s.encode()] for s in (*PRIVATE[:8], SPACE_SIGN)}
        if None in spelt[SPACE_SIGN]:
            return {}
        return {
            sign: ids
            for sign, ids in spelt.items()
            if sign == SPACE_SIGN
            or ids == [i for i, _ in self._tokenize(f"a{sign}a", False)][-4:-1]
        }


def _joined_bytes(read: Pieces) -> bytes:
    return b"".join(piece for _, piece in read)


def _text(piece: bytes) -> str:
    return piece.decode(errors="replace")
