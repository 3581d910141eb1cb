"""The figures of an experiment: curves by day, ratios with their lines, daily looks, proxies."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from arena.experiment.engagement import ArmReport, DailyCurve
from arena.experiment.power_law import PowerLawFit
from arena.experiment.proxies import PROXIES
from arena.experiment.reading import calendar
from arena.pages.figures import add_band, add_series, add_zero_line, new_figure, plotly_text
from arena.texts import Texts

RATIOS = (0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4)
DAYS = (1, 2, 3, 5, 7, 10, 14, 20, 30)


def by_day(
    curves: Mapping[str, DailyCurve], colours: Mapping[str, str], unit: str, texts: Texts
) -> go.Figure:
    """One line an arm with its 95 % band, over the days after joining from the first on.

    unit: "%" for shares, "min" for seconds, which are shown as minutes.
    """
    figure = new_figure(380, legend=True)
    scale = 100 if unit == "%" else 1 / 60
    hover = f", {texts('insights.day')} %{{x}}: %{{y:.1f}} {unit} {_bounds(texts, '.1f')}"
    for name, curve in curves.items():
        days = np.flatnonzero(~np.isnan(curve.value))
        days = days[days > 0]
        lines = [scale * each[days] for each in (curve.value, curve.low, curve.high)]
        dots = {"mode": "lines+markers", "marker_size": 5}
        of = (name, days, lines, curve.visitors[days], colours[name], hover, texts)
        _add_banded(figure, *of, **dots)
    figure.update_xaxes(title_text=texts("insights.day_after"), nticks=8)
    return figure.update_yaxes(ticksuffix=f" {unit}", rangemode="tozero", nticks=6)


def ratios(
    arms: Sequence[ArmReport], control: str, colours: Mapping[str, str], texts: Texts
) -> go.Figure:
    """Retention and engagement against the control, both axes logarithmic, with fitted lines."""
    names = ("insights.ratios.retention_figure", "insights.ratios.engagement_figure")
    titles = [texts(name, control=control) for name in names]
    figure = new_figure(720, titles, legend=True)
    for number, arm in enumerate(arms):
        # Points of one day side by side: on a logarithmic axis by a factor.
        aside = 1 + 0.03 * (number - (len(arms) - 1) / 2)
        for row, line in enumerate((arm.retention_fit, arm.engagement_fit), start=1):
            if line is not None:
                _add_ratio(figure, row, arm.name, line, colours[arm.name], aside, texts)
    add_zero_line(figure, y=1)
    figure.update_xaxes(type="log", tickvals=DAYS, ticktext=DAYS)
    figure.update_xaxes(title_text=texts("insights.day_after"), row=2, col=1)
    times = [f"{texts.significant(ratio, 3)} ×" for ratio in RATIOS]
    return figure.update_yaxes(type="log", tickvals=RATIOS, ticktext=times)


def _add_ratio(
    figure: go.Figure,
    row: int,
    name: str,
    line: PowerLawFit,
    colour: str,
    aside: float,
    texts: Texts,
) -> None:
    place, day = {"row": row, "col": 1}, texts("insights.day")
    add_band(figure, name, line.days, np.exp(line.under), np.exp(line.over), colour, **place)
    add_series(
        figure,
        *(name, line.days, np.exp(line.fitted), colour),
        f", {texts('insights.line_at_day')} %{{x}}: %{{y:.2f}} ×",
        showlegend=row == 1,
        mode="lines",
        **place,
    )
    value, low, high = (np.exp(each) for each in (line.ratio, line.low, line.high))
    add_series(
        figure,
        *(name, line.days * aside, value, colour),
        f", {day} %{{customdata[2]}}: %{{y:.2f}} × {_bounds(texts, '.2f')}",
        [low, high, line.days],
        *("y", 1, 0),
        showlegend=False,
        mode="markers",
        **place,
    )


def looks(arms: Sequence[ArmReport], colours: Mapping[str, str], texts: Texts) -> go.Figure:
    """What each daily look saw: the difference in percent, in an interval that all looks share."""
    titles = [texts("insights.looks.retention"), texts("insights.looks.engagement")]
    figure = new_figure(560, titles, legend=True)
    hover = f", %{{x}}: %{{y:+.0f}} % {_bounds(texts, '+.0f')}"
    for arm in arms:
        for row, watch in enumerate((arm.retention_test, arm.engagement_test), start=1):
            if watch is None or watch.latest is None:
                continue
            days = [calendar(day) for day in watch.days]
            # The first looks know so little that they would flatten the rest of the figure.
            lines = [
                np.clip(100 * np.expm1(each), -60, 120)
                for each in (watch.value, watch.low, watch.high)
            ]
            place = {"mode": "lines", "showlegend": row == 1, "row": row, "col": 1}
            of = (arm.name, days, lines, watch.visitors, colours[arm.name], hover, texts)
            _add_banded(figure, *of, **place)
    add_zero_line(figure, y=0)
    figure.update_yaxes(ticksuffix=" %", nticks=6)
    return figure.update_xaxes(nticks=5, tickformat="%d %b")


def _add_banded(
    figure: go.Figure,
    name: str,
    x: Sequence,
    lines: Sequence[np.ndarray],
    visitors: np.ndarray,
    colour: str,
    hover: str,
    texts: Texts,
    **options: object,
) -> None:
    """An arm's line with its band. lines: its values, lows and highs."""
    value, low, high = lines
    place = {key: options[key] for key in ("row", "col") if key in options}
    add_band(figure, name, x, low, high, colour, **place)
    hover += f", {texts('insights.visitors')} %{{customdata[2]}}"
    add_series(figure, name, x, value, colour, hover, [low, high, visitors], **options)


def early_signs(arms: Sequence[ArmReport], colours: Mapping[str, str], texts: Texts) -> go.Figure:
    """Each proxy with its 95 % interval, one panel a proxy, one row an arm."""
    names = list(dict.fromkeys(proxy.name for arm in arms for proxy in arm.proxies))
    length, *_ = PROXIES
    titles = [texts(f"insights.sooner.{name.replace(' ', '_')}") for name in names]
    figure = new_figure(60 + len(names) * (70 + 26 * len(arms)), titles, shared=False)
    for arm in arms:
        for proxy in arm.proxies:
            scale = 1 if proxy.name == length else 100
            value, low, high = (scale * each for each in (proxy.value, proxy.low, proxy.high))
            interval = {"value": value, "low": low, "high": high}
            add_series(
                figure,
                *(arm.name, [value], [plotly_text(arm.name)], colours[arm.name]),
                ": " + texts("insights.sooner.hover", n=proxy.count, **interval),
                [[low], [high]],
                bars="x",
                caps=4,
                mode="markers",
                marker_size=9,
                row=names.index(proxy.name) + 1,
                col=1,
            )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return figure.update_xaxes(nticks=5)


def _bounds(texts: Texts, form: str) -> str:
    """What the hover says of an interval, whose ends are the first two columns."""
    ends = (f"%{{customdata[{n}]:{form}}}" for n in (0, 1))
    return texts("numbers.bounds", low=next(ends), high=next(ends))
