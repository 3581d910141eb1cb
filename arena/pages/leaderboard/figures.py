"""The leaderboard's figures, as Plotly figures that suit a light and a dark page alike."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import plotly.graph_objects as go

from arena.pages import figures
from arena.pages.figures import GREY, add_series, plotly_text, wrap_label
from arena.pages.leaderboard.choices import slice_label
from arena.ranking.board.leaderboard import Leaderboard
from arena.ranking.ratings import CENTRE, Rating
from arena.texts import Texts

LINES, CELLS = 8, 12
"""The most contenders that are drawn as lines, and as rows and columns: the best ones. More cannot
be told apart; the table and the files have all."""

WRAPPED = 6  # slices whose names have room for several lines on a phone
MOST_SLICES = 12  # slices that are drawn: the first ones, so of languages the most spoken

SHORTEST = timedelta(minutes=10)
"""The least that a time line spans: the first votes would have an axis of milliseconds."""

WINS, LOSES = "rgba(0, 114, 178, 0.7)", "rgba(213, 94, 0, 0.7)"


def contender_colours(board: Leaderboard, own: Mapping[str, str]) -> dict[str, str]:
    """A colour for each contender: its own, or for one that the roster does not have the next of
    the palette."""
    names = (row.name for row in board.standing.ratings.rows)
    return {**own, **figures.colours([name for name in names if name not in own], {})}


def _best(board: Leaderboard, most: int) -> list[str]:
    """The best so many, without the retired."""
    names = [row.name for row in board.standing.ratings.rows]
    return [name for name in names if name not in board.retired][:most]


def win_rates(board: Leaderboard, colours: Mapping[str, str], texts: Texts) -> go.Figure:
    """How often the row beat the column, ties half, with the number of comparisons below it."""
    ratings = board.standing.ratings
    names = _best(board, CELLS)
    order = [ratings.counts.names.index(name) for name in names]
    rates, n = (table[np.ix_(order, order)] for table in ratings.counts.win_rates())
    met = [
        [
            f"{texts.percent(rate)}<br>{texts.number(count)}" if count else ""
            for rate, count in zip(*both, strict=True)
        ]
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
        hovertemplate=texts(
            "board.hover_against", row="%{y}", column="%{x}", share="%{text}<extra></extra>"
        ),
        hoverongaps=False,
    )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_xaxes(type="category", side="top", showgrid=False, tickangle=-35)
    return _marked(figure, board, texts)


def over_time(board: Leaderboard, colours: Mapping[str, str], texts: Texts) -> go.Figure:
    """Elo after each vote (thinned), one line a contender."""
    figure = figures.new_figure(360, legend=True)
    when = [datetime.fromtimestamp(second, UTC) for second in board.elo.times]
    for name in _best(board, LINES):
        line = board.elo.ratings[name]
        if np.isnan(line).all():
            continue
        ratings = [None if np.isnan(rating) else rating for rating in line]
        add_series(
            figure,
            *(name, when, ratings, colours.get(name, GREY)),
            ": " + texts("board.hover_elo", rating="%{y:.0f}", vote="%{customdata[0]}"),
            [board.elo.votes],
            mode="lines" if len(when) > 1 else "markers",
        )
    figure.update_xaxes(nticks=4, tickangle=0)
    if len(when) and when[-1] - when[0] < SHORTEST:
        middle = when[0] + (when[-1] - when[0]) / 2
        span = [middle - SHORTEST / 2, middle + SHORTEST / 2]
        figure.update_xaxes(range=span, tickformat="%H:%M\n%d %b %Y")
    return _marked(figure, board, texts)


def slices(board: Leaderboard, colours: Mapping[str, str], texts: Texts) -> go.Figure:
    """Each contender's rating with its interval in every slice, side by side; where it has battles
    enough there."""
    parts = dict([*board.standing.parts.items()][:MOST_SLICES])
    many = len(parts) > WRAPPED
    figure = figures.new_figure(460 if many else 380, legend=True)
    names = _best(board, LINES)
    for number, name in enumerate(names):
        aside = 0.5 * ((number + 0.5) / len(names) - 0.5)
        rows_by_slice = [
            (at + aside, part[name])
            for at, part in enumerate(parts.values())
            if not part[name].preliminary
        ]
        if rows_by_slice:
            _add_slices(figure, name, rows_by_slice, colours.get(name, GREY), texts)
    figure.update_xaxes(
        tickvals=[*range(len(parts))],
        ticktext=[_slice_title(board, label, many, texts) for label in parts],
        tickangle=-90 if many else None,
        range=[-0.5, len(parts) - 0.5],
        showgrid=False,
    )
    figures.add_zero_line(figure, y=CENTRE)
    return _marked(figure, board, texts)


def _slice_title(board: Leaderboard, label: str, many: bool, texts: Texts) -> str:
    """A slice's name and its votes; of many slices on one line, which stands upright."""
    name = slice_label(label, board.query.by, texts)
    votes = board.standing.parts[label].counts.total
    if many:
        return f"{plotly_text(name)} · {texts.number(votes)}"
    return f"{wrap_label(name, 12)}<br>{texts('board.votes', n=votes)}"


def _add_slices(
    figure: go.Figure,
    name: str,
    rows_by_slice: list[tuple[float, Rating]],
    colour: str,
    texts: Texts,
) -> None:
    at, rows = zip(*rows_by_slice, strict=True)
    add_series(
        figure,
        *(name, at, [row.rating for row in rows], colour),
        ": %{customdata[2]}",
        [
            [row.low for row in rows],
            [row.high for row in rows],
            [_hover(row, texts) for row in rows],
        ],
        *("y", 2, 0),
        mode="lines+markers",
        line={"width": 1, "dash": "dot"},
        marker_size=8,
    )


def _hover(row: Rating, texts: Texts) -> str:
    rating, low, high = (f"{value:.0f}" for value in (row.rating, row.low, row.high))
    return texts("board.hover_slice", n=row.battles, rating=rating, low=low, high=high)


def _marked(figure: go.Figure, board: Leaderboard, texts: Texts) -> go.Figure:
    figure.update_xaxes(title_standoff=24)
    return figures.mark_simulated(figure, board.simulated, texts("board.simulated"))


DRAW: Mapping[str, Callable[[Leaderboard, Mapping[str, str], Texts], go.Figure]] = {
    "heat": win_rates,
    "line": over_time,
    "slices": slices,
}
"""The figures by the names of their texts."""


def drawable(board: Leaderboard) -> set[str]:
    """The names of the figures that have something to show."""
    compared = {"heat"} if board.standing.ratings.counts.compared.any() else set()
    line = {"line"} if len(board.elo.votes) > 1 else set()
    firm = (not row.preliminary for part in board.standing.parts.values() for row in part.rows)
    return compared | line | ({"slices"} if any(firm) else set())
