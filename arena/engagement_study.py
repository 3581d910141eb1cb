"""python -m arena engagement-study: do the experiment's intervals hold what they promise?

Crowds with known power laws are made and read again and again: how often does each 95 % interval
hold the truth, and how often do daily looks at arms that do not differ raise a false alarm? The
result is kept in the README.
"""

import argparse
import sys
from collections.abc import Callable, Iterator

import numpy as np

from arena.crowd import CONTROL, arms, crowd
from blend.daily import engagement, retention
from blend.engagement import LEVEL
from blend.powerlaw import fit
from blend.sequential import watch

DELTAS = {"Δζ": "zeta", "Δβ": "beta", "Δα": "alpha", "Δγ": "gamma"}

GATE, ENOUGH = 0.02, 1000
"""How far from 95 % a share of intervals that hold the truth may lie, found by so many runs."""

NULL_ARMS, NULL_DAYS, NULL_VISITORS = 3, 60, 800
"""An experiment without a difference: `NULL_VISITORS` of each arm, who join on all its days."""

Each = Callable[[int], Iterator[int]]


def covered(
    runs: int, visitors: int, days: int, rounds: int, rng: np.random.Generator, each: Each
) -> dict[str, float]:
    """How often each 95 % interval held the truth; two arms of `visitors`, seen over `days`.

    Raises ValueError where the arms are too small for a line.
    """
    control, test = arms(2)
    truth = [getattr(test, name) - getattr(control, name) for name in DELTAS.values()]
    hits = np.zeros(len(DELTAS))
    for _ in each(runs):
        a, b = (crowd(arm, visitors, days, rng).cohort() for arm in (test, control))
        lines = [fit(of(a), of(b), rng, rounds) for of in (retention, engagement)]
        if None in lines:
            raise ValueError(f"{visitors} visitors over {days} days are too few for a line")
        deltas = [delta for line in lines for delta in (line.start, line.slope)]
        hits += [d.low <= true <= d.high for d, true in zip(deltas, truth, strict=True)]
    return dict(zip(DELTAS, (hits / runs).tolist(), strict=True))


def alarmed(runs: int, rng: np.random.Generator, each: Each) -> float:
    """The share of experiments without a difference in which any daily look raised an alarm."""
    level, alarms = LEVEL / (2 * (NULL_ARMS - 1)), 0
    for _ in each(runs):
        base, *others = (
            crowd(CONTROL, NULL_VISITORS, NULL_DAYS, rng, joining=NULL_DAYS).cohort()
            for _ in range(NULL_ARMS)
        )
        looks = (watched for other in others for watched in watch(other, base, level))
        alarms += any(watched.alarm is not None for watched in looks)
    return alarms / runs


def gate(runs: int) -> tuple[float, float]:
    """Where a share of `runs` must lie: fewer than ENOUGH may miss more, by chance alone."""
    reach = GATE * max(1.0, ENOUGH / runs) ** 0.5
    return max(0.0, 0.95 - reach), min(1.0, 0.95 + reach)


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    name = "python -m arena engagement-study"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="how many experiments are simulated")
    parser.add_argument("--visitors", type=int, default=1000, help="visitors of each arm")
    parser.add_argument("--days", type=int, default=30, help="days that the experiment is seen")
    parser.add_argument("--rounds", type=int, default=199, help="resamples for each interval")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    for name in ("runs", "visitors", "days", "rounds"):
        if getattr(args, name) < 1:
            parser.error(f"--{name} must be at least 1")
    return args


def main(argv: list[str]) -> int:
    """The study as lines on stdout; exit code 1 where a line does not hold."""
    args, each = arguments(argv), _with_a_bar
    rng = np.random.default_rng(args.seed)
    try:
        shares = covered(args.runs, args.visitors, args.days, args.rounds, rng, each)
        alarms = alarmed(args.runs, rng, each)
    except ValueError as error:
        print(f"arena engagement-study: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("arena engagement-study: stopped: nothing is kept, start it again", file=sys.stderr)
        return 130
    lines = [
        (f"95 % interval of {name} holds the truth", share, *gate(args.runs))
        for name, share in shares.items()
    ]
    lines.append(("no difference, a look every day: any false alarm", alarms, 0, LEVEL))
    for what, value, least, most in lines:
        verdict = "holds" if least <= value <= most else "DOES NOT HOLD"
        print(f"{what:50} {value:6.1%}   {least:.0%} to {most:.0%}   {verdict}")
    return int(not all(least <= value <= most for _, value, least, most in lines))


def _with_a_bar(n: int) -> Iterator[int]:
    from tqdm import tqdm

    return iter(tqdm(range(n), unit=" runs", file=sys.stderr, leave=False))
