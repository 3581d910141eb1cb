"""A value that is looked up now and then, by one thread at a time, however many ask for it."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """A call returns a value that is less than `seconds` old, or the last one while another call
    looks it up. Only the first calls wait. May be called from any thread."""

    def __init__(self, look: Callable[[], Value], seconds: float):
        self._look = look
        self._seconds = seconds
        self._looking = threading.Lock()
        self._found: tuple[Value, float] | None = None

    def __call__(self) -> Value:
        """The value; blocks where it has to be looked up. Raises what the look-up raises; then
        nothing is kept of it."""
        if self._stale() and self._looking.acquire(blocking=self._found is None):
            try:
                if self._stale():
                    self._found = self._look(), time.monotonic()
            finally:
                self._looking.release()
        return self._found[0]

    def peek(self) -> Value | None:
        """The value where it need not be looked up, else None; never blocks."""
        return None if self._stale() else self._found[0]

    def _stale(self) -> bool:
        return self._found is None or time.monotonic() - self._found[1] >= self._seconds
