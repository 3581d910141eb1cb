"""python -m arena engagement: retention and engagement of an experiment's arms, as text or JSON."""

import argparse
import json
import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict

from arena.command import CommandError, at_least, finish
from arena.db.repositories.usage import Funnel, LatencyPercentiles
from arena.db.repositories.visits import DAY
from arena.db.store import Store
from arena.experiment.format import as_json, as_text, table
from arena.experiment.reading import EVERYBODY, choose_experiment, read_experiment


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m arena engagement", description=__doc__)
    add = parser.add_argument
    add("--db", default="arena.db", help="the SQLite file of the visits")
    add("--experiment", metavar="NAME", help="default: the newest one")
    add("--effect", type=float, default=10.0, help="percent that it should be able to see")
    add("--rounds", type=at_least(1), default=999, help="resamples for the intervals")
    add("--json", action="store_true", help="print JSON instead of tables")
    args = parser.parse_args(argv)
    if not args.effect or not -99 <= args.effect <= 1000:
        parser.error("--effect is a percentage like 10 or -5, and not 0")
    return finish("engagement", lambda: engagement(args), "nothing was changed")


def engagement(args: argparse.Namespace) -> None:
    """Read and print. Raises CommandError and StoreError."""
    with closing(Store.open_readonly(args.db)) as store:
        experiments = store.experiments.all()
        try:
            experiment = choose_experiment(experiments, args.experiment)
        except KeyError:
            known = ", ".join(each.name for each in experiments) or "none"
            raise CommandError(
                f"no experiment {args.experiment!r} in {args.db}: known: {known}"
            ) from None
        data = store.experiments.exposure_data(None if experiment is EVERYBODY else experiment.name)
        today = int(store.database.clock() // DAY)
        funnel, waiting = store.usage.funnel(), store.usage.latencies()
    reading = read_experiment(experiment, data, today, args.rounds)
    effect = math.log1p(args.effect / 100)
    if args.json:
        values = as_json(reading, effect)
        values |= {"funnel": asdict(funnel), "waiting": [asdict(each) for each in waiting]}
        print(json.dumps(values, indent=1, allow_nan=False))
    else:
        print(as_text(reading, effect), *_use(funnel, waiting), sep="\n\n")


def _use(funnel: Funnel, waiting: Sequence[LatencyPercentiles]) -> list[str]:
    """What became of battles, and how long replies took."""
    blocks = [
        f"Arena: {funnel.opened:,} battles opened, {funnel.finished:,} answered by both sides, "
        f"{funnel.voted:,} voted on, {funnel.counted:,} counted"
    ]
    if waiting:
        rows = [
            [each.member, f"{each.replies:,}"]
            + [f"{seconds:.2f}" for seconds in (*each.first_token, *each.whole)]
            for each in waiting
        ]
        heads = [f"{what} {p} %" for what in ("first", "whole") for p in (50, 95, 99)]
        blocks.append(table("Waiting for replies, seconds", ["member", "replies", *heads], rows))
    return blocks
