"""python -m arena bench: what a board costs, beside FastChat's way and evalica; and a vote's click.

On made-up votes and one processor. Limits are on seconds of the processor; on a machine that does
nothing else the clock shows the same. The other ways are in `arena.simulation.baselines`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from arena.command import SEED, CommandError, at_least, finish
from arena.ranking.ballots import Ballots
from arena.ranking.bradley_terry import fit_strengths, strength_covariance
from arena.ranking.ratings import bootstrap, bradley_terry
from arena.ranking.sensitivity.analysis import analyse_sensitivity
from arena.simulation import vote_latency
from arena.simulation.baselines import Task, evalica_tasks, fastchat_tasks
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes

METER = """
import resource, runpy, sys, time
try:
    runpy.run_module("arena", run_name="__main__", alter_sys=True)
except SystemExit as end:
    if end.code:
        raise
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    # What is counted above began before exec, with the memory of whoever started this.
    peak = next(line.split()[1] for line in open("/proc/self/status") if line[:5] == "VmHWM")
except OSError:
    pass
print(time.process_time(), peak, file=sys.stderr)
"""
"""A process that runs a command of the arena and then says what it took."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took: median seconds on the clock and of the processor, and what it may take.

    limit: seconds of the processor (of the clock, where `waits`), or MB where `mb` is given; None
    for what stands beside.
    """

    what: str
    wall: float
    cpu: float
    limit: float | None = None
    mb: float | None = None
    waits: bool = False

    @property
    def holds(self) -> bool:
        used = self.wall if self.waits else self.cpu
        return self.limit is None or (self.mb or used) <= self.limit

    def __str__(self) -> str:
        took = f"{self.cpu * 1000:11,.2f} ms{self.wall * 1000:11,.2f} ms"
        limit = f"{(self.limit or 0) * 1000:,.0f} ms"
        if self.mb is not None:
            took, limit = f"{self.mb:11,.0f} MB{'':14}", f"{self.limit:,.0f} MB"
        verdict = f"  limit {limit}: {'holds' if self.holds else 'DOES NOT HOLD'}"
        return f"{self.what:46}{took}{'' if self.limit is None else verdict}".rstrip()


def main(argv: list[str]) -> int:
    """The costs as a table on stdout; 1 where one is over its limit."""
    parser = argparse.ArgumentParser(prog="python -m arena bench", description=__doc__)
    add = parser.add_argument
    add("--votes", type=at_least(1), default=1_000_000)
    add("--visitors", type=at_least(1), help="default: a 20th of the votes")
    add("--contenders", type=at_least(2), default=20)
    add("--rounds", type=at_least(1), default=200, help="of each bootstrap")
    add("--clicks", type=at_least(1), default=200, help="votes that are timed")
    add("--only", choices=("board", "vote"), help="one of the two (default: both)")
    add("--seed", type=SEED, default=1)
    add("--db", type=Path, help="a database for the whole command (default: one is made)")
    add("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args(argv)
    costs: list[Cost] = []
    if code := finish("bench", lambda: costs.extend(measure_all(args)), "nothing is kept"):
        return code
    if args.json:
        print(json.dumps([asdict(cost) | {"holds": cost.holds} for cost in costs], indent=1))
    else:
        print(f"{'':46}{'processor':>14}{'clock':>14}", *costs, sep="\n")
        if sum(cost.wall for cost in costs) > 1.5 * sum(cost.cpu for cost in costs):
            print("The clock ran on while this machine did other things: it was busy.")
    return int(not all(cost.holds for cost in costs))


def measure_all(args: argparse.Namespace) -> Iterator[Cost]:
    """All costs, one after the other. Raises CommandError where a command of the arena fails."""
    visitors = args.visitors or max(1, args.votes // 20)
    rng = np.random.default_rng(args.seed)
    names = tuple(f"m{i:02}" for i in range(args.contenders))
    world = SyntheticArena(names, rng.normal(0, 0.6, len(names)), visitors, taste=0.3)
    if args.only != "vote":
        yield from _board_costs(args, world, rng)
    if args.only != "board":
        yield from _vote_costs(args, world, rng)


def _board_costs(
    args: argparse.Namespace, world: SyntheticArena, rng: np.random.Generator
) -> Iterator[Cost]:
    ballots = draw_votes(world, args.votes, rng).ballots
    work = [*_own_tasks(ballots, args.rounds, rng), *fastchat_tasks(ballots, args.rounds, rng)]
    work += evalica_tasks(ballots, args.rounds, rng)
    for what, limit, task in tqdm(work, unit=" costs", leave=False):
        yield _measure(what, limit, task)
    yield from _leaderboard_command(args, world.visitors)


def _vote_costs(
    args: argparse.Namespace, world: SyntheticArena, rng: np.random.Generator
) -> Iterator[Cost]:
    with tempfile.TemporaryDirectory(prefix="arena-bench-") as folder:
        db = Path(folder, "votes.db")
        vote_latency.fill_database(db, world, args.votes, rng)
        used = time.process_time()
        for width, took in vote_latency.measure_clicks(db, args.clicks):
            cpu = (time.process_time() - used) / len(took)  # with the battle that it ends
            middle, late = np.quantile(took, [0.5, 0.99]).tolist()
            yield Cost(f"a vote's click, {width} at once: median", middle, cpu, 0.050, waits=True)
            most = f"a vote's click, {width} at once: 99 of 100 within"
            yield Cost(most, late, cpu, 0.150, waits=True)
            used = time.process_time()


def _own_tasks(ballots: Ballots, rounds: int, rng: np.random.Generator) -> Iterator[Task]:
    counts = ballots.counts()
    xi = fit_strengths(counts.points[None], None)[0]
    yield "counts of votes", None, ballots.counts
    yield "fit from counts (Newton)", 0.001, lambda: fit_strengths(counts.points[None], None)
    yield "sandwich by visitor", 0.050, lambda: strength_covariance(counts, xi, None, ballots)
    yield "fit, sandwich, ranks", None, lambda: bradley_terry(counts, ballots=ballots)
    resampled = f"{rounds} rounds, visitors resampled"
    yield resampled, 1.0, lambda: bootstrap(ballots, rounds=rounds, rng=rng)
    yield "ties, held-out votes and voters", 3.0, lambda: analyse_sensitivity(ballots)


def _measure(what: str, limit: float | None, task: Callable[[], object]) -> Cost:
    """The median of up to nine runs, or of as many as go into two seconds."""
    task()
    wall, cpu = [], []
    while len(wall) < 9 and (not wall or sum(wall) < 2):
        start, used = time.perf_counter(), time.process_time()
        task()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    return Cost(what, float(np.median(wall)), float(np.median(cpu)), limit)


def _leaderboard_command(args: argparse.Namespace, visitors: int) -> Iterator[Cost]:
    """`arena leaderboard` as a process of its own, on a database with as many votes."""
    with tempfile.TemporaryDirectory(prefix="arena-bench-") as folder:
        db = args.db or Path(folder, "bench.db")
        if not args.db:
            made = ["--votes", args.votes, "--contenders", args.contenders, "--visitors", visitors]
            _run_arena("simulate", "--db", db, "--seed", args.seed, *made)
        runs = [_run_arena("leaderboard", "--db", db) for _ in range(3)]
    wall, cpu, mb = np.median(runs, axis=0).tolist()
    yield Cost("the whole command: arena leaderboard", wall, cpu, 3.0)
    yield Cost("its memory", wall, cpu, 400.0, mb)


def _run_arena(*command: object) -> tuple[float, float, float]:
    """Seconds on the clock, of the processor, and MB at most. Raises CommandError if it fails."""
    words, start = [*map(str, command)], time.perf_counter()
    ran = subprocess.run([sys.executable, "-c", METER, *words], capture_output=True, text=True)
    wall = time.perf_counter() - start
    if ran.returncode:
        raise CommandError(f"arena {' '.join(words)} failed: {ran.stderr.strip()}")
    cpu, kilobytes = ran.stderr.split()[-2:]
    return wall, float(cpu), float(kilobytes) / 1024
