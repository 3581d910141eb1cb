"""The collaboration law's pictures: frontiers with their fits, gains of pairs, where Blended lies.

All losses are bits per byte, lower is better.
"""

import numpy as np
import plotly.graph_objects as go

from arena.tabs.figures import GREY, literal
from arena.tabs.insight import canvas
from blend.law.report import Fit, Report
from blend.roster import PALETTE

MARKS = ("circle", "square", "triangle-up")
MOST = 24
"""Models of the matrix: more cannot be read."""


def frontier(report: Report) -> go.Figure:
    """Loss against parameters, both logarithmic: the best pools, each kind's law and its band."""
    figure = go.Figure()
    for fit, colour, mark in zip(report.fits, PALETTE, MARKS, strict=False):
        if fit.law:
            _line(figure, fit, colour)
        _points(figure, fit, colour, mark)
    canvas.finish(figure, 440)
    every = [p.oracle for fit in report.fits for p in fit.points]
    steps = np.arange(0.1, 10, 0.1)
    inside = steps[(steps > min(e.low for e in every)) & (steps < max(e.high for e in every))]
    ticks = [round(float(v), 1) for v in inside[:: max(1, len(inside) // 7)]]
    figure.update_yaxes(type="log", title="bits per byte", tickvals=ticks, ticktext=ticks)
    millions = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
    figure.update_xaxes(
        type="log", title="parameters in all, millions", tickvals=millions, ticktext=millions
    )
    return figure


def _line(figure: go.Figure, fit: Fit, colour: str) -> None:
    x, y, low, high = np.array(fit.law.line).T
    same = {"legendgroup": fit.kind, "showlegend": False, "mode": "lines", "hoverinfo": "skip"}
    band = {"fill": "toself", "fillcolor": canvas.faint(colour), "line": {"width": 0}}
    figure.add_scatter(x=[*x, *x[::-1]], y=[*high, *low[::-1]], **band, **same)
    figure.add_scatter(x=x, y=y, line={"color": colour, "width": 2}, **same)


def _points(figure: go.Figure, fit: Fit, colour: str, mark: str) -> None:
    told = [p.oracle for p in fit.points]
    figure.add_scatter(
        x=[p.parameters / 1e6 for p in fit.points],
        y=[e.value for e in told],
        error_y={
            "array": [e.high - e.value for e in told],
            "arrayminus": [e.value - e.low for e in told],
            "thickness": 1,
            "width": 0,
        },
        name=literal(fit.kind),
        legendgroup=fit.kind,
        mode="markers",
        marker={"color": colour, "symbol": mark, "size": 9},
        customdata=[f"{len(p.members)} of them: {_named(p.members)}" for p in fit.points],
        hovertemplate="%{y:.3f} bits per byte at %{x:.2f} M<br>%{customdata}<extra></extra>",
    )


def _named(members: tuple[str, ...], most: int = 4) -> str:
    more = f" and {len(members) - most} more" if len(members) > most else ""
    return literal(", ".join(members[:most])) + more


def pairs(report: Report) -> go.Figure:
    """The gain of each pair over its better member, as a matrix sorted by family and size."""
    names = [m.name for m in sorted(report.members, key=lambda m: (m.family, m.parameters))][:MOST]
    gains = np.full((len(names), len(names)), np.nan)
    for pair in report.pairs:
        if pair.a in names and pair.b in names:
            a, b = names.index(pair.a), names.index(pair.b)
            gains[a, b] = gains[b, a] = 1000 * pair.gain
    figure = go.Figure()
    figure.add_heatmap(
        x=[*map(literal, names)],
        y=[*map(literal, names)],
        z=gains,
        colorscale="Viridis",
        # Above, lying down: beside the matrix it would leave a phone no room for it.
        colorbar={
            "title": {"text": "bits per 1,000 bytes", "side": "top"},
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "thickness": 10,
        },
        hoverongaps=False,
        hovertemplate="%{x} and %{y}: %{z:.1f} bits per 1,000 bytes<extra></extra>",
    )
    canvas.finish(figure, 280 + 18 * len(names), top=90)
    figure.update_yaxes(
        type="category", autorange="reversed", showgrid=False, tickfont={"size": 10}
    )
    figure.update_xaxes(type="category", showgrid=False, tickangle=-90, tickfont={"size": 10})
    return figure


def between(report: Report) -> go.Figure:
    """One row a pool: from its oracle to its members' mean, with Blended and the best single."""
    rows = report.between
    names = [f"{r.members} members" if r.name.startswith("of ") else literal(r.name) for r in rows]
    figure = go.Figure()
    for name, row in zip(names, rows, strict=True):
        figure.add_scatter(
            x=[row.oracle, row.mean],
            y=[name, name],
            mode="lines",
            line={"color": GREY, "width": 2},
            showlegend=False,
            hoverinfo="skip",
        )
    for what, said, mark, colour in (
        ("oracle", "oracle", "line-ns-open", "#009e73"),
        ("blended", "Blended", "diamond", PALETTE[0]),
        ("best", "best single", "x-thin-open", GREY),
        ("mean", "members' mean", "line-ns-open", PALETTE[1]),
    ):
        figure.add_scatter(
            x=[getattr(row, what) for row in rows],
            y=names,
            name=said,
            mode="markers",
            marker={"symbol": mark, "size": 13, "color": colour, "line": {"width": 2}},
            hovertemplate=f"%{{y}}, {said}: %{{x:.3f}} bits per byte<extra></extra>",
        )
    canvas.finish(figure, 150 + 52 * len(rows))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_xaxes(title="bits per byte", nticks=6)
    return figure
