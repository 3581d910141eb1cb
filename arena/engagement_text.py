"""An experiment as tables for a terminal, and in the words that the page uses as well."""

import math
from collections.abc import Sequence

from arena.trial import Reading, calendar
from arena.usage import Funnel, Waiting
from blend.engagement import ArmReport, Curve
from blend.powerlaw import Line
from blend.resample import Estimate
from blend.sequential import WINDOW, Watch

DAYS = (1, 2, 3, 7, 14, 21, 30)
"""Days after joining of which the text tells; JSON and the page tell all."""

EARLY = "too early"

DELTAS = "Against the control: log ratio at day 1, and its slope on log day (95 %)"


def as_text(reading: Reading, funnel: Funnel, waiting: Sequence[Waiting], effect: float) -> str:
    """Everything, as blocks of aligned lines. effect: the log ratio that one wants to see."""
    arms = reading.report.arms
    blocks = [heading(reading)]
    if arms:
        retained = {arm.name: [_share(arm.retention, k) for k in DAYS] for arm in arms}
        engaged = {arm.name: [_time(arm.engagement, k) for k in DAYS] for arm in arms}
        blocks.append(_curves("Retention: active on day k, of those who could be", arms, retained))
        blocks.append(_curves("Engagement: mean time of who was active on day k", arms, engaged))
    if len(arms) > 1:
        blocks += [
            _table(DELTAS, ["arm", "Δζ", "Δβ", "Δα", "Δγ"], deltas(arms[1:])),
            _looks(arms[1:], effect),
        ]
    if any(arm.proxies for arm in arms):
        blocks.append(_sooner(arms))
    blocks.append(
        f"Arena: {funnel.opened:,} battles opened, {funnel.finished:,} answered by both sides, "
        f"{funnel.voted:,} voted on, {funnel.counted:,} counted"
    )
    if waiting:
        blocks.append(_waiting(waiting))
    return "\n\n".join(blocks)


def heading(reading: Reading) -> str:
    """Which experiment, whose visitors, until when."""
    report, trial = reading.report, reading.trial
    visitors = sum(arm.visitors for arm in report.arms)
    who = "simulated visitors" if reading.simulated else "visitors"
    if not reading.is_experiment:
        so_far = f"{visitors:,} visitors" if report.arms else "too few to be shown"
        return f"No experiment is on: all visitors are one group, {so_far} up to {reading.as_of}."
    what = f"Experiment {trial.name!r}"
    said = [f"{what}: {visitors:,} {who}, all days up to {reading.as_of} (UTC)."]
    if report.too_small:
        said.append(f"Not shown, under 5 visitors: {', '.join(report.too_small)}.")
    if reading.crossed:
        said.append(
            f"{reading.crossed:,} visitors met two arms, because shares were changed under the "
            "same name; they count in the first."
        )
    return " ".join(said)


def percent(delta: Estimate, sign: str = "+") -> str:
    """A log ratio as a change in percent, with its interval."""
    value, low, high = (100 * math.expm1(x) for x in (delta.value, delta.low, delta.high))
    return f"{value:{sign}.0f} % ({low:{sign}.0f} to {high:{sign}.0f})"


def looks(arm: ArmReport) -> dict[str, Watch]:
    """The two tests of an arm, by what they are about."""
    return {"retention": arm.retention_watch, "engagement": arm.engagement_watch}


def verdict(watch: Watch, effect: float) -> str:
    """What the daily looks say, in half a sentence."""
    if watch.latest is None:
        return f"too early: nobody, or too few, joined over {WINDOW} days ago"
    if watch.alarm is not None:
        return f"different since {calendar(watch.alarm)}: {percent(watch.latest)}"
    more, size = watch.needed(effect), f"{abs(100 * math.expm1(effect)):.0f} %"
    still = f"one of {size} would most likely be seen by now"
    if more:
        still = f"to see one of {size}, about {two_digits(more):,} more visitors are needed"
    return f"no difference seen so far, {percent(watch.latest)}; {still}"


def two_digits(n: int) -> int:
    """The number rounded up to two digits: more would be a promise."""
    step = 10 ** max(0, len(str(n)) - 2)
    return math.ceil(n / step) * step


def _curves(title: str, arms: Sequence[ArmReport], cells: dict[str, list[str]]) -> str:
    known = [n for n in range(len(DAYS)) if any(row[n] for row in cells.values())]
    rows = [[a.name, f"{a.visitors:,}", *(cells[a.name][n] for n in known)] for a in arms]
    return _table(title, ["arm", "visitors", *(f"k={DAYS[n]}" for n in known)], rows)


def _share(curve: Curve, k: int) -> str:
    value, low, high = (float(each[k]) for each in (curve.value, curve.low, curve.high))
    return "" if math.isnan(value) else f"{value:.1%} ({100 * low:.1f}-{100 * high:.1f})"


def _time(curve: Curve, k: int) -> str:
    value, low, high = (float(each[k]) for each in (curve.value, curve.low, curve.high))
    return "" if math.isnan(value) else f"{value:.0f} s ({low:.0f}-{high:.0f})"


def deltas(arms: Sequence[ArmReport]) -> list[list[str]]:
    """The four deltas of each arm with their intervals, as rows of a table."""
    return [[arm.name, *_pair(arm.retention_line), *_pair(arm.engagement_line)] for arm in arms]


def _pair(line: Line | None) -> list[str]:
    if line is None:
        return [EARLY, EARLY]
    return [f"{d.value:+.3f} ({d.low:+.3f} to {d.high:+.3f})" for d in (line.start, line.slope)]


def _looks(arms: Sequence[ArmReport], effect: float) -> str:
    title = f"Different at all? First {WINDOW} days after joining; valid at every daily look"
    rows = [
        [arm.name, what, verdict(watch, effect)]
        for arm in arms
        for what, watch in looks(arm).items()
    ]
    return _table(title, ["arm", "measure", "verdict"], rows)


def _sooner(arms: Sequence[ArmReport]) -> str:
    names = list(dict.fromkeys(proxy.name for arm in arms for proxy in arm.proxies))
    rows = []
    for arm in arms:
        found = {proxy.name: proxy for proxy in arm.proxies}
        cells = []
        for name in names:
            p, share = found.get(name), name != "conversation length"
            scale, digits = (100, 1) if share else (1, 2)
            cells.append(
                ""
                if p is None
                else f"{scale * p.value:.{digits}f} "
                f"({scale * p.low:.{digits}f}-{scale * p.high:.{digits}f})"
            )
        rows.append([arm.name, *cells])
    heads = [name if name == "conversation length" else f"{name}, %" for name in names]
    return _table("What speaks sooner (95 %)", ["arm", *heads], rows)


def _waiting(waiting: Sequence[Waiting]) -> str:
    rows = [
        [each.member, f"{each.replies:,}"]
        + [f"{seconds:.2f}" for seconds in (*each.first_token, *each.whole)]
        for each in waiting
    ]
    heads = [f"{what} {p} %" for what in ("first", "whole") for p in (50, 95, 99)]
    return _table("Waiting for replies, seconds", ["member", "replies", *heads], rows)


def _table(title: str, heads: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
    lines = []
    for row in [heads, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return "\n".join([title, *lines])
