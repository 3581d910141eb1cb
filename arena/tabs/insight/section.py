"""A section of the Insights page: a sentence that reads a picture, and what it does not show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of texts and numbers under their heads."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str | float]]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What a section says as of now. Without a figure or a table there is none to be shown yet."""

    sentence: str
    figure: go.Figure | None = None
    table: Table | None = None

    @property
    def full(self) -> bool:
        """Whether there is anything to look at."""
        return self.figure is not None or self.table is not None


@dataclass(frozen=True, slots=True)
class Section:
    """One question: slug for its ids, title, what its answer shows and does not, and the answer.

    shows: a phrase, for the list of what there is too little for. show blocks, and is called in a
    thread whenever the tab is opened; what is costly it keeps.
    """

    slug: str
    title: str
    shows: str
    limits: str
    show: Callable[[], Shown]
