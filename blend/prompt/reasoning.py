"""What a model thinks before it replies, told apart from the reply in the text that it writes.

Only a block at the beginning of a reply is a thought, after white space or after another block: a
reply that mentions `<think>` later mentions it. gpt-oss names a channel for each part of what it
writes, wherever it stands.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Literal

Kind = Literal["thought", "reply", "marker"]
Part = tuple[Kind, str]
"""A piece of what was written; joined in their order, the pieces are the whole text."""

BLOCKS = {
    "<think>": ("</think>",),  # DeepSeek, Qwen, SmolLM, GLM, MiniMax, Nemotron, Phi, OLMo, Granite
    "<thinking>": ("</thinking>",),
    "<thought>": ("</thought>",),  # EXAONE Deep
    "<reasoning>": ("</reasoning>",),
    "<seed:think>": ("</seed:think>",),
    "[THINK]": ("[/THINK]",),  # Magistral
    "◁think▷": ("◁/think▷",),  # Kimi
    "<|START_THINKING|>": ("<|END_THINKING|>",),  # Command A
    "<|inner_prefix|>": ("<|inner_suffix|>",),  # Apertus
    "<|begin_of_thought|>": ("<|end_of_thought|>",),
    "<|channel>thought": ("<channel|>",),  # Gemma 4
}
"""What opens a block of thoughts, and what closes it."""
PROSE = dict.fromkeys(
    ("Here is my thought process:", "Here's my thought process:"),
    ("Here is my response:", "Here's my response:"),
)
"""Granite's words for the same: anybody may begin a reply with them, so both must be there."""
ENVELOPES = {
    "<answer>": ("</answer>",),  # Hunyuan
    "<response>": ("</response>",),  # Granite, Ernie
    "<|START_RESPONSE|>": ("<|END_RESPONSE|>",),
    "<|begin_of_solution|>": ("<|end_of_solution|>",),
}
"""What may stand around a reply that follows a block."""

CHANNEL, MESSAGE, FINAL = "<|channel|>", "<|message|>", "final"
HEADS = (CHANNEL, "<|start|>assistant")
ENDS = ("<|end|>", "<|return|>", "<|call|>", "<|start|>", CHANNEL)
"""Of gpt-oss: what opens the head of a part, and what ends a part."""
MARKERS = (*((opening, *ends) for opening, ends in BLOCKS.items()), (CHANNEL, MESSAGE, *ENDS))
"""The markers of each kind, the one that opens a block first."""

LEAD, HEAD, UNSURE = 1_000, 300, 64_000
"""Characters that are held back at most: white space, a head, a thought that may be none."""


