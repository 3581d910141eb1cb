"""What all figures have in common: grey lines, no tool bar, any width; intervals, bands, marks."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import Protocol

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from arena.pages.templates import FOLDER
from arena.texts import ENGLISH, Texts
from blend.roster import PALETTE

GREY = "#7d828c"
"""Text and lines: the same distance from white and from the dark page. style.css sharpens text."""

FIRST = PALETTE[0]  # the colour of what belongs to no contender

TITLE = 26  # pixels that a panel's title takes above it


class Interval(Protocol):
    """Anything with a value and its 95 % interval."""

    value: float
    low: float
    high: float


def new_figure(
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
    figure = go.Figure()
    if titles:
        figure = make_subplots(
            rows=len(titles),
            cols=1,
            shared_xaxes=shared,
            vertical_spacing=min(0.5 / len(titles), 60 / height),
            subplot_titles=[*map(plotly_text, titles)],
        )
    above = TITLE if titles else 0
    look = json.loads((FOLDER / "figure.json").read_text(encoding="utf-8"))
    figure.update_layout(look["layout"], height=height, margin_t=top + above, showlegend=legend)
    figure.update_layout(legend_y=1 + (above + 6) / (height - 100))
    figure.update_xaxes(**look["axis"]).update_yaxes(**look["axis"])
    return figure.update_annotations(font_size=13, x=0, xanchor="left")


def plotly_text(text: str) -> str:
    """A text that Plotly draws as it is: else it reads tags, entities and %{…} in it."""
    return escape(text, quote=False).replace("%{", "&#37;{")


def wrap_label(name: str, width: int) -> str:
    """A name on as many lines as it needs."""
    return "<br>".join(map(plotly_text, wrap(name, width)))


def add_series(
    figure: go.Figure,
    name: str,
    x: Sequence,
    y: Sequence,
    colour: str,
    hover: str,
    columns: Sequence[Sequence] = (),
    bars: str = "",
    thick: int = 3,
    caps: int = 6,
    **options: object,
) -> None:
    """Points or a line of a name, in one colour.

    hover: what is said of a point, after the name. columns: what it names as customdata; of a
    series with bars, the lows and the highs come first. bars: the axis along which these lie.
    """
    if bars:
        values = x if bars == "x" else y
        low, high, *_ = columns
        options[f"error_{bars}"] = {
            "type": "data",
            "array": [end - value for end, value in zip(high, values, strict=True)],
            "arrayminus": [value - end for end, value in zip(low, values, strict=True)],
            "color": colour,
            "thickness": thick,
            "width": caps,
        }
    figure.add_scatter(
        x=x,
        y=y,
        name=plotly_text(name),
        legendgroup=plotly_text(name),
        customdata=[*zip(*columns, strict=True)] or None,
        hovertemplate=f"{plotly_text(name)}{hover}<extra></extra>",
        line_color=colour,
        marker_color=colour,
        **options,
    )


def add_band(
    figure: go.Figure,
    name: str,
    x: Sequence,
    low: Sequence[float],
    high: Sequence[float],
    colour: str,
    **place: int,
) -> None:
    """The area between two lines, behind the line of that name."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    figure.add_scatter(
        x=[*x, *x[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=f"rgba({red}, {green}, {blue}, 0.16)",
        line_width=0,
        mode="lines",
        legendgroup=plotly_text(name),
        showlegend=False,
        hoverinfo="skip",
        **place,
    )


def interval_figure(
    rows: Sequence[tuple[str, Interval]],
    colours: Mapping[str, str],
    unit: str,
    texts: Texts = ENGLISH,
) -> go.Figure:
    """One row a name, the first on top: its value as a point, its 95 % interval as a bar."""
    figure = new_figure(90 + 48 * len(rows))
    add_intervals(figure, rows, colours, texts)
    return figure.update_xaxes(title_text=unit)


def add_intervals(
    figure: go.Figure,
    rows: Sequence[tuple[str, Interval]],
    colours: Mapping[str, str],
    texts: Texts = ENGLISH,
    **place: int,
) -> None:
    """The same into a panel of a figure."""
    for name, row in rows:
        at, colour = ([row.value], [wrap_label(name, 22)]), colours.get(name, FIRST)
        value, *bounds = (texts.significant(x, 3) for x in (row.value, row.low, row.high))
        low, high = bounds
        hover = ": " + texts("numbers.interval", value=value, low=low, high=high)
        ends = ([row.low], [row.high])
        dot = {"mode": "markers", "marker_size": 11, "showlegend": False}
        add_series(figure, name, *at, colour, hover, ends, "x", **dot, **place)
    add_zero_line(figure, x=0, **place)
    figure.update_xaxes(nticks=6, **place)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, **place)


def add_zero_line(figure: go.Figure, x: float | None = None, y: float | None = None, **place: int):
    """A dotted line where nothing is gained or lost."""
    line = {"color": GREY, "width": 1, "dash": "dot"}
    if x is not None:
        figure.add_vline(x=x, line=line, **place)
    else:
        figure.add_hline(y=y, line=line, **place)


def mark_simulated(figure: go.Figure, simulated: bool, text: str) -> go.Figure:
    """The figure; under it stands `text` where nobody real is behind it: a picture travels without
    its page."""
    if simulated:
        last = list(figure.select_xaxes())[-1]
        last.title.text = " · ".join(filter(None, (last.title.text, text)))
    return figure


def colours(names: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """A colour for each name: that of the contender, or the next of the palette."""
    return {n: known.get(n, PALETTE[i % len(PALETTE)]) for i, n in enumerate(names)}
