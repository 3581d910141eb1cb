"""Limits of the waits for a server that streams."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

SILENCE, LOOK = 55.0, 1.0
"""Seconds that a server may be silent, below a page's patience; and between two looks at it."""


class Watchdog:
    """Ends a wait where the server has failed or was silent for too long; it looks once a second.

    A limit on every wait would be set as often as there are tokens.
    """

    def __init__(self, ailing: Callable[[], str | None]):
        self._ailing = ailing
        self._loop = asyncio.get_running_loop()
        self._wait: asyncio.Timeout | None = None
        self._since = 0.0
        self._timer = self._loop.call_later(LOOK, self._look)

    async def until(self, waiting: Awaitable[T]) -> T:
        """What is waited for. Raises TimeoutError."""
        self._since = self._loop.time()
        async with asyncio.timeout(None) as self._wait:
            try:
                return await waiting
            finally:
                self._wait = None

    def end(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        late = self._loop.time() - self._since > SILENCE
        if self._wait is not None and (late or self._ailing()):
            self._wait.reschedule(0)
        else:
            self._timer = self._loop.call_later(LOOK, self._look)
