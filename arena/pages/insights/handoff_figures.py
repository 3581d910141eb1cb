"""A matrix of hand-offs as a heat map that needs no colour: each cell has its figure."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from arena.pages import figures
from arena.pages.figures import plotly_text, wrap_label

MOST = 12
"""Members that are drawn, as rows and columns: more cannot be read; the table has all."""

READABLE = 5
"""Members whose figures a phone shows at full size."""

COSTS, GAINS = "rgba(213, 94, 0, 0.6)", "rgba(0, 114, 178, 0.6)"
"""Told apart with any colour vision, on the light and the dark page."""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A cell: its value, what stands in it, and what the table and the pointer say of it.

    found: whether its value differs from zero.
    """

    value: float
    short: str
    long: str
    found: bool = False

    @property
    def written(self) -> str:
        """What the table says."""
        return marked(self.long, self.found)


def marked(text: str, found: bool) -> str:
    """The text with a mark where it is found."""
    return f"{text} *" if found else text


def heat_map(
    rows: Sequence[tuple[str, Sequence[HeatCell]]], columns: Sequence[str], axis: str
) -> go.Figure:
    """Rows with their names. Values above zero have one colour, those below another; what is found
    is bold."""
    most = max((abs(cell.value) for _, row in rows for cell in row), default=0) or 1.0
    people = rows[len(columns) :]  # who wrote the data, below those that are drawn
    rows, columns = [*rows[: len(columns)][:MOST], *people], columns[:MOST]
    figure = figures.new_figure(150 + 46 * len(rows))
    figure.add_heatmap(
        z=[[cell.value for cell in row[:MOST]] for _, row in rows],
        x=[wrap_label(name, 12) for name in columns],
        y=[wrap_label(name, 14) for name, _ in rows],
        text=[[_text(cell) for cell in row[:MOST]] for _, row in rows],
        customdata=[[plotly_text(cell.written) for cell in row[:MOST]] for _, row in rows],
        texttemplate="%{text}",
        textfont_size=12 if len(columns) <= READABLE else None,  # else as small as it must be
        zmin=-most,
        zmax=most,
        colorscale=[[0, GAINS], [0.5, "rgba(125, 130, 140, 0.08)"], [1, COSTS]],
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{y}, %{x}: %{customdata}<extra></extra>",
    )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return figure.update_xaxes(type="category", showgrid=False, tickangle=-35, title_text=axis)


def _text(cell: HeatCell) -> str:
    return f"<b>{plotly_text(cell.short)}</b>" if cell.found else plotly_text(cell.short)
