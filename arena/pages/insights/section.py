"""A section of the Insights page: a question, and what answers it as of now."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import plotly.graph_objects as go

from arena.texts import ENGLISH, Texts

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
    """There is too little to answer a question; the text "insights." and `name` says what."""

    def __init__(self, name: str, **values: object):
        super().__init__(ENGLISH(f"insights.{name}", **values))
        self.name = name
        self.values = values


@dataclass(frozen=True, slots=True)
class Section:
    """One question, and its answer in a language. Its texts are those of "insights." and its slug.

    answer: blocks; may raise TooEarly. values: what stands in the texts as {name}.
    """

    slug: str
    answer: Callable[[Texts], SectionContent]
    values: Mapping[str, object]

    def content(self, texts: Texts = ENGLISH) -> SectionContent:
        """The answer as of now, or what it still needs. Blocks."""
        try:
            return self.answer(texts)
        except TooEarly as early:
            return SectionContent(texts(f"insights.{early.name}", **early.values))

    def title(self, texts: Texts) -> str:
        """The question, in a few words."""
        return texts(f"insights.{self.slug}.title")

    def shows(self, texts: Texts) -> str:
        """What its answer shows: a phrase, for the list of what there is too little for."""
        return texts(f"insights.{self.slug}.shows")

    def limits(self, texts: Texts) -> str:
        """What its answer does not show."""
        return texts(f"insights.{self.slug}.limits", **self.values)


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
