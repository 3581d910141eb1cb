"""An experiment as values for programs, as tables, and in the words that the page uses as well."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict

from arena.experiment.engagement import ArmReport, DailyCurve
from arena.experiment.power_law import PowerLawFit
from arena.experiment.proxies import PROXIES
from arena.experiment.reading import ExperimentReading, calendar
from arena.experiment.sequential import WINDOW, SequentialTest
from arena.plural import two_digits
from arena.texts import ENGLISH, Texts
from blend.evaluation.resample import Estimate

DAYS = (1, 2, 3, 7, 14, 21, 30)
"""Days after joining of which the text tells; JSON and the page tell all."""

RETENTION = "Retention: active on day k, of those who could be"
ENGAGEMENT = "Engagement: mean time of who was active on day k"
LOOKS = f"Different at all? First {WINDOW} days after joining; valid at every daily look"
DELTAS = "Against the control: log ratio at day 1, and its slope on log day (95 %)"


def as_json(reading: ExperimentReading, effect: float) -> dict[str, object]:
    """Everything as JSON-able values; what is not known is None. Ratios are logarithms.

    effect: the log ratio that one wants to see.
    """
    report = reading.report
    return {
        "experiment": reading.experiment.name if reading.is_experiment else None,
        "simulated": reading.simulated,
        "as_of": reading.as_of,
        "control": report.control,
        "crossed": reading.crossed,
        "too_small": list(report.too_small),
        "level": report.level,
        "arms": [_arm(arm, effect) for arm in report.arms],
    }


def _arm(arm: ArmReport, effect: float) -> dict[str, object]:
    values: dict[str, object] = {
        "name": arm.name,
        "visitors": arm.visitors,
        "retention": _days(arm.retention),
        "engagement_s": _days(arm.engagement),
        "sooner": [asdict(proxy) for proxy in arm.proxies],
    }
    for measure, watch in arm_tests(arm).items():
        if watch is None:
            continue
        line = getattr(arm, f"{measure}_fit")
        values[f"{measure}_ratio"] = line and _line(line)
        values[f"{measure}_looks"] = {
            "latest": watch.latest and asdict(watch.latest),
            "alarm": None if watch.alarm is None else calendar(watch.alarm),
            "visitors": int(watch.visitors[-1]) if watch.latest else 0,
            "visitors_needed": watch.needed(effect),
        }
    return values


def _days(curve: DailyCurve) -> list[dict[str, object]]:
    rows = zip(*(each.tolist() for each in (curve.value, curve.low, curve.high)), strict=True)
    return [
        {"day": day, "value": value, "low": low, "high": high, "visitors": int(visitors)}
        for day, ((value, low, high), visitors) in enumerate(zip(rows, curve.visitors, strict=True))
        if not math.isnan(value)
    ]


def _line(line: PowerLawFit) -> dict[str, object]:
    columns = (line.days, line.ratio, line.low, line.high, line.fitted)
    names = ("day", "log_ratio", "low", "high", "fit")
    return {
        "start": asdict(line.start),
        "slope": asdict(line.slope),
        "points": [
            dict(zip(names, row, strict=True))
            for row in zip(*(column.tolist() for column in columns), strict=True)
        ],
    }


def as_text(reading: ExperimentReading, effect: float) -> str:
    """Everything, as blocks of aligned lines. effect: the log ratio that one wants to see."""
    arms = reading.report.arms
    blocks = [heading(reading)]
    if arms:
        blocks += [
            _curves(RETENTION, arms, "retention", "{:.1%} ({:.1f}-{:.1f})", 100),
            _curves(ENGAGEMENT, arms, "engagement", "{:.0f} s ({:.0f}-{:.0f})", 1),
        ]
    if len(arms) > 1:
        verdicts = [
            [arm.name, what, verdict(watch, effect)]
            for arm in arms[1:]
            for what, watch in arm_tests(arm).items()
        ]
        blocks += [
            table(DELTAS, ["arm", "Δζ", "Δβ", "Δα", "Δγ"], deltas(arms[1:])),
            table(LOOKS, ["arm", "measure", "verdict"], verdicts),
        ]
    if any(arm.proxies for arm in arms):
        blocks.append(_sooner(arms))
    return "\n\n".join(blocks)


def heading(
    reading: ExperimentReading, texts: Texts = ENGLISH, date: Callable[[int], str] = calendar
) -> str:
    """Which experiment, whose visitors, until when. date: how a day since 1970 is written."""
    report, day = reading.report, date(reading.report.today - 1)
    visitors = sum(arm.visitors for arm in report.arms)
    if not reading.is_experiment:
        none = "experiment.none" if report.arms else "experiment.none_yet"
        return texts(none, n=visitors, day=day)
    name = "experiment.simulated" if reading.simulated else "experiment.heading"
    sentences = [texts(name, name=reading.experiment.name, n=visitors, day=day)]
    if report.too_small:
        sentences.append(texts("experiment.too_small", arms=", ".join(report.too_small)))
    if reading.crossed:
        sentences.append(texts("experiment.crossed", n=reading.crossed))
    return " ".join(sentences)


def percent(delta: Estimate, texts: Texts = ENGLISH) -> str:
    """A log ratio as a change in percent, with its interval."""
    value, low, high = (100 * math.expm1(x) for x in (delta.value, delta.low, delta.high))
    return texts("numbers.change", value=value, low=low, high=high)


def arm_tests(arm: ArmReport) -> dict[str, SequentialTest]:
    """The two tests of an arm, by what they are about."""
    return {"retention": arm.retention_test, "engagement": arm.engagement_test}


def verdict(
    watch: SequentialTest,
    effect: float,
    texts: Texts = ENGLISH,
    date: Callable[[int], str] = calendar,
) -> str:
    """What the daily looks say, in half a sentence."""
    if watch.latest is None:
        return texts("experiment.verdict_early", n=WINDOW)
    change = percent(watch.latest, texts)
    if watch.alarm is not None:
        return texts("experiment.verdict_different", day=date(watch.alarm), change=change)
    more, size = watch.needed(effect), abs(100 * math.expm1(effect))
    if not more:
        return texts("experiment.verdict_same", change=change, size=size)
    return texts("experiment.verdict_needed", change=change, size=size, n=two_digits(more))


def deltas(arms: Sequence[ArmReport], texts: Texts = ENGLISH) -> list[list[str]]:
    """The four deltas of each arm with their intervals, as rows of a table."""
    rows, early = [], texts("experiment.early")
    for arm in arms:
        row = [arm.name]
        for line in (arm.retention_fit, arm.engagement_fit):
            found = [texts("numbers.delta", of=d) for d in (line.start, line.slope)] if line else ()
            row += found or [early, early]
        rows.append(row)
    return rows


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under their heads, in columns as wide as they need."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (heads, *rows)
    ]
    return "\n".join([title, *(f"  {line}".rstrip() for line in lines)])


def _curves(title: str, arms: Sequence[ArmReport], what: str, form: str, scale: int) -> str:
    """A table of curves. scale: of the bounds; the value has its own in `form`."""
    curves, columns = [getattr(arm, what) for arm in arms], {}
    for day in DAYS:
        values = [[float(x[day]) for x in (c.value, c.low, c.high)] for c in curves]
        columns[f"k={day}"] = [
            "" if math.isnan(value) else form.format(value, scale * low, scale * high)
            for value, low, high in values
        ]
    filled = {head: cells for head, cells in columns.items() if any(cells)}
    names, visitors = [arm.name for arm in arms], [f"{arm.visitors:,}" for arm in arms]
    rows = [*zip(names, visitors, *filled.values(), strict=True)]
    return table(title, ["arm", "visitors", *filled], rows)


def _sooner(arms: Sequence[ArmReport]) -> str:
    length, *_ = PROXIES
    names = list(dict.fromkeys(proxy.name for arm in arms for proxy in arm.proxies))
    rows = []
    for arm in arms:
        cells = dict.fromkeys(names, "")
        for p in arm.proxies:
            scale, form = (1, ".2f") if p.name == length else (100, ".1f")
            value, low, high = (format(scale * x, form) for x in (p.value, p.low, p.high))
            cells[p.name] = f"{value} ({low}-{high})"
        rows.append([arm.name, *cells.values()])
    heads = [name if name == length else f"{name}, %" for name in names]
    return table("What speaks sooner (95 %)", ["arm", *heads], rows)
