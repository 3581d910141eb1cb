"""Whose turn it is to write, among processes: one waits at the door, the others behind it.

SQLite lets whoever asks at the right moment write next, and that is nearly always the process that
has just finished: another one can wait for seconds. Here the next one is settled beforehand.
"""

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PAUSE = (0.0001, 0.0005)
"""Seconds between two looks at whether the place at the door is free."""


class Turnstile:
    """The place at the door of one file, held by a lock on an empty file beside it.

    It only makes things fair: where that file cannot be made, or whoever holds the place does not
    go on, one passes without. The kernel gives the place back when a process ends, however it ends.
    """

    def __init__(self, path: str | Path):
        self._path = f"{path}.turn"
        self._handle: int | None = None

    @contextmanager
    def at_the_door(self, until: float) -> Iterator[None]:
        """Hold the place, or from `until` (monotonic) on go on without. One thread at a time."""
        with suppress(OSError):
            if self._handle is None:
                self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        held = self._handle is not None and self._wait(until)
        try:
            yield
        finally:
            if held:
                fcntl.flock(self._handle, fcntl.LOCK_UN)

    def _wait(self, until: float) -> bool:
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except OSError:
                if time.monotonic() >= until:
                    return False
            time.sleep(random.uniform(*PAUSE))

    def close(self) -> None:
        """Let go of the file; closing twice is harmless."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
