"""Rates: how many messages one key (a visitor, a network address) may send within a minute."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable

MINUTE = 60.0
KEYS = 10_000
"""Keys that are remembered; beyond that, those that have been silent for a minute are dropped."""


class Rate:
    """At most `limit` of one key within any minute; 0 is no limit. From any thread."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic):
        self.limit = limit
        self._clock = clock
        self._taken: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def take(self, key: str | None) -> int:
        """0 where one more is let in, and counted; else the seconds until it would be."""
        if not self.limit or key is None:
            return 0
        now = self._clock()
        with self._lock:
            if len(self._taken) >= KEYS:
                self._forget(now)
            taken = self._taken.setdefault(key, deque())
            while taken and taken[0] <= now - MINUTE:
                taken.popleft()
            if len(taken) >= self.limit:
                return max(1, math.ceil(taken[0] + MINUTE - now))
            taken.append(now)
            return 0

    def _forget(self, now: float) -> None:
        gone = [key for key, taken in self._taken.items() if taken[-1] <= now - MINUTE]
        for key in gone:
            del self._taken[key]