class Reasoning:
    """The parts of one reply, which comes in pieces of any size.

    Held back is what may yet turn out to be a marker, and no more.
    """

    def __init__(self, begun: bool = False, prose: bool = True):
        """begun: the text goes on with a reply, so no thought is at its beginning. prose: whether
        words may open a block, too; they are held back until others close it."""
        self._step = self._rest if begun else self._beginning
        self._openings = (*BLOCKS, *HEADS, *(PROSE if prose else ()))
        self._held = ""
        self._after = False
        self._kind: Kind = "reply"
        self._closings: tuple[str, ...] = ()
        self._then = self._rest

    def add(self, text: str) -> list[Part]:
        """The parts that this text makes certain."""
        if self._step == self._rest and not self._held:
            return [("reply", text)] if text else []
        self._held += text
        parts: list[Part] = []
        step = None
        while step != (self._step, self._kind):
            step = self._step, self._kind
            parts += self._step()
        return _joined(parts)

    def end(self) -> list[Part]:
        """What was held back, once no more will come."""
        text, self._held = self._held, ""
        if self._step == self._inside and self._kind == "thought":
            return _joined([("thought", text)])
        if self._step == self._head and "<|" in text:
            return [("marker", text)]
        return _joined(self._said(text))

    def _beginning(self) -> Iterator[Part]:
        core = self._held.lstrip()
        lead = len(self._held) - len(core)
        openings = (*self._openings, *ENVELOPES) if self._after else self._openings
        opening = next((o for o in openings if core.startswith(o)), "")
        if lead > LEAD or not (opening or any(o.startswith(core) for o in openings)):
            self._step = self._rest
            yield from self._said(self._consume(len(self._held)))
        elif opening in HEADS:
            self._step = self._head
            yield "marker", self._consume(lead)
        elif opening in PROSE:
            self._step, self._closings = self._unsure, PROSE[opening]
        elif opening in BLOCKS:
            self._enter("thought", BLOCKS[opening], self._beginning)
            yield "marker", self._consume(lead + len(opening))
        elif opening:
            self._step, self._closings = self._lead, ENVELOPES[opening]
            yield "marker", self._consume(lead + len(opening))

    def _said(self, text: str) -> Iterator[Part]:
        """The beginning of a reply; the white space between a thought and it is neither's."""
        lead = len(text) - len(text.lstrip()) if self._after else 0
        yield "marker", text[:lead]
        yield "reply", text[lead:]

    def _lead(self) -> Iterator[Part]:
        core = self._held.lstrip()
        yield "marker", self._consume(len(self._held) - len(core))
        if core:
            self._enter("reply", self._closings, self._rest)

    def _unsure(self) -> Iterator[Part]:
        at, closing = _first(self._held, self._closings)
        if closing and at <= UNSURE:
            start = self._held.index(":") + 1
            self._step, self._after = self._beginning, True
            yield "marker", self._consume(start)
            yield "thought", self._consume(at - start)
            yield "marker", self._consume(len(closing))
        elif len(self._held) > UNSURE + max(map(len, self._closings)):
            self._step = self._rest
            yield from self._said(self._consume(len(self._held)))

    def _rest(self) -> Iterator[Part]:
        yield "reply", self._consume(len(self._held))

    def _head(self) -> Iterator[Part]:
        at = self._held.find(MESSAGE)
        if 0 <= at <= HEAD:
            head = self._consume(at + len(MESSAGE))
            name = head.removesuffix(MESSAGE).rpartition(CHANNEL)[2].strip()
            self._enter("reply" if name.startswith(FINAL) else "thought", ENDS, self._head)
            yield "marker", head
        elif len(self._held) > HEAD + len(MESSAGE):
            self._step = self._rest

    def _enter(
        self, kind: Kind, closings: tuple[str, ...], then: Callable[[], Iterator[Part]]
    ) -> None:
        self._step, self._kind, self._closings, self._then = self._inside, kind, closings, then

    def _inside(self) -> Iterator[Part]:
        """Up to one of the closings."""
        at, closing = _first(self._held, self._closings)
        if closing:
            self._step, self._after = self._then, self._after or self._kind == "thought"
            yield self._kind, self._consume(at)
            yield "marker", self._consume(len(closing))
        else:
            overlap = max((overlap_length(self._held, c) for c in self._closings), default=0)
            yield self._kind, self._consume(len(self._held) - overlap)

    def _consume(self, length: int) -> str:
        taken, self._held = self._held[:length], self._held[length:]
        return taken


def open_block(opening: str) -> str:
    """The marker of the block that this text leaves open, as a template that opens a reply may."""
    for marker, closings in BLOCKS.items():
        _, found, after = opening.rpartition(marker)
        if found and not any(closing in after for closing in closings):
            return marker
    return ""


def marker_texts(markers: Callable[[str], object]) -> tuple[str, ...]:
    """The markers of those kinds whose opening `markers` finds in a vocabulary.

    Those that are special tokens there would be left out of what the model writes.
    """
    return tuple(text for kind in MARKERS if markers(kind[0]) for text in kind)


def overlap_length(text: str, marker: str) -> int:
    """The length of the longest ending of `text` that a longer `marker` begins with."""
    longest = min(len(text), len(marker) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(marker[:n])), 0)


def _first(text: str, markers: tuple[str, ...]) -> tuple[int, str]:
    """Where the first of the markers stands, and which it is; "" where there is none."""
    found = [(text.find(marker), marker) for marker in markers if marker in text]
    return min(found, default=(len(text), ""))


def _joined(parts: Iterable[Part]) -> list[Part]:
    """The same without empty ones, and neighbours of one kind as one."""
    kinds = groupby((part for part in parts if part[1]), key=itemgetter(0))
    return [(kind, "".join(text for _, text in same)) for kind, same in kinds]
