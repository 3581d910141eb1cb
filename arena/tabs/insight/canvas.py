"""What all figures have in common: grey lines, no tool bar, any width; intervals, bands, marks."""

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import Protocol

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from blend.roster import PALETTE

GREY = "#7d828c"
"""Text and lines: the same distance from white and from the dark page. style.css sharpens text."""

FAINT = "rgba(125, 130, 140, 0.25)"

FIRST = PALETTE[0]
"""The colour of what belongs to no contender."""

TITLE = 26
"""Pixels that a panel's title takes above it."""

MARKED = "simulated visitors"
"""Written into the figures of people who were never there: a picture travels without its page."""


class Interval(Protocol):
    """Anything with a value and its 95 % interval."""

    value: float
    low: float
    high: float


def blank(
    height: int,
    titles: Sequence[str] = (),
    shared: bool = True,
    legend: bool = False,
    top: int = 12,
) -> go.Figure:
    """An empty figure: no background, grey lines, no zoom; as wide as the page lets it be.

    titles: of panels one under the other, so that a phone shows them at full width. shared: whether
    these have one x axis. legend: it stands above the panels and grows upwards, as many lines as a
    phone makes of it; Plotly makes room for it.
    """
    if titles:
        figure = make_subplots(
            rows=len(titles),
            cols=1,
            shared_xaxes=shared,
            vertical_spacing=min(0.5 / len(titles), 60 / height),
            subplot_titles=[*map(plotly_text, titles)],
        )
    else:
        figure = go.Figure()
    above, clear = TITLE if titles else 0, "rgba(0, 0, 0, 0)"
    figure.update_layout(
        template="none",
        paper_bgcolor=clear,
        plot_bgcolor=clear,
        font={"color": GREY, "family": "system-ui, sans-serif", "size": 13},
        hoverlabel={"bgcolor": "#1f2937", "font": {"color": "#ffffff"}},
        margin={"l": 8, "r": 16, "t": top + above, "b": 12},
        height=height,
        autosize=True,
        dragmode=False,
        showlegend=legend,
        legend={"orientation": "h", "yanchor": "bottom", "x": 0},
        legend_y=1 + (above + 6) / (height - 100),
    )
    lines = {"gridcolor": FAINT, "linecolor": FAINT, "zeroline": False, "automargin": True}
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(fixedrange=True, title_font_size=13, **lines)
    figure.update_annotations(font_size=13, x=0, xanchor="left")
    return figure


def plotly_text(text: str) -> str:
    """A text that Plotly draws as it is: else it reads tags, entities and %{…} in it."""
    return escape(text, quote=False).replace("%{", "&#37;{")


def wrapped(name: str, width: int) -> str:
    """A name on as many lines as it needs."""
    return "<br>".join(map(plotly_text, wrap(name, width)))


def bars(
    intervals: Sequence[tuple[float, float, float]], colour: str, thick: int = 3, caps: int = 6
) -> dict[str, object]:
    """Intervals (value, low, high) as Plotly's error bars, which are lengths."""
    return {
        "type": "data",
        "array": [high - value for value, _, high in intervals],
        "arrayminus": [value - low for value, low, _ in intervals],
        "color": colour,
        "thickness": thick,
        "width": caps,
    }


def band(
    figure: go.Figure,
    x: Sequence,
    low: Sequence[float],
    high: Sequence[float],
    colour: str,
    group: str,
    **place: int,
) -> None:
    """The area between two lines, in the colour of the line that it belongs to."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    figure.add_scatter(
        x=[*x, *x[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=f"rgba({red}, {green}, {blue}, 0.16)",
        line={"width": 0},
        mode="lines",
        legendgroup=group,
        showlegend=False,
        hoverinfo="skip",
        **place,
    )


def whiskers(
    rows: Sequence[tuple[str, Interval]], colours: Mapping[str, str], unit: str
) -> go.Figure:
    """One row a name, the first on top: its value as a point, its 95 % interval as a bar."""
    figure = blank(90 + 48 * len(rows))
    add_whiskers(figure, rows, colours)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure.update_xaxes(title_text=unit)


def add_whiskers(
    figure: go.Figure,
    rows: Sequence[tuple[str, Interval]],
    colours: Mapping[str, str],
    **place: int,
) -> None:
    """The same into a panel of a figure."""
    for name, row in rows:
        colour = colours.get(name, FIRST)
        figure.add_scatter(
            x=[row.value],
            y=[wrapped(name, 22)],
            error_x=bars([(row.value, row.low, row.high)], colour),
            mode="markers",
            marker={"color": colour, "size": 11},
            hovertemplate=f"{plotly_text(name)}: {row.value:.3g}"
            f" ({row.low:.3g} to {row.high:.3g})<extra></extra>",
            showlegend=False,
            **place,
        )
    figure.add_vline(x=0, line={"color": GREY, "width": 1, "dash": "dot"}, **place)
    figure.update_xaxes(nticks=6, **place)
    figure.update_yaxes(type="category", **place)


def mark(figure: go.Figure, simulated: bool, text: str = MARKED) -> go.Figure:
    """The figure; under it stands `text` where nobody real is behind it."""
    if simulated:
        last = list(figure.select_xaxes())[-1]
        last.title.text = " · ".join(filter(None, (last.title.text, text)))
    return figure


def colours(names: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """A colour for each name: that of the contender, or the next of the palette."""
    return {n: known.get(n, PALETTE[i % len(PALETTE)]) for i, n in enumerate(names)}
