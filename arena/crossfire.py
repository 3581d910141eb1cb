"""Processes whose threads all vote on the same battles, as fast as they are answered."""

import itertools
import multiprocessing
import os
import random
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, Self

from arena.ballot import CHOICES
from arena.records import Refused
from arena.store import Store


class Sent(NamedTuple):
    """A vote that was answered: stored or refused, after so many seconds."""

    battle: str
    choice: str
    stored: bool
    wait: float


class Posters:
    """The processes, as a context that ends them. Each has a share of the `threads`."""

    def __init__(self, db: Path, ids: list[tuple[str, str]], processes: int, threads: int):
        context = multiprocessing.get_context("spawn")
        self._folder = tempfile.TemporaryDirectory(prefix="arena-stress-")
        self._stop = context.Event()
        self._ready = context.Barrier(processes + 1)
        self._logs = [Path(self._folder.name, f"{n}.log") for n in range(processes)]
        self._began = 0.0
        self.seconds = 0.0
        shares = [threads // processes + (n < threads % processes) for n in range(processes)]
        self._running = [
            context.Process(
                target=post,
                args=(db, ids, share, log, self._ready, self._stop),
                daemon=True,
            )
            for share, log in zip(shares, self._logs, strict=True)
        ]

    def __enter__(self) -> Self:
        for process in self._running:
            process.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            if process.is_alive():
                process.kill()
            process.join()
        self._folder.cleanup()

    def started(self) -> None:
        """Wait until all of them post."""
        self._ready.wait(120)
        self._began = time.monotonic()

    def until(self, seconds: float) -> list[list[Sent]]:
        """Let them post for so long; what each was answered."""
        self.started()
        for process in self._running:
            process.join(max(0.0, self._began + seconds - time.monotonic()))
        self._stop.set()
        for process in self._running:
            process.join(60)
        return self._ended()

    def kill(self) -> list[list[Sent]]:
        """SIGKILL for all; what each was answered until then."""
        for process in self._running:
            process.kill()
        for process in self._running:
            process.join()
        return self._ended()

    def _ended(self) -> list[list[Sent]]:
        sent = [heard(log) for log in self._logs]
        self.seconds = time.monotonic() - self._began
        return sent


def heard(log: Path) -> list[Sent]:
    """The answers that a process wrote down; the last line may have been cut by its end."""
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    rows = (line.split(" ") for line in lines)
    return [
        Sent(battle, choice, stored == "1", float(wait)) for battle, choice, stored, wait in rows
    ]


def post(db: Path, ids: list[tuple[str, str]], threads: int, log: Path, ready, stop) -> None:
    """One process: its threads vote on one battle after the other, and note each answer."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with closing(Store.open(db, patience=30.0)) as store:
        battles, rng = itertools.count(), random.Random(str(log))

        def fire() -> None:
            while not stop.is_set() and (number := next(battles)) < len(ids):
                (battle, visitor), choice = ids[number], rng.choice(CHOICES)
                start, stored = time.perf_counter(), 1
                try:
                    store.vote(battle, visitor, choice)
                except Refused:
                    stored = 0
                wait = time.perf_counter() - start
                os.write(out, f"{battle} {choice} {stored} {wait:.6f}\n".encode())

        crew = [threading.Thread(target=fire) for _ in range(threads)]
        ready.wait(120)
        for thread in crew:
            thread.start()
        for thread in crew:
            thread.join()
    os.close(out)
