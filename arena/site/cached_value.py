"""A value that is computed anew once it is old, by one thread, however many ask for it."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class CachedValue(Generic[Value]):
    """A call returns a value that is less than `seconds` old, or the last one while another call
    computes it. Only the first calls wait. May be called from any thread."""

    def __init__(self, compute: Callable[[], Value], seconds: float):
        self._compute = compute
        self._seconds = seconds
        self._lock = threading.Lock()
        self._latest: tuple[Value, float] | None = None

    def __call__(self) -> Value:
        """The value; blocks where it must be computed. Raises what that raises; then nothing is
        kept of it."""
        if self._is_old() and self._lock.acquire(blocking=self._latest is None):
            try:
                if self._is_old():
                    self._latest = self._compute(), time.monotonic()
            finally:
                self._lock.release()
        return self._latest[0]

    def peek(self) -> Value | None:
        """The value where it need not be computed, else None; never blocks."""
        return None if self._is_old() else self._latest[0]

    def _is_old(self) -> bool:
        return self._latest is None or time.monotonic() - self._latest[1] >= self._seconds
