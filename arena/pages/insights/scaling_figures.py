"""The collaboration law's figures: frontiers with their fits, gains of pairs, where Blended lies.

All losses are bits per byte, lower is better.
"""

import numpy as np
import plotly.graph_objects as go

from arena.pages.figures import GREY, add_band, add_series, new_figure, plotly_text
from arena.texts import Texts
from blend.roster import PALETTE
from blend.scaling.report import FrontierFit, ScalingReport

SYMBOLS = ("circle", "square", "triangle-up")
MOST = 24  # models of the matrix: more cannot be read


def frontier(report: ScalingReport, texts: Texts) -> go.Figure:
    """Loss against parameters, both logarithmic: the best pools, each kind's law and its band."""
    figure = new_figure(440, legend=True)
    for fit, colour, symbol in zip(report.fits, PALETTE, SYMBOLS, strict=False):
        kind = texts.translated(fit.kind)
        if fit.law:
            x, y, low, high = np.array(fit.law.line).T
            add_band(figure, kind, x, low, high, colour)
            alone = {"mode": "lines", "showlegend": False, "hoverinfo": "skip"}
            add_series(figure, kind, x, y, colour, "", **alone)
        _add_points(figure, fit, kind, colour, symbol, texts)
    losses = [point.oracle for fit in report.fits for point in fit.points]
    steps = np.arange(0.1, 10, 0.1)
    inside = steps[(steps > min(e.low for e in losses)) & (steps < max(e.high for e in losses))]
    ticks = [round(float(v), 1) for v in inside[:: max(1, len(inside) // 7)]]
    marks = [texts.number(tick, 1) for tick in ticks]
    unit = texts("law.unit")
    figure.update_yaxes(type="log", title=unit, tickvals=ticks, ticktext=marks)
    millions = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
    marks = [texts.significant(each, 2) for each in millions]
    parameters = texts("law.parameters")
    return figure.update_xaxes(type="log", title=parameters, tickvals=millions, ticktext=marks)


def _add_points(
    figure: go.Figure, fit: FrontierFit, kind: str, colour: str, symbol: str, texts: Texts
) -> None:
    losses = [point.oracle for point in fit.points]
    members = [_named(point.members, texts) for point in fit.points]
    millions = [point.parameters / 1e6 for point in fit.points]
    add_series(
        figure,
        *(kind, millions, [loss.value for loss in losses], colour),
        f": %{{y:.3f}} {texts('law.unit')}, %{{x:.2f}} M<br>%{{customdata[2]}}",
        [[loss.low for loss in losses], [loss.high for loss in losses], members],
        *("y", 1, 0),
        mode="markers",
        marker_symbol=symbol,
        marker_size=9,
    )


def _named(members: tuple[str, ...], texts: Texts, most: int = 4) -> str:
    """How many they are, and the names of the first."""
    names = [*members[:most]]
    if more := len(members) - most if len(members) > most else 0:
        names.append(texts("law.more_members", n=more))
    return plotly_text(texts("law.of_them", n=len(members), names=texts.listed(names)))


def pairs(report: ScalingReport, texts: Texts) -> go.Figure:
    """The gain of each pair over its better member, as a matrix sorted by family and size."""
    names = [m.name for m in sorted(report.members, key=lambda m: (m.family, m.parameters))][:MOST]
    gains = np.full((len(names), len(names)), np.nan)
    for pair in report.pairs:
        if pair.a in names and pair.b in names:
            a, b = names.index(pair.a), names.index(pair.b)
            gains[a, b] = gains[b, a] = 1000 * pair.gain
    figure = new_figure(280 + 18 * len(names), top=90)
    figure.add_heatmap(
        x=[*map(plotly_text, names)],
        y=[*map(plotly_text, names)],
        z=gains,
        colorscale="Viridis",
        # Above, lying down: beside the matrix it would leave a phone no room for it.
        colorbar={
            "title": {"text": texts("law.gain_unit"), "side": "top"},
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "thickness": 10,
        },
        hoverongaps=False,
        hovertemplate=f"%{{x}}, %{{y}}: %{{z:.1f}} {texts('law.gain_unit')}<extra></extra>",
    )
    names_on = {"type": "category", "showgrid": False, "tickfont": {"size": 10}}
    figure.update_yaxes(autorange="reversed", **names_on)
    return figure.update_xaxes(tickangle=-90, **names_on)


def between(report: ScalingReport, texts: Texts) -> go.Figure:
    """One row a pool: from its oracle to its members' mean, with Blended and the best single."""
    pools = report.between
    names = [
        texts("law.members", n=pool.members)
        if pool.name.startswith("of ")
        else plotly_text(pool.name)
        for pool in pools
    ]
    figure = new_figure(150 + 52 * len(pools), legend=True)
    for name, pool in zip(names, pools, strict=True):
        figure.add_scatter(
            x=[pool.oracle, pool.mean],
            y=[name, name],
            mode="lines",
            line={"color": GREY, "width": 2},
            showlegend=False,
            hoverinfo="skip",
        )
    for what, symbol, colour in (
        ("oracle", "line-ns-open", "#009e73"),
        ("blended", "diamond", PALETTE[0]),
        ("best", "x-thin-open", GREY),
        ("mean", "line-ns-open", PALETTE[1]),
    ):
        label = texts(f"law.pool_{what}")
        figure.add_scatter(
            x=[getattr(pool, what) for pool in pools],
            y=names,
            name=label,
            mode="markers",
            marker={"symbol": symbol, "size": 13, "color": colour, "line": {"width": 2}},
            hovertemplate=f"%{{y}}, {label}: %{{x:.3f}} {texts('law.unit')}<extra></extra>",
        )
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure.update_xaxes(title=texts("law.unit"), nticks=6)
