"""The pictures of an experiment: curves by day, ratios with their lines, daily looks, proxies."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from arena.tabs.figures import GREY, literal
from arena.tabs.insight import canvas
from arena.trial import calendar
from blend.engagement import ArmReport, Curve
from blend.powerlaw import Line
from blend.sequential import Watch

RATIOS = (0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4)
DAYS = (1, 2, 3, 5, 7, 10, 14, 20, 30)


def by_day(curves: Mapping[str, Curve], colours: Mapping[str, str], unit: str) -> go.Figure:
    """One line an arm with its 95 % band, over the days after joining from the first on.

    unit: "%" for shares, "min" for seconds, which are told in minutes.
    """
    figure = go.Figure()
    scale = 100 if unit == "%" else 1 / 60
    for name, curve in curves.items():
        days = np.flatnonzero(~np.isnan(curve.value))
        days = days[days > 0]
        value, low, high = (scale * each[days] for each in (curve.value, curve.low, curve.high))
        _band(figure, days, low, high, colours[name], name)
        figure.add_scatter(
            x=days,
            y=value,
            name=literal(name),
            legendgroup=name,
            mode="lines+markers",
            line={"color": colours[name], "width": 2},
            marker={"size": 5},
            customdata=np.stack([low, high, curve.visitors[days]], axis=1),
            hovertemplate=f"{literal(name)}, day %{{x}}: %{{y:.1f}} {unit}"
            " (%{customdata[0]:.1f} to %{customdata[1]:.1f}), %{customdata[2]} visitors"
            "<extra></extra>",
        )
    canvas.finish(figure, 380)
    figure.update_xaxes(title_text="day after joining", nticks=8)
    figure.update_yaxes(ticksuffix=f" {unit}", rangemode="tozero", nticks=6)
    return figure


def ratios(arms: Sequence[ArmReport], control: str, colours: Mapping[str, str]) -> go.Figure:
    """Retention and engagement against the control, both axes logarithmic, with fitted lines."""
    titles = [f"{what}, times that of {control}" for what in ("Retention", "Engagement")]
    figure = canvas.rows(titles, 720)
    for number, arm in enumerate(arms):
        # Points of one day side by side: on a logarithmic axis by a factor.
        aside = 1 + 0.03 * (number - (len(arms) - 1) / 2)
        for row, line in enumerate((arm.retention_line, arm.engagement_line), start=1):
            if line is not None:
                _ratio(figure, row, arm.name, line, colours[arm.name], aside, legend=row == 1)
    figure.add_hline(y=1, line={"color": GREY, "width": 1, "dash": "dot"})
    figure.update_xaxes(type="log", tickvals=DAYS, ticktext=DAYS)
    figure.update_xaxes(title_text="day after joining", row=2, col=1)
    figure.update_yaxes(type="log", tickvals=RATIOS, ticktext=[f"{r:g} ×" for r in RATIOS])
    return figure


def _ratio(
    figure: go.Figure, row: int, name: str, line: Line, colour: str, aside: float, legend: bool
) -> None:
    place = {"row": row, "col": 1}
    _band(figure, line.days, np.exp(line.under), np.exp(line.over), colour, name, **place)
    figure.add_scatter(
        x=line.days,
        y=np.exp(line.fitted),
        name=literal(name),
        legendgroup=name,
        showlegend=legend,
        mode="lines",
        line={"color": colour, "width": 2},
        hovertemplate=f"{literal(name)}, line at day %{{x}}: %{{y:.2f}} ×<extra></extra>",
        **place,
    )
    value, low, high = (np.exp(each) for each in (line.ratio, line.low, line.high))
    figure.add_scatter(
        x=line.days * aside,
        y=value,
        error_y={"array": high - value, "arrayminus": value - low, "thickness": 1, "width": 0},
        name=literal(name),
        legendgroup=name,
        showlegend=False,
        mode="markers",
        marker={"color": colour, "size": 6},
        customdata=np.stack([line.days, low, high], axis=1),
        hovertemplate=f"{literal(name)}, day %{{customdata[0]}}: %{{y:.2f}} ×"
        " (%{customdata[1]:.2f} to %{customdata[2]:.2f})<extra></extra>",
        **place,
    )


def looks(arms: Sequence[ArmReport], colours: Mapping[str, str]) -> go.Figure:
    """What each daily look saw: the difference in percent, in an interval that all looks share."""
    figure = canvas.rows(["Retention of the first week", "Engagement of the first week"], 560)
    for arm in arms:
        for row, watch in enumerate((arm.retention_watch, arm.engagement_watch), start=1):
            if watch is not None and watch.latest is not None:
                _look(figure, row, arm.name, watch, colours[arm.name])
    figure.add_hline(y=0, line={"color": GREY, "width": 1, "dash": "dot"})
    figure.update_yaxes(ticksuffix=" %", nticks=6)
    figure.update_xaxes(nticks=5, tickformat="%d %b")
    return figure


def _look(figure: go.Figure, row: int, name: str, watch: Watch, colour: str) -> None:
    place = {"row": row, "col": 1}
    days = [calendar(day) for day in watch.days]
    # The first looks know so little that they would flatten the rest of the picture.
    value, low, high = (
        np.clip(100 * np.expm1(each), -60, 120) for each in (watch.value, watch.low, watch.high)
    )
    _band(figure, days, low, high, colour, name, **place)
    figure.add_scatter(
        x=days,
        y=value,
        name=literal(name),
        legendgroup=name,
        showlegend=row == 1,
        mode="lines",
        line={"color": colour, "width": 2},
        customdata=np.stack([low, high, watch.visitors], axis=1),
        hovertemplate=f"{literal(name)}, %{{x}}: %{{y:+.0f}} % (%{{customdata[0]:+.0f}} to"
        " %{customdata[1]:+.0f}), %{customdata[2]} visitors<extra></extra>",
        **place,
    )


def sooner(arms: Sequence[ArmReport], colours: Mapping[str, str]) -> go.Figure:
    """Each proxy with its 95 % interval, one panel a proxy, one row an arm."""
    names = list(dict.fromkeys(proxy.name for arm in arms for proxy in arm.proxies))
    titles = [f"{name}, turns" if name == "conversation length" else f"{name}, %" for name in names]
    figure = canvas.rows(titles, 60 + len(names) * (70 + 26 * len(arms)), shared=False)
    for row, name in enumerate(names, start=1):
        scale = 1 if name == "conversation length" else 100
        for arm in arms:
            found = next((proxy for proxy in arm.proxies if proxy.name == name), None)
            if found is None:
                continue
            value, low, high = (scale * each for each in (found.value, found.low, found.high))
            figure.add_scatter(
                x=[value],
                y=[literal(arm.name)],
                error_x={"array": [high - value], "arrayminus": [value - low], "thickness": 3},
                mode="markers",
                marker={"color": colours[arm.name], "size": 9},
                hovertemplate=f"{literal(arm.name)}: {value:.1f} ({low:.1f} to {high:.1f}), from"
                f" {found.count:,}<extra></extra>",
                row=row,
                col=1,
            )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_xaxes(nticks=5)
    return figure.update_layout(showlegend=False)


def _band(
    figure: go.Figure,
    x: Sequence,
    low: np.ndarray,
    high: np.ndarray,
    colour: str,
    group: str,
    **place: int,
) -> None:
    figure.add_scatter(
        x=[*x, *x[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=canvas.faint(colour),
        line={"width": 0},
        mode="lines",
        legendgroup=group,
        showlegend=False,
        hoverinfo="skip",
        **place,
    )
