"""What the pictures of the Insights page have in common: grey lines, no tool bar, any width."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Protocol

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from arena.tabs.figures import GREY, bars, literal, plain
from blend.roster import PALETTE

TITLE = 26
"""Pixels that a panel's title takes above it."""

FIRST = PALETTE[0]
"""Of what is nobody's own."""


class Interval(Protocol):
    """Anything with a value and its 95 % interval."""

    value: float
    low: float
    high: float


MARKED = "simulated visitors"
"""Written into the pictures of people who were never there: a picture travels without its page."""


def rows(titles: list[str], height: int, shared: bool = True) -> go.Figure:
    """An empty figure of one panel under the other, so that a phone shows them at full width."""
    figure = make_subplots(
        rows=len(titles),
        cols=1,
        shared_xaxes=shared,
        vertical_spacing=min(0.5 / len(titles), 60 / height),
        subplot_titles=[*map(literal, titles)],
    )
    return finish(figure, height, TITLE)


def finish(figure: go.Figure, height: int, above: int = 0, top: int = 12) -> go.Figure:
    """No background, grey lines, no zoom; as wide as the page lets it be.

    above: pixels that something takes between the panel and the legend. The legend stands on that
    and grows upwards, as many lines as a phone makes of it; Plotly makes room for it.
    """
    legend = {"orientation": "h", "yanchor": "bottom", "x": 0}
    legend["y"] = 1 + (above + 6) / (height - 100)
    plain(figure, height, top + above)
    figure.update_layout(showlegend=True, legend=legend)
    figure.update_xaxes(title_font_size=13)
    figure.update_yaxes(title_font_size=13)
    figure.update_annotations(font_size=13, x=0, xanchor="left")
    return figure


def whiskers(
    rows: Sequence[tuple[str, Interval]], colours: Mapping[str, str], unit: str
) -> go.Figure:
    """One row a name, the first on top: its value as a point, its 95 % interval as a bar."""
    figure = finish(go.Figure(), 90 + 48 * len(rows))
    whisk(figure, rows, colours)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title_text=unit)
    return figure.update_layout(showlegend=False)


def whisk(
    figure: go.Figure,
    rows: Sequence[tuple[str, Interval]],
    colours: Mapping[str, str],
    **place: int,
) -> None:
    """The same into a panel of a figure."""
    for name, found in rows:
        colour = colours.get(name, FIRST)
        figure.add_scatter(
            x=[found.value],
            y=["<br>".join(map(literal, wrap(name, 22)))],
            error_x=bars([(found.value, found.low, found.high)], colour),
            mode="markers",
            marker={"color": colour, "size": 11},
            hovertemplate=f"{literal(name)}: {found.value:.3g}"
            f" ({found.low:.3g} to {found.high:.3g})<extra></extra>",
            showlegend=False,
            **place,
        )
    figure.add_vline(x=0, line={"color": GREY, "width": 1, "dash": "dot"}, **place)
    figure.update_xaxes(nticks=6, **place)
    figure.update_yaxes(type="category", **place)


def marked(figure: go.Figure, simulated: bool) -> go.Figure:
    """The figure, with a mark where nobody real stands behind it."""
    if simulated:
        last = list(figure.select_xaxes())[-1]
        last.title.text = " · ".join(filter(None, (last.title.text, MARKED)))
    return figure


def colours(names: list[str], known: Mapping[str, str]) -> dict[str, str]:
    """A colour for each name: that of the contender, or the next of the palette."""
    return {n: known.get(n, PALETTE[i % len(PALETTE)]) for i, n in enumerate(names)}


def faint(colour: str) -> str:
    """The same colour for a band behind a line."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.16)"
