"""A section of the Insights page: a question, and what answers it as of now."""

import threading
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import plotly.graph_objects as go

from arena.pages.templates import FOLDER, sentence

State = TypeVar("State")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, eq=False)
class SectionTable:
    """Rows of texts and numbers under their heads."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str | float]]


@dataclass(frozen=True, slots=True, eq=False)
class SectionContent:
    """A sentence, and the figure and table that it reads out; without both there are none yet."""

    sentence: str
    figure: go.Figure | None = None
    table: SectionTable | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look at."""
        return self.figure is None and self.table is None


class TooEarly(Exception):
    """There is too little to answer a question; one of the sentences of the page says what."""

    def __init__(self, name: str, **values: object):
        super().__init__(sentence(f"insights.{name}", **values))


@dataclass(frozen=True, slots=True)
class Section:
    """One question: slug for its ids, title, what its answer shows and does not, and the answer.

    shows: a phrase, for the list of what there is too little for. answer: blocks; may raise
    TooEarly.
    """

    slug: str
    title: str
    shows: str
    limits: str
    answer: Callable[[], SectionContent]

    def content(self) -> SectionContent:
        """The answer as of now, or what it still needs. Blocks."""
        try:
            return self.answer()
        except TooEarly as early:
            return SectionContent(str(early))


def sections(answers: Mapping[str, Callable[[], SectionContent]], **values: str) -> list[Section]:
    """The sections of these answers by slug, in the order of insights.toml, which has their texts.

    values: what stands in the texts as {name}.
    """
    texts = tomllib.loads((FOLDER / "insights.toml").read_text(encoding="utf-8"))
    return [
        Section(slug, text["title"], text["shows"], text["limits"].format(**values), answers[slug])
        for slug, text in texts.items()
    ]


class StateCache(Generic[State, Value]):
    """What `make` makes of a state, made once for each state; who asks meanwhile waits for it.

    seconds: for which a value serves, although the state has changed.
    """

    def __init__(
        self, state: Callable[[], State], make: Callable[[State], Value], seconds: float = 0.0
    ):
        self._state = state
        self._make = make
        self._seconds = seconds
        self._lock = threading.Lock()
        self._made: tuple[State, float, Value] | None = None

    def __call__(self) -> Value:
        """The value as of now. Blocks."""
        with self._lock:
            state, now = self._state(), time.monotonic()
            if self._made is None or (
                self._made[0] != state and now - self._made[1] >= self._seconds
            ):
                self._made = state, now, self._make(state)
            return self._made[2]
