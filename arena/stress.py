"""python -m arena stress: many votes at once on the same battles, and processes killed meanwhile.

Processes of many threads each vote on the same battles through the store, as a site does. Then
every acknowledged vote must be in the file, one a battle, none else. The file is a new one, holds
simulated battles only, and is removed afterwards. What it is on should be a real disk.
"""

import argparse
import json
import random
import sys
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from arena.arsenal import Arsenal, arm
from arena.command import CommandError, finish
from arena.crossfire import Posters, Sent

Battles = list[tuple[str, str]]
"""Ids, each with its visitor."""

LEAST = {"votes_per_second": 3000.0, "least_share": 0.1}
P99 = 1.0
"""What a run is held to: votes a second on the disk, each process's share, seconds of waiting."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one run came to. waits: seconds at the 50th and 99th percentile, refusals included."""

    seconds: float
    stored: int
    refused: int
    votes_per_second: float
    least_share: float
    median_wait: float
    p99_wait: float
    largest_wait: float
    kills: int
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        fast = all(getattr(self, name) >= least for name, least in LEAST.items())
        return self.sound and fast and self.p99_wait < P99

    @property
    def sound(self) -> bool:
        """Whether no vote was lost or doubled, and the file is whole; at any speed."""
        return not self.faults


def main(argv: list[str]) -> int:
    """The command; 1 where a limit does not hold, 2 where it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m arena stress", description=__doc__)
    add = parser.add_argument
    add("--db", type=Path, default=Path("stress.db"), help="a file that is not there yet")
    add("--seconds", type=float, default=30.0)
    add("--processes", type=int, default=4)
    add("--threads", type=int, default=32, help="all processes' together")
    add("--kills", type=int, default=20, help="then kill all processes so many times")
    add("--battles", type=int, help="default: 6,000 for each second")
    add("--keep", action="store_true", help="keep the file")
    add("--json", action="store_true")
    args = parser.parse_args(argv)
    results: dict[str, Result] = {}
    code = finish("stress", lambda: results.update(stress(args)), "the file was removed")
    if code:
        return code
    if args.json:
        print(json.dumps({name: asdict(result) for name, result in results.items()}, indent=1))
    else:
        print("\n".join(line for name, each in results.items() for line in told(name, each)))
    sound = all(result.sound for result in results.values())
    return 0 if sound and results["at once"].holds else 1


def stress(args: argparse.Namespace) -> dict[str, Result]:
    """The run, then the same with kills. Raises CommandError and StoreError."""
    if args.db.exists():
        raise CommandError(f"{args.db} is there already: name a new file with --db")
    if args.threads < args.processes or args.processes < 1 or args.seconds <= 0 or args.kills < 0:
        raise CommandError("it takes a process, a thread for each, and some time at least")
    battles = args.battles or int(6000 * args.seconds)
    try:
        ids = arm(args.db, battles)
        results = {"at once": run(args.db, ids, args.processes, args.threads, args.seconds)}
        if args.kills:
            clear(args.db)
            ids = arm(args.db, 1500 * args.kills)
            results["killed"] = killed(args.db, ids, args)
        return results
    finally:
        if not args.keep:
            clear(args.db)


def clear(db: Path) -> None:
    """Remove the file and what lies beside it."""
    for end in ("", "-wal", "-shm", "-journal", ".turn"):
        Path(f"{db}{end}").unlink(missing_ok=True)


def run(
    db: Path, ids: list[tuple[str, str]], processes: int, threads: int, seconds: float
) -> Result:
    """All processes for so long, or until every battle has its vote."""
    with Posters(db, ids, processes, threads) as posters:
        sent = posters.until(seconds)
    return result(db, sent, posters.seconds, 0)


def killed(db: Path, ids: list[tuple[str, str]], args: argparse.Namespace) -> Result:
    """All processes killed with SIGKILL in the middle, again and again."""
    sent, seconds, faults = [], 0.0, []
    rng = random.Random(1)
    rounds = tqdm(range(args.kills), desc="killing", unit=" times", file=sys.stderr, leave=False)
    for number in rounds:
        part = ids[number * len(ids) // args.kills : (number + 1) * len(ids) // args.kills]
        with Posters(db, part, args.processes, args.threads) as posters:
            posters.started()
            time.sleep(rng.uniform(0.02, 0.25))
            sent += posters.kill()
        seconds += posters.seconds
        faults += found(db, sent)
    every = result(db, sent, seconds, args.kills)
    return Result(**{**asdict(every), "faults": tuple(dict.fromkeys([*faults, *every.faults]))})


def result(db: Path, sent: list[list[Sent]], seconds: float, kills: int) -> Result:
    """What the processes' posts came to, and whether the file agrees."""
    stored = [sum(post.stored for post in each) for each in sent]
    waits = sorted(post.wait for each in sent for post in each) or [0.0]
    total = sum(stored)
    return Result(
        seconds=seconds,
        stored=total,
        refused=len(waits) - total,
        votes_per_second=total / max(seconds, 1e-9),
        least_share=min(stored) / max(total, 1),
        median_wait=waits[len(waits) // 2],
        p99_wait=waits[int(0.99 * (len(waits) - 1))],
        largest_wait=waits[-1],
        kills=kills,
        faults=tuple(found(db, sent, alive=not kills)),
    )


def found(db: Path, sent: list[list[Sent]], alive: bool = False) -> list[str]:
    """What is wrong with the file after these posts; nothing, if all is well.

    alive: nobody was killed, so there is no vote whose acknowledgement was not heard.
    """
    told = [post for each in sent for post in each if post.stored]
    with closing(Arsenal.look(db)) as arsenal:
        arsenal.check()
        there = arsenal.choices()
    faults = []
    if len({post.battle for post in told}) != len(told):
        faults.append("a battle has two acknowledged votes")
    if any(there.get(post.battle) != post.choice for post in told):
        faults.append("an acknowledged vote is not there as it was cast")
    if alive and len(there) != len(told):
        faults.append("there are votes that nobody was told of")
    return faults


def told(name: str, of: Result) -> list[str]:
    """A result in words."""
    share = f"least of a process {of.least_share:.0%}, " if not of.kills else ""
    return [
        f"{name}: {of.stored:,} votes stored in {of.seconds:.1f} s "
        f"({of.votes_per_second:,.0f} a second), {of.refused:,} second votes refused; {share}"
        f"waits: median {1000 * of.median_wait:.0f} ms, 99 % {1000 * of.p99_wait:.0f} ms, "
        f"longest {1000 * of.largest_wait:.0f} ms",
        *([f"killed {of.kills} times"] if of.kills else []),
        "  "
        + ("; ".join(of.faults) or "every acknowledged vote is there, once; the file is whole"),
    ]
