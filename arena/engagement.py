"""python -m arena engagement: retention and engagement of an experiment's arms, as text or JSON."""

import argparse
import json
import math
from collections.abc import Sequence

from arena.command import CommandError, finish
from arena.engagement_text import as_text
from arena.store import Store
from arena.trial import Reading, calendar, read
from arena.usage import Funnel, Waiting
from blend.engagement import ArmReport, Curve
from blend.powerlaw import Line
from blend.resample import Estimate
from blend.sequential import Watch


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m arena engagement", description=__doc__)
    parser.add_argument("--db", default="arena.db", help="the SQLite file of the visits")
    parser.add_argument("--experiment", metavar="NAME", help="default: the newest one")
    parser.add_argument(
        "--effect", type=float, default=10.0, help="percent that it should be able to see"
    )
    parser.add_argument("--rounds", type=int, default=999, help="resamples for the intervals")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    args = parser.parse_args(argv)
    if args.rounds < 1:
        parser.error("--rounds must be at least 1")
    if not args.effect or not -99 <= args.effect <= 1000:
        parser.error("--effect is a percentage like 10 or -5, and not 0")
    return args


def main(argv: list[str]) -> int:
    """The command."""
    args = arguments(argv)
    return finish("engagement", lambda: _tell(args), "nothing was changed")


def _tell(args: argparse.Namespace) -> None:
    store = Store.look(args.db)
    try:
        names = [trial.name for trial in store.trials()]
        if args.experiment is not None and args.experiment not in names:
            known = ", ".join(names) or "none"
            raise CommandError(f"no experiment {args.experiment!r} in {args.db}: known: {known}")
        reading = read(store, args.experiment, args.rounds)
        funnel, waiting = store.funnel(), store.waiting()
    finally:
        store.close()
    effect = math.log1p(args.effect / 100)
    if args.json:
        print(json.dumps(as_json(reading, funnel, waiting, effect), indent=1, allow_nan=False))
    else:
        print(as_text(reading, funnel, waiting, effect))


def as_json(
    reading: Reading, funnel: Funnel, waiting: Sequence[Waiting], effect: float
) -> dict[str, object]:
    """Everything as JSON-able values; what is not known is None. Ratios are logarithms."""
    report = reading.report
    return {
        "experiment": reading.trial.name if reading.is_experiment else None,
        "simulated": reading.simulated,
        "as_of": reading.as_of,
        "control": report.control,
        "crossed": reading.crossed,
        "too_small": list(report.too_small),
        "level": report.level,
        "arms": [_arm(arm, effect) for arm in report.arms],
        "funnel": {name: getattr(funnel, name) for name in Funnel.__slots__},
        "waiting": [{name: getattr(w, name) for name in Waiting.__slots__} for w in waiting],
    }


def _arm(arm: ArmReport, effect: float) -> dict[str, object]:
    made: dict[str, object] = {
        "name": arm.name,
        "visitors": arm.visitors,
        "retention": _curve(arm.retention),
        "engagement_s": _curve(arm.engagement),
        "sooner": [{name: getattr(p, name) for name in p.__slots__} for p in arm.proxies],
    }
    for measure, line, watch in (
        ("retention", arm.retention_line, arm.retention_watch),
        ("engagement", arm.engagement_line, arm.engagement_watch),
    ):
        if watch is not None:
            made[f"{measure}_ratio"] = line and _line(line)
            made[f"{measure}_looks"] = _watch(watch, effect)
    return made


def _curve(curve: Curve) -> list[dict[str, object]]:
    rows = zip(curve.value, curve.low, curve.high, curve.visitors, strict=True)
    return [
        {"day": day, "value": float(v), "low": float(low), "high": float(high), "visitors": int(n)}
        for day, (v, low, high, n) in enumerate(rows)
        if not math.isnan(v)
    ]


def _line(line: Line) -> dict[str, object]:
    points = zip(line.days, line.ratio, line.low, line.high, line.fitted, strict=True)
    return {
        "start": _delta(line.start),
        "slope": _delta(line.slope),
        "points": [
            {"day": int(day), "log_ratio": float(y), "low": float(a), "high": float(b), "fit": f}
            for day, y, a, b, f in points
        ],
    }


def _watch(watch: Watch, effect: float) -> dict[str, object]:
    latest = watch.latest
    return {
        "latest": latest and _delta(latest),
        "alarm": None if watch.alarm is None else calendar(watch.alarm),
        "visitors": int(watch.visitors[-1]) if latest else 0,
        "visitors_needed": watch.needed(effect),
    }


def _delta(delta: Estimate) -> dict[str, float]:
    return {"value": delta.value, "low": delta.low, "high": delta.high}
