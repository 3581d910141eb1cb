"""Simulated visitors written into a database: an experiment whose truth is known."""

import argparse
import math
import sys
from collections.abc import Iterator
from contextlib import closing

import numpy as np

from arena.command import SEED, CommandError, at_least, finish
from arena.db import file_lock
from arena.db.repositories.visits import DAY
from arena.db.store import Store
from arena.experiment.reading import ExperimentRecord, calendar
from arena.experiment.synthetic_visitors import (
    SyntheticArm,
    SyntheticVisitors,
    arms,
    synthetic_visitors,
)
from arena.simulation.experiment_coverage import DELTAS

MOST_ARMS = 9  # more of the simulated kind would bring back more visitors than there are


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done, and then nothing is stored."""
    parser = argparse.ArgumentParser(prog="python -m arena simulate", description=__doc__)
    add = parser.add_argument
    add("--db", default="arena.db", help="the SQLite file, made where it is missing")
    add("--seed", type=SEED, default=0)
    visitors = at_least(1, 10**7)
    add("--visitors", type=visitors, required=True, metavar="N", help="visitors of each arm")
    add("--days", type=at_least(2, 3650), default=30, metavar="D", help="days, up to yesterday")
    arms = at_least(1, MOST_ARMS)
    add("--arms", type=arms, default=2, metavar="M", help="the control is the first")
    add("--name", default="simulated", help="what the experiment is called")
    args = parser.parse_args(argv)
    return finish("simulate", lambda: simulate_visits(args))


def simulate_visits(args: argparse.Namespace) -> None:
    """Write the visitors of `args`, all or none, and print the truth that made them."""
    if not args.name.strip():
        raise CommandError("--name must not be empty")
    with file_lock.exclusive(args.db), closing(Store.open(args.db)) as store:
        if args.name in {trial.name for trial in store.experiments.all()}:
            raise CommandError(
                f"{args.db} has an experiment {args.name!r}: choose another --name or --db"
            )
        made = arms(args.arms)
        write_visits(
            store, made, args.visitors, args.days, args.name, np.random.default_rng(args.seed)
        )
    print(describe_truth(made, args))


def write_visits(
    store: Store,
    made: tuple[SyntheticArm, ...],
    visitors: int,
    days: int,
    name: str,
    rng: np.random.Generator,
) -> None:
    """Write visitors of these arms who are seen on `days` days, the last of them yesterday."""
    from tqdm import tqdm

    first = int(store.database.clock() // DAY) - days
    crowds = [synthetic_visitors(arm, visitors, days, rng) for arm in made]
    total = sum(len(each.visitor) for each in crowds)
    rows = (row for each in crowds for row in _visits(each, name, first))
    store.experiments.save_simulated(
        ExperimentRecord(name, made[0].name, {arm.name: 1.0 for arm in made}, "simulated"),
        (row for each in crowds for row in _people(each, name, first)),
        tqdm(rows, total=total, unit=" visits", file=sys.stderr, leave=False),
    )


def _people(made: SyntheticVisitors, name: str, first: int) -> Iterator[tuple[str, str, float]]:
    noon = (first + made.joined) * DAY + DAY / 2
    for number, since in enumerate(noon.tolist()):
        yield _id(name, made.name, number), made.name, since


def _visits(made: SyntheticVisitors, name: str, first: int) -> Iterator[tuple]:
    dates = [calendar(first + day) for day in range(made.days)]
    columns = (made.visitor, made.day, made.seconds, *made.tallies.T)
    for number, day, *rest in zip(*(column.tolist() for column in columns), strict=True):
        yield _id(name, made.name, number), dates[day], *rest


def _id(name: str, arm: str, number: int) -> str:
    return f"{name}/{arm}/{number:07d}"


def describe_truth(made: tuple[SyntheticArm, ...], args: argparse.Namespace) -> str:
    """What was written, and the truth that `python -m arena engagement` should find."""
    control, *others = made
    lines = [
        f"{args.db}: experiment {args.name!r}, {args.visitors:,} simulated visitors of each arm, "
        f"{args.days} days.",
        f"  control: R(1) = {math.exp(control.zeta):.0%}, decay {control.beta:+.2f}; "
        f"E(1) = {math.exp(control.alpha):.0f} s, decay {control.gamma:+.2f}",
    ]
    for arm in others:
        deltas = {
            delta: getattr(arm, name) - getattr(control, name) for delta, name in DELTAS.items()
        }
        lines.append(f"  {arm.name}: " + ", ".join(f"{d} = {v:+.3f}" for d, v in deltas.items()))
    return "\n".join(lines)
