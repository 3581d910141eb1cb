"""python -m arena engagement-study: do the experiment's intervals hold what they promise?

Visitors with known power laws are made and read again and again: how often does each 95 % interval
hold the truth, and how often do daily looks at arms that do not differ raise a false alarm? The
result is kept in the README.
"""

import argparse
from collections.abc import Iterator
from functools import partial

import numpy as np
from tqdm import trange

from arena.command import SEED, CommandError, at_least, finish
from arena.experiment.daily import engagement, retention
from arena.experiment.engagement import LEVEL
from arena.experiment.power_law import fit_power_law
from arena.experiment.sequential import sequential_tests
from arena.experiment.synthetic_visitors import CONTROL, arms, synthetic_visitors
from arena.simulation.coverage import Progress
from arena.simulation.coverage_command import Finding

DELTAS = {"Δζ": "zeta", "Δβ": "beta", "Δα": "alpha", "Δγ": "gamma"}

GATE, ENOUGH = 0.02, 1000
"""How far from 95 % a share of intervals that hold the truth may lie, found by so many runs."""

NULL_ARMS, NULL_DAYS, NULL_VISITORS = 3, 60, 800
"""An experiment without a difference: `NULL_VISITORS` of each arm, who join on all its days."""


def main(argv: list[str]) -> int:
    """The study as lines on stdout; exit code 1 where a line does not hold."""
    name = "python -m arena engagement-study"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    add = parser.add_argument
    add("--runs", type=at_least(1), default=1000, help="how many experiments are simulated")
    add("--visitors", type=at_least(1), default=1000, help="visitors of each arm")
    add("--days", type=at_least(1), default=30, help="days that the experiment is seen")
    add("--rounds", type=at_least(1), default=199, help="resamples for each interval")
    add("--seed", type=SEED, default=1)
    args = parser.parse_args(argv)
    findings: list[Finding] = []
    stopped = "nothing is kept, start it again"
    if code := finish("engagement-study", lambda: findings.extend(study(args)), stopped):
        return code
    print(*findings, sep="\n")
    return int(not all(finding.holds for finding in findings))


def study(args: argparse.Namespace) -> Iterator[Finding]:
    """All of it, with its gates. Raises CommandError where the arms are too small."""
    rng = np.random.default_rng(args.seed)
    each: Progress = partial(trange, unit=" runs", leave=False)
    shares = interval_coverage(args.runs, args.visitors, args.days, args.rounds, rng, each)
    for name, share in shares.items():
        yield Finding(f"95 % interval of {name} holds the truth", share, *gate(args.runs))
    alarms = false_alarm_rate(args.runs, rng, each)
    yield Finding("no difference, a look every day: any false alarm", alarms, 0, LEVEL)


def interval_coverage(
    runs: int, visitors: int, days: int, rounds: int, rng: np.random.Generator, each: Progress
) -> dict[str, float]:
    """How often each 95 % interval held the truth; two arms of `visitors`, seen over `days`.

    Raises CommandError where the arms are too small for a line.
    """
    control, test = arms(2)
    truth = [getattr(test, name) - getattr(control, name) for name in DELTAS.values()]
    hits = np.zeros(len(DELTAS))
    for _ in each(runs):
        a, b = (synthetic_visitors(arm, visitors, days, rng).cohort() for arm in (test, control))
        lines = [fit_power_law(of(a), of(b), rng, rounds) for of in (retention, engagement)]
        if None in lines:
            raise CommandError(f"{visitors} visitors over {days} days are too few for a line")
        deltas = [delta for line in lines for delta in (line.start, line.slope)]
        hits += [d.low <= true <= d.high for d, true in zip(deltas, truth, strict=True)]
    return dict(zip(DELTAS, (hits / runs).tolist(), strict=True))


def false_alarm_rate(runs: int, rng: np.random.Generator, each: Progress) -> float:
    """The share of experiments without a difference in which any daily look raised an alarm."""
    level, alarms = LEVEL / (2 * (NULL_ARMS - 1)), 0
    for _ in each(runs):
        base, *others = (
            synthetic_visitors(CONTROL, NULL_VISITORS, NULL_DAYS, rng, joining=NULL_DAYS).cohort()
            for _ in range(NULL_ARMS)
        )
        looks = (watched for other in others for watched in sequential_tests(other, base, level))
        alarms += any(watched.alarm is not None for watched in looks)
    return alarms / runs


def gate(runs: int) -> tuple[float, float]:
    """Where a share of `runs` must lie: fewer than ENOUGH may miss more, by chance alone."""
    reach = GATE * max(1.0, ENOUGH / runs) ** 0.5
    return max(0.0, 0.95 - reach), min(1.0, 0.95 + reach)
