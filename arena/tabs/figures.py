"""The leaderboard's pictures, as Plotly figures that suit a light and a dark page alike."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go

from arena.board import Board
from arena.plural import many
from arena.rating import CENTRE, Rating
from blend.roster import PALETTE

GREY = "#7d828c"
"""Text and lines: the same distance from white and from the dark page. style.css sharpens text."""

LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}

MARK = "simulated votes"

LINES, CELLS = 8, 12
"""The most contenders that are drawn as lines, and as rows and columns: the best ones. More cannot
be told apart; the table and the files have all."""

MOST_SLICES = 12
"""Slices that are drawn: the first ones, so of languages the most spoken."""

SHORTEST = timedelta(minutes=10)
"""The least that a time line spans: the first votes would have an axis of milliseconds."""

FAINT = "rgba(125, 130, 140, 0.25)"
WINS, LOSES = "rgba(0, 114, 178, 0.7)", "rgba(213, 94, 0, 0.7)"


def coloured(board: Board, known: Mapping[str, str]) -> dict[str, str]:
    """A colour for each contender: its own, or for one that the roster does not have the next of
    the palette."""
    names = [row.name for row in board.standing.ratings.rows]
    others = (name for name in names if name not in known)
    return {**known, **{name: PALETTE[n % len(PALETTE)] for n, name in enumerate(others)}}


def literal(text: str) -> str:
    """A text that Plotly draws as it is: else it reads tags, entities and %{…} in it."""
    return escape(text, quote=False).replace("%{", "&#37;{")


def bars(
    found: Sequence[tuple[float, float, float]], colour: str, thick: int = 3, caps: int = 6
) -> dict[str, object]:
    """Intervals (value, low, high) as Plotly's error bars, which are lengths."""
    return {
        "type": "data",
        "array": [high - value for value, _, high in found],
        "arrayminus": [value - low for value, low, _ in found],
        "color": colour,
        "thickness": thick,
        "width": caps,
    }


def forest(board: Board, colours: Mapping[str, str]) -> go.Figure:
    """One row a contender, best on top: its rating as a point, the 95 % interval as a bar."""
    figure = go.Figure()
    for row in board.standing.ratings.rows:
        colour = colours.get(row.name, GREY)
        figure.add_trace(
            go.Scatter(
                x=[row.rating],
                y=[literal(row.name)],
                error_x=bars([(row.rating, row.low, row.high)], colour),
                mode="markers+text",
                marker={
                    "color": colour,
                    "size": 12,
                    "symbol": "circle-open" if row.preliminary else "circle",
                    "line": {"width": 3 if row.preliminary else 0, "color": colour},
                },
                text=[f"{row.rating:.0f}"],
                textposition="top center",
                hovertemplate=f"{literal(row.name)}: {row.rating:.0f}"
                f" ({row.low:.0f} to {row.high:.0f})<extra></extra>",
                cliponaxis=False,
            )
        )
    figure.add_vline(x=CENTRE, line={"color": GREY, "width": 1, "dash": "dot"})
    names = [literal(row.name) for row in reversed(board.standing.ratings.rows)]
    plain(figure, height=90 + 52 * len(names))
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=names,
        range=[-0.6, len(names) - 0.3],
        showgrid=False,
    )
    figure.update_xaxes(nticks=6)
    return _marked(figure, board)


def win_rates(board: Board) -> go.Figure:
    """How often the row beat the column, ties half, with the number of comparisons below it."""
    ratings = board.standing.ratings
    names = [row.name for row in ratings.rows[:CELLS]]
    order = [ratings.counts.names.index(name) for name in names]
    rates, n = (table[np.ix_(order, order)] for table in ratings.counts.win_rates())
    met = [
        [f"{rate:.0%}<br>{count:.0f}" if count else "" for rate, count in zip(*both, strict=True)]
        for both in zip(rates, n, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=[[None if np.isnan(rate) else float(rate) for rate in row] for row in rates],
            x=[*map(literal, names)],
            y=[*map(literal, names)],
            text=met,
            texttemplate="%{text}",
            zmin=0.2,
            zmax=0.8,
            colorscale=[[0, LOSES], [0.5, "rgba(125, 130, 140, 0.08)"], [1, WINS]],
            showscale=False,
            xgap=2,
            ygap=2,
            hovertemplate="%{y} against %{x}: %{text}<extra></extra>",
            hoverongaps=False,
        )
    )
    plain(figure, height=130 + 58 * len(names))
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_xaxes(type="category", side="top", showgrid=False, tickangle=-35)
    return _marked(figure, board)


