"""What the pictures of the Insights page have in common: grey lines, no tool bar, any width."""

from collections.abc import Mapping

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from arena.tabs.figures import FAINT, GREY
from blend.roster import PALETTE

LEGEND = {"orientation": "h", "yref": "container", "yanchor": "top", "y": 1, "x": 0}

MARKED = "simulated visitors"
"""Written into the pictures of people who were never there: a picture travels without its page."""


def rows(titles: list[str], height: int, shared: bool = True) -> go.Figure:
    """An empty figure of one panel under the other, so that a phone shows them at full width."""
    figure = make_subplots(
        rows=len(titles),
        cols=1,
        shared_xaxes=shared,
        vertical_spacing=min(0.5 / len(titles), 60 / height),
        subplot_titles=titles,
    )
    return finish(figure, height)


def finish(figure: go.Figure, height: int, top: int = 64) -> go.Figure:
    """No background, grey lines, no zoom; as wide as the page lets it be."""
    clear = "rgba(0, 0, 0, 0)"
    figure.update_layout(
        template="none",
        paper_bgcolor=clear,
        plot_bgcolor=clear,
        font={"color": GREY, "family": "system-ui, sans-serif", "size": 13},
        hoverlabel={"bgcolor": "#1f2937", "font": {"color": "#ffffff"}},
        margin={"l": 8, "r": 16, "t": top, "b": 12},
        height=height,
        autosize=True,
        showlegend=True,
        legend=LEGEND,
        dragmode=False,
    )
    lines = {"gridcolor": FAINT, "linecolor": FAINT, "zeroline": False, "automargin": True}
    lines["title_font_size"] = 13
    figure.update_xaxes(fixedrange=True, **lines)
    figure.update_yaxes(fixedrange=True, **lines)
    figure.update_annotations(font_size=13, x=0, xanchor="left")
    return figure


def marked(figure: go.Figure, simulated: bool) -> go.Figure:
    """The figure, with a mark where nobody real stands behind it."""
    if simulated:
        last = list(figure.select_xaxes())[-1]
        last.title = " · ".join(filter(None, (last.title.text, MARKED)))
    return figure


def colours(names: list[str], known: Mapping[str, str]) -> dict[str, str]:
    """A colour for each name: that of the contender, or the next of the palette."""
    return {n: known.get(n, PALETTE[i % len(PALETTE)]) for i, n in enumerate(names)}


def faint(colour: str) -> str:
    """The same colour for a band behind a line."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.16)"
