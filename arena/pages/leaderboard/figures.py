"""The leaderboard's figures, as Plotly figures that suit a light and a dark page alike."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import plotly.graph_objects as go

from arena.pages import figures
from arena.pages.figures import GREY, add_series, plotly_text, wrap_label
from arena.plural import many
from arena.ranking.board.leaderboard import Leaderboard
from arena.ranking.ratings import CENTRE, Rating

MARK = "simulated votes"

LINES, CELLS = 8, 12
"""The most contenders that are drawn as lines, and as rows and columns: the best ones. More cannot
be told apart; the table and the files have all."""

MOST_SLICES = 12  # slices that are drawn: the first ones, so of languages the most spoken

SHORTEST = timedelta(minutes=10)
"""The least that a time line spans: the first votes would have an axis of milliseconds."""

WINS, LOSES = "rgba(0, 114, 178, 0.7)", "rgba(213, 94, 0, 0.7)"


def contender_colours(board: Leaderboard, own: Mapping[str, str]) -> dict[str, str]:
    """A colour for each contender: its own, or for one that the roster does not have the next of
    the palette."""
    names = (row.name for row in board.standing.ratings.rows)
    return {**own, **figures.colours([name for name in names if name not in own], {})}


def forest(board: Leaderboard, colours: Mapping[str, str]) -> go.Figure:
    """One row a contender, best on top: its rating as a point, the 95 % interval as a bar."""
    rows = board.standing.ratings.rows
    figure = figures.new_figure(90 + 52 * len(rows))
    for row in rows:
        add_series(
            figure,
            *(row.name, [row.rating], [plotly_text(row.name)], colours.get(row.name, GREY)),
            f": {row.rating:.0f} ({row.low:.0f} to {row.high:.0f})",
            ([row.low], [row.high]),
            bars="x",
            mode="markers+text",
            marker_size=12,
            marker_symbol="circle-open" if row.preliminary else "circle",
            marker_line_width=3 if row.preliminary else 0,
            text=[f"{row.rating:.0f}"],
            textposition="top center",
            cliponaxis=False,
        )
    figures.add_zero_line(figure, x=CENTRE)
    names = [plotly_text(row.name) for row in reversed(rows)]
    ends = [-0.6, len(names) - 0.3]
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=names, range=ends, showgrid=False
    )
    return _marked(figure.update_xaxes(nticks=6), board)


def win_rates(board: Leaderboard) -> go.Figure:
    """How often the row beat the column, ties half, with the number of comparisons below it."""
    ratings = board.standing.ratings
    names = [row.name for row in ratings.rows[:CELLS]]
    order = [ratings.counts.names.index(name) for name in names]
    rates, n = (table[np.ix_(order, order)] for table in ratings.counts.win_rates())
    met = [
        [f"{rate:.0%}<br>{count:.0f}" if count else "" for rate, count in zip(*both, strict=True)]
        for both in zip(rates, n, strict=True)
    ]
    figure = figures.new_figure(130 + 58 * len(names))
    figure.add_heatmap(
        z=[[None if np.isnan(rate) else float(rate) for rate in row] for row in rates],
        x=[*map(plotly_text, names)],
        y=[*map(plotly_text, names)],
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
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_xaxes(type="category", side="top", showgrid=False, tickangle=-35)
    return _marked(figure, board)


def over_time(board: Leaderboard, colours: Mapping[str, str]) -> go.Figure:
    """Elo after each vote (thinned), one line a contender."""
    figure = figures.new_figure(360, legend=True)
    when = [datetime.fromtimestamp(second, UTC) for second in board.elo.times]
    for row in board.standing.ratings.rows[:LINES]:
        line = board.elo.ratings[row.name]
        if np.isnan(line).all():
            continue
        ratings = [None if np.isnan(rating) else rating for rating in line]
        add_series(
            figure,
            *(row.name, when, ratings, colours.get(row.name, GREY)),
            ": %{y:.0f} after vote %{customdata[0]}",
            [board.elo.votes],
            mode="lines" if len(when) > 1 else "markers",
        )
    figure.update_xaxes(nticks=4, tickangle=0)
    if len(when) and when[-1] - when[0] < SHORTEST:
        middle = when[0] + (when[-1] - when[0]) / 2
        span = [middle - SHORTEST / 2, middle + SHORTEST / 2]
        figure.update_xaxes(range=span, tickformat="%H:%M\n%d %b %Y")
    return _marked(figure, board)


def slices(board: Leaderboard, colours: Mapping[str, str]) -> go.Figure:
    """Each contender's rating with its interval in every slice, side by side; where it has battles
    enough there."""
    ratings = board.standing.ratings
    parts = dict([*board.standing.parts.items()][:MOST_SLICES])
    figure = figures.new_figure(380, legend=True)
    names = [row.name for row in ratings.rows][:LINES]
    for number, name in enumerate(names):
        aside = 0.5 * ((number + 0.5) / len(names) - 0.5)
        rows_by_slice = [
            (at + aside, part[name])
            for at, part in enumerate(parts.values())
            if not part[name].preliminary
        ]
        if rows_by_slice:
            _add_slices(figure, name, rows_by_slice, colours.get(name, GREY))
    figure.update_xaxes(
        tickvals=[*range(len(parts))],
        ticktext=[
            f"{wrap_label(label, 12)}<br>{many(part.counts.total, 'vote')}"
            for label, part in parts.items()
        ],
        range=[-0.5, len(parts) - 0.5],
        showgrid=False,
    )
    figures.add_zero_line(figure, y=CENTRE)
    if not figure.data:
        figure.update_yaxes(range=[CENTRE - 200, CENTRE + 200])
        why = f"No contender has {ratings.minimum} battles in a slice yet."
        figure.add_annotation(text=why, xref="paper", yref="paper", x=0.5, y=0.7, showarrow=False)
    return _marked(figure, board)


def _add_slices(
    figure: go.Figure, name: str, rows_by_slice: list[tuple[float, Rating]], colour: str
) -> None:
    at, rows = zip(*rows_by_slice, strict=True)
    add_series(
        figure,
        *(name, at, [row.rating for row in rows], colour),
        ": %{y:.0f} (%{customdata[0]:.0f} to %{customdata[1]:.0f}), %{customdata[2]:,} battles",
        [[row.low for row in rows], [row.high for row in rows], [row.battles for row in rows]],
        *("y", 2, 0),
        mode="lines+markers",
        line={"width": 1, "dash": "dot"},
        marker_size=8,
    )


def _marked(figure: go.Figure, board: Leaderboard) -> go.Figure:
    figure.update_xaxes(title_standoff=24)
    return figures.mark_simulated(figure, board.simulated, MARK)