def over_time(board: Board, colours: Mapping[str, str]) -> go.Figure:
    """Elo after each vote (thinned), one line a contender."""
    figure = go.Figure()
    when = [datetime.fromtimestamp(second, UTC) for second in board.path.times]
    for row in board.standing.ratings.rows[:LINES]:
        line = board.path.ratings[row.name]
        if np.isnan(line).all():
            continue
        figure.add_trace(
            go.Scatter(
                x=when,
                y=[None if np.isnan(rating) else rating for rating in line],
                customdata=board.path.votes,
                name=literal(row.name),
                mode="lines" if len(when) > 1 else "markers",
                line={"color": colours.get(row.name, GREY), "width": 2},
                hovertemplate=f"{literal(row.name)}: %{{y:.0f}} after vote %{{customdata}}"
                "<extra></extra>",
            )
        )
    plain(figure, height=360)
    figure.update_layout(showlegend=True, legend=LEGEND)
    figure.update_xaxes(nticks=4, tickangle=0)
    if len(when) and when[-1] - when[0] < SHORTEST:
        middle = when[0] + (when[-1] - when[0]) / 2
        span = [middle - SHORTEST / 2, middle + SHORTEST / 2]
        figure.update_xaxes(range=span, tickformat="%H:%M\n%d %b %Y")
    return _marked(figure, board)


def slices(board: Board, colours: Mapping[str, str]) -> go.Figure:
    """Each contender's rating with its interval in every slice, side by side; where it has battles
    enough there."""
    figure, parts = go.Figure(), dict([*board.standing.parts.items()][:MOST_SLICES])
    names = [row.name for row in board.standing.ratings.rows][:LINES]
    for number, name in enumerate(names):
        aside = 0.5 * ((number + 0.5) / len(names) - 0.5)
        there = [
            (at + aside, ratings[name])
            for at, ratings in enumerate(parts.values())
            if not ratings[name].preliminary
        ]
        if there:
            figure.add_trace(_in_slices(name, there, colours.get(name, GREY)))
    plain(figure, height=380)
    figure.update_layout(showlegend=True, legend=LEGEND)
    figure.update_xaxes(
        tickvals=[*range(len(parts))],
        ticktext=[
            f"{'<br>'.join(map(literal, wrap(label, 12)))}<br>{many(ratings.counts.total, 'vote')}"
            for label, ratings in parts.items()
        ],
        range=[-0.5, len(parts) - 0.5],
        showgrid=False,
    )
    figure.add_hline(y=CENTRE, line={"color": GREY, "width": 1, "dash": "dot"})
    if not figure.data:
        figure.update_yaxes(range=[CENTRE - 200, CENTRE + 200])
        told = f"No contender has {board.standing.ratings.minimum} battles in a slice yet."
        figure.add_annotation(text=told, xref="paper", yref="paper", x=0.5, y=0.7, showarrow=False)
    return _marked(figure, board)


def _in_slices(name: str, there: list[tuple[float, Rating]], colour: str) -> go.Scatter:
    at, rows = zip(*there, strict=True)
    return go.Scatter(
        x=at,
        y=[row.rating for row in rows],
        error_y=bars([(row.rating, row.low, row.high) for row in rows], colour, 2, 0),
        customdata=[(row.low, row.high, row.battles) for row in rows],
        name=literal(name),
        mode="lines+markers",
        line={"color": colour, "width": 1, "dash": "dot"},
        marker={"color": colour, "size": 8},
        hovertemplate=f"{literal(name)}: %{{y:.0f}} (%{{customdata[0]:.0f}} to"
        " %{customdata[1]:.0f}), %{customdata[2]:,} battles<extra></extra>",
    )


def _marked(figure: go.Figure, board: Board) -> go.Figure:
    """The figure, with a mark where the votes are made up: a picture travels without its page."""
    if board.simulated:
        figure.update_xaxes(title={"text": MARK, "font": {"size": 12}, "standoff": 24})
    return figure


def plain(figure: go.Figure, height: int, top: int = 12) -> None:
    """No background, grey lines, no tool bar space, and as wide as the page lets it be."""
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
        showlegend=False,
        dragmode=False,
    )
    lines = {"gridcolor": FAINT, "linecolor": FAINT, "zeroline": False, "automargin": True}
    figure.update_xaxes(fixedrange=True, **lines)
    figure.update_yaxes(fixedrange=True, **lines)
