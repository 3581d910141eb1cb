"""Token ids back to text as they come: whole characters, and nothing after a stop string."""

from collections.abc import Callable, Iterable, Sequence

from blend.prompt.reasoning import Reasoning, open_block, overlap_length

MOST_BYTES = 4
"""Of one character in UTF-8; a token has at least one."""
PATIENCE = 16
"""Ids after which what is no character yet is taken for none."""


class StreamDetokenizer:
    """The text of a reply whose tokens arrive one by one; only what is certain is given out.

    Held back: an unfinished UTF-8 character, and an ending that a stop string may begin with. What
    follows a stop string is dropped, the stop string too, and `stopped` is then true. White space
    before the first word is dropped, unless the reply goes on with a beginning: a template that
    opens a reply with "Name:" leaves a space to the model, and a line's end there is no reason to
    stop. Thoughts before the reply are given out with their markers; no stop string ends them.
    begun: whether a word has come.
    """

    def __init__(
        self,
        decode: Callable[[Sequence[int]], str],
        stop: Sequence[str] = (),
        beginning: Sequence[int] = (),
        opening: str = "",
    ):
        """beginning: the ids that the reply goes on with, or the last of them. opening: what the
        template writes before a reply that begins anew; a block of thoughts that it leaves open is
        opened in the text."""
        self.stopped = False
        self.begun = bool(beginning)
        self._decode = decode
        self._stop = tuple(filter(None, stop))
        self._ids: list[int] = list(beginning)
        # Two marks where the text was whole: decoding starts at the elder, because some tokenizers
        # write the first word of a text without the space before it.
        self._elder, self._newer = 0, len(self._ids)
        self._shown = len(_complete_characters(decode(self._ids))) if self._ids else 0
        self._held = ""
        self._opened = "" if beginning else open_block(opening)
        self._reasoning = Reasoning(begun=self.begun, prose=False)

    def add(self, ids: Iterable[int]) -> str:
        """The new text that these ids make certain; often empty."""
        self._ids += ids
        text = self._decode(self._ids[self._elder :])
        whole = _complete_characters(text)
        fresh, self._shown = whole[self._shown :], max(self._shown, len(whole))
        # Bytes that are no text may go on for ever: then a character may begin with the last ids.
        late = len(self._ids) - self._newer > PATIENCE
        if (whole == text and text) or late:
            self._elder, self._newer = self._newer, len(self._ids) - late * (MOST_BYTES - 1)
            self._shown = len(_complete_characters(self._decode(self._ids[self._elder :])))
        if not self.begun:
            fresh = fresh.lstrip()
            self.begun = bool(fresh)
            fresh = f"{self._opened}{fresh}" if fresh else ""
        return self._certain(self._reasoning.add(fresh))

    def end(self) -> str:
        """What was held back and turned out to be text, once no more ids will come."""
        rest = self._certain(self._reasoning.end()) + self._held
        self._held = ""
        return rest

    def _certain(self, parts: Iterable[tuple[str, str]]) -> str:
        certain = ""
        for kind, text in parts:
            if not self.stopped:
                text, self._held = self._held + text, ""
                certain += self._up_to_stop(text) if kind == "reply" else text
        return certain

    def _up_to_stop(self, text: str) -> str:
        ends = [at for at in map(text.find, self._stop) if at >= 0]
        if ends:
            self.stopped = True
            return text[: min(ends)]
        held = max((overlap_length(text, stop) for stop in self._stop), default=0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]


def _complete_characters(text: str) -> str:
    """The text without an unfinished character: signs for its missing rest, and no more."""
    rest = 1 - MOST_BYTES
    return text[:rest] + text[rest:].rstrip("\ufffd")
