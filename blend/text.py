"""Token ids back to text as they come: whole characters, and nothing after a stop string."""

from collections.abc import Callable, Iterable, Sequence

MOST_BYTES = 4
"""Of one character in UTF-8; a token has at least one."""
PATIENCE = 16
"""Ids after which what is no character yet is taken for none."""


class Text:
    """The text of a reply whose tokens arrive one by one; only what is certain is given out.

    Held back: an unfinished UTF-8 character, and an ending that a stop string may begin with. What
    follows a stop string is dropped, the stop string too, and `stopped` is then true. White space
    before the first word is dropped: a template that opens a reply with "Name:" leaves a space to
    the model, and a line's end there is no reason to stop. A reply that goes on with a beginning
    keeps it.
    """

    def __init__(
        self,
        decode: Callable[[Sequence[int]], str],
        stop: Sequence[str] = (),
        beginning: Sequence[int] = (),
    ):
        """beginning: the ids that the reply goes on with, or the last of them."""
        self.stopped = False
        self._decode = decode
        self._stop = tuple(filter(None, stop))
        self._ids: list[int] = list(beginning)
        # Two marks where the text was whole: decoding starts at the elder, because some tokenizers
        # write the first word of a text without the space before it.
        self._elder, self._newer = 0, len(self._ids)
        self._shown = len(_whole(decode(self._ids))) if self._ids else 0
        self._held = ""
        self._begun = bool(self._ids)

    def add(self, ids: Iterable[int]) -> str:
        """The new text that these ids make certain; often empty."""
        self._ids += ids
        text = self._decode(self._ids[self._elder :])
        whole = _whole(text)
        fresh, self._shown = whole[self._shown :], max(self._shown, len(whole))
        # Bytes that are no text may go on for ever: then a character may begin with the last ids.
        late = len(self._ids) - self._newer > PATIENCE
        if (whole == text and text) or late:
            self._elder, self._newer = self._newer, len(self._ids) - late * (MOST_BYTES - 1)
            self._shown = len(_whole(self._decode(self._ids[self._elder :])))
        if not self._begun:
            fresh = fresh.lstrip()
            self._begun = bool(fresh)
        return self._certain(self._held + fresh)

    def end(self) -> str:
        """What was held back and turned out to be text, once no more ids will come."""
        rest, self._held = self._held, ""
        return "" if self.stopped else rest

    def _certain(self, text: str) -> str:
        if self.stopped:
            return ""
        ends = [at for at in map(text.find, self._stop) if at >= 0]
        if ends:
            self.stopped, self._held = True, ""
            return text[: min(ends)]
        held = max((_overlap(text, stop) for stop in self._stop), default=0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]


def _whole(text: str) -> str:
    """The text without an unfinished character: signs for its missing rest, and no more."""
    rest = 1 - MOST_BYTES
    return text[:rest] + text[rest:].rstrip("\ufffd")


def _overlap(text: str, stop: str) -> int:
    """The length of the longest ending of `text` that a longer `stop` begins with."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
