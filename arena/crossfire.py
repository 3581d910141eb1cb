"""Processes whose threads all vote on the same battles, as fast as they are answered."""

import itertools
import mmap
import multiprocessing
import random
import struct
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


ANSWER = struct.Struct("<dBB")
"""One for each battle in a process's log: the wait, the choice's place in CHOICES, the state."""

REFUSED, STORED = 1, 2
"""The states of an answer; 0 where none was heard."""


class Posters:
    """The processes, as a context that ends them. Each has a share of the `threads`."""

    def __init__(self, db: Path, ids: list[tuple[str, str]], processes: int, threads: int):
        context = multiprocessing.get_context("spawn")
        self._ids = ids
        self._folder = tempfile.TemporaryDirectory(prefix="arena-stress-")
        self._stop = context.RawValue("b", 0)  # an Event locks itself for each look at it
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
        self._stop.value = 1
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
        self.seconds = time.monotonic() - self._began  # reading what they noted takes none of it
        return [heard(log, self._ids) for log in self._logs]


def heard(log: Path, ids: list[tuple[str, str]]) -> list[Sent]:
    """The answers that a process noted; what it was told in its last instant may be missing."""
    notes = ANSWER.iter_unpack(log.read_bytes() if log.exists() else b"")
    return [
        Sent(battle, CHOICES[choice], state == STORED, wait)
        for (battle, _), (wait, choice, state) in zip(ids, notes, strict=False)
        if state
    ]


def post(db: Path, ids: list[tuple[str, str]], threads: int, log: Path, ready, stop) -> None:
    """One process: its threads vote on one battle after the other, and note each answer.

    Notes are made in memory that is the log's file: the kernel has them even if this process is
    killed, and no thread has to let another one run while it makes one, as it would for a write.
    """
    with (
        closing(Store.open(db, patience=30.0)) as store,
        closing(blank(log, ANSWER.size * len(ids))) as out,
    ):
        battles, rng = itertools.count(), random.Random(str(log))

        def fire() -> None:
            while not stop.value and (number := next(battles)) < len(ids):
                (battle, visitor), choice = ids[number], rng.randrange(len(CHOICES))
                start, state = time.perf_counter(), STORED
                try:
                    store.vote(battle, visitor, CHOICES[choice])
                except Refused:
                    state = REFUSED
                wait = time.perf_counter() - start
                place = number * ANSWER.size
                ANSWER.pack_into(out, place, wait, choice, 0)
                out[place + ANSWER.size - 1] = state  # last: what is half a note is none

        crew = [threading.Thread(target=fire) for _ in range(threads)]
        ready.wait(120)
        for thread in crew:
            thread.start()
        for thread in crew:
            thread.join()


def blank(log: Path, size: int) -> mmap.mmap:
    """A new file of zeros, as memory."""
    with log.open("w+b") as file:
        file.truncate(size)
        return mmap.mmap(file.fileno(), size)
