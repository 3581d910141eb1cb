"""Token ids back to text as they come: whole characters, and nothing after a stop string."""

from collections.abc import Callable, Iterable, Sequence


class Text:
    """The text of a reply whose tokens arrive one by one; only what is certain is given out.

    Held back: an unfinished UTF-8 character, and an ending that a stop string may begin with. What
    follows a stop string is dropped, the stop string too, and `stopped` is then true. White space
    before the first word is dropped: a template that opens a reply with "Name:" leaves a space to
    the model, and a line's end there is no reason to stop.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], stop: Sequence[str] = ()):
        self.stopped = False
        self._decode = decode
        self._stop = tuple(filter(None, stop))
        self._ids: list[int] = []
        # Two marks where the text was whole: decoding starts at the elder, because some tokenizers
        # write the first word of a text without the space before it.
        self._elder = self._newer = 0
        self._shown = 0
        self._held = ""
        self._begun = False

    def add(self, ids: Iterable[int]) -> str:
        """The new text that these ids make certain; often empty."""
        self._ids += ids
        text = self._decode(self._ids[self._elder :])
        # One character has at most four bytes: three signs for its missing rest, and no more.
        whole = text[:-3] + text[-3:].rstrip("\ufffd")
        fresh, self._shown = whole[self._shown :], max(self._shown, len(whole))
        if whole == text and text:
            self._elder, self._newer = self._newer, len(self._ids)
            self._shown = len(self._decode(self._ids[self._elder :]))
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


def _overlap(text: str, stop: str) -> int:
    """The length of the longest ending of `text` that a longer `stop` begins with."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
