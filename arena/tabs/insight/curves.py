"""The figures of an experiment: curves by day, ratios with their lines, daily looks, proxies."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from arena.tabs.insight.canvas import GREY, band, bars, blank, plotly_text
from arena.trial import calendar
from blend.engagement import ArmReport, Curve
from blend.powerlaw import Line
from blend.sequential import Watch

RATIOS = (0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4)
DAYS = (1, 2, 3, 5, 7, 10, 14, 20, 30)


def by_day(curves: Mapping[str, Curve], colours: Mapping[str, str], unit: str) -> go.Figure:
    """One line an arm with its 95 % band, over the days after joining from the first on.

    unit: "%" for shares, "min" for seconds, which are shown as minutes.
    """
    figure = blank(380, legend=True)
    scale = 100 if unit == "%" else 1 / 60
    for name, curve in curves.items():
        days = np.flatnonzero(~np.isnan(curve.value))
        days = days[days > 0]
        value, low, high = (scale * each[days] for each in (curve.value, curve.low, curve.high))
        _banded(
            figure,
            *(name, days, value, low, high, curve.visitors[days], colours[name]),
            f", day %{{x}}: %{{y:.1f}} {unit} (%{{customdata[0]:.1f}} to %{{customdata[1]:.1f}})",
            mode="lines+markers",
            marker={"size": 5},
        )
    figure.update_xaxes(title_text="day after joining", nticks=8)
    return figure.update_yaxes(ticksuffix=f" {unit}", rangemode="tozero", nticks=6)


def ratios(arms: Sequence[ArmReport], control: str, colours: Mapping[str, str]) -> go.Figure:
    """Retention and engagement against the control, both axes logarithmic, with fitted lines."""
    titles = [f"{what}, times that of {control}" for what in ("Retention", "Engagement")]
    figure = blank(720, titles, legend=True)
    for number, arm in enumerate(arms):
        # Points of one day side by side: on a logarithmic axis by a factor.
        aside = 1 + 0.03 * (number - (len(arms) - 1) / 2)
        for row, line in enumerate((arm.retention_line, arm.engagement_line), start=1):
            if line is not None:
                _ratio(figure, row, arm.name, line, colours[arm.name], aside)
    figure.add_hline(y=1, line={"color": GREY, "width": 1, "dash": "dot"})
    figure.update_xaxes(type="log", tickvals=DAYS, ticktext=DAYS)
    figure.update_xaxes(title_text="day after joining", row=2, col=1)
    return figure.update_yaxes(type="log", tickvals=RATIOS, ticktext=[f"{r:g} ×" for r in RATIOS])


def _ratio(figure: go.Figure, row: int, name: str, line: Line, colour: str, aside: float) -> None:
    place = {"row": row, "col": 1}
    band(figure, line.days, np.exp(line.under), np.exp(line.over), colour, name, **place)
    figure.add_scatter(
        x=line.days,
        y=np.exp(line.fitted),
        name=plotly_text(name),
        legendgroup=name,
        showlegend=row == 1,
        mode="lines",
        line={"color": colour, "width": 2},
        hovertemplate=f"{plotly_text(name)}, line at day %{{x}}: %{{y:.2f}} ×<extra></extra>",
        **place,
    )
    value, low, high = (np.exp(each) for each in (line.ratio, line.low, line.high))
    figure.add_scatter(
        x=line.days * aside,
        y=value,
        error_y=bars(np.stack([value, low, high], axis=1), colour, 1, 0),
        name=plotly_text(name),
        legendgroup=name,
        showlegend=False,
        mode="markers",
        marker={"color": colour, "size": 6},
        customdata=np.stack([line.days, low, high], axis=1),
        hovertemplate=f"{plotly_text(name)}, day %{{customdata[0]}}: %{{y:.2f}} ×"
        " (%{customdata[1]:.2f} to %{customdata[2]:.2f})<extra></extra>",
        **place,
    )


def looks(arms: Sequence[ArmReport], colours: Mapping[str, str]) -> go.Figure:
    """What each daily look saw: the difference in percent, in an interval that all looks share."""
    titles = ["Retention of the first week", "Engagement of the first week"]
    figure = blank(560, titles, legend=True)
    for arm in arms:
        for row, watch in enumerate((arm.retention_watch, arm.engagement_watch), start=1):
            if watch is not None and watch.latest is not None:
                _look(figure, row, arm.name, watch, colours[arm.name])
    figure.add_hline(y=0, line={"color": GREY, "width": 1, "dash": "dot"})
    figure.update_yaxes(ticksuffix=" %", nticks=6)
    return figure.update_xaxes(nticks=5, tickformat="%d %b")


def _look(figure: go.Figure, row: int, name: str, watch: Watch, colour: str) -> None:
    # The first looks know so little that they would flatten the rest of the figure.
    value, low, high = (
        np.clip(100 * np.expm1(each), -60, 120) for each in (watch.value, watch.low, watch.high)
    )
    _banded(
        figure,
        *(name, [*map(calendar, watch.days)], value, low, high, watch.visitors, colour),
        ", %{x}: %{y:+.0f} % (%{customdata[0]:+.0f} to %{customdata[1]:+.0f})",
        mode="lines",
        showlegend=row == 1,
        row=row,
        col=1,
    )


def _banded(
    figure: go.Figure,
    name: str,
    x: Sequence,
    value: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    visitors: np.ndarray,
    colour: str,
    hover: str,
    **options: object,
) -> None:
    """An arm's line with its band. hover: what it says of a point, after the arm's name."""
    place = {key: options[key] for key in ("row", "col") if key in options}
    band(figure, x, low, high, colour, name, **place)
    figure.add_scatter(
        x=x,
        y=value,
        name=plotly_text(name),
        legendgroup=name,
        line={"color": colour, "width": 2},
        customdata=np.stack([low, high, visitors], axis=1),
        hovertemplate=f"{plotly_text(name)}{hover}, %{{customdata[2]}} visitors<extra></extra>",
        **options,
    )


def sooner(arms: Sequence[ArmReport], colours: Mapping[str, str]) -> go.Figure:
    """Each proxy with its 95 % interval, one panel a proxy, one row an arm."""
    names = list(dict.fromkeys(proxy.name for arm in arms for proxy in arm.proxies))
    length = "conversation length"
    titles = [f"{name}, turns" if name == length else f"{name}, %" for name in names]
    figure = blank(60 + len(names) * (70 + 26 * len(arms)), titles, shared=False)
    for arm in arms:
        for proxy in arm.proxies:
            scale = 1 if proxy.name == length else 100
            value, low, high = (scale * each for each in (proxy.value, proxy.low, proxy.high))
            figure.add_scatter(
                x=[value],
                y=[plotly_text(arm.name)],
                error_x=bars([(value, low, high)], colours[arm.name]),
                mode="markers",
                marker={"color": colours[arm.name], "size": 9},
                hovertemplate=f"{plotly_text(arm.name)}: {value:.1f} ({low:.1f} to {high:.1f}),"
                f" from {proxy.count:,}<extra></extra>",
                row=names.index(proxy.name) + 1,
                col=1,
            )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return figure.update_xaxes(nticks=5)
