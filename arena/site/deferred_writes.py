"""Writes that the database could not take: tried again in the background until they are stored."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from arena.models import Refused, RowError, StoreError

log = logging.getLogger(__name__)

LONGEST = 5.0
"""Seconds between two tries, at most."""

Write = Callable[[], object]
"""Raises StoreError where the database cannot take it yet."""


class DeferredWrites:
    """At most `most` writes in the order they came, tried by a thread that ends when none is left.

    The first pause between two tries is `pause` seconds; it doubles up to LONGEST.
    """

    def __init__(self, most: int = 1_000, pause: float = 0.2):
        self.most = most
        self.pause = pause
        self._writes: deque[tuple[Write, Callable[[], None]]] = deque()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        """How many writes wait."""
        return len(self._writes)

    def add(self, write: Write, over: Callable[[], None] = lambda: None) -> None:
        """Try it from now on. Raises StoreError where too many wait already, or it is closed.

        over: called at its end, whether it was stored or given up.
        """
        with self._lock:
            if self._closing.is_set() or len(self._writes) >= self.most:
                raise StoreError(f"{len(self._writes)} replies wait to be stored: no more can")
            self._writes.append((write, over))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deferred", daemon=True)
                self._thread.start()

    def close(self) -> int:
        """Try each once more, then give up; how many were not stored."""
        self._closing.set()
        if (thread := self._thread) is not None:
            thread.join()
        lost = 0
        while self._writes:
            write, over = self._writes.popleft()
            lost += bool(lost) or not _try(write)  # the first that fails speaks for all
            over()
        if lost:
            log.error("%d replies could not be stored before the stop", lost)
        return lost

    def _run(self) -> None:
        pause = self.pause
        while True:
            with self._lock:
                if not self._writes:
                    self._thread = None
                    return
                write, over = self._writes[0]
            if _try(write):
                self._writes.popleft()
                over()
                pause = self.pause
            elif self._closing.wait(pause):
                return
            else:
                pause = min(2 * pause, LONGEST)


def _try(write: Write) -> bool:
    """Whether the write is over: stored, or refused for good."""
    try:
        write()
    except (RowError, Refused) as refusal:
        log.error("what waited to be stored was refused: %s", refusal)
    except StoreError as error:
        log.warning("still not stored: %s", error)
        return False
    return True
