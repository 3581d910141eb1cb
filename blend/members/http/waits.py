"""Waits that have a limit, and that can all be ended at once from any thread."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class Waits:
    """The waits of one member. They may run on several event loops, each in its thread."""

    def __init__(self):
        self.over = False
        self._running: set[tuple[asyncio.AbstractEventLoop, asyncio.Timeout]] = set()

    async def until(self, moment: float, waiting: Awaitable[T]) -> T:
        """What is waited for. Raises TimeoutError at the moment (of the loop's clock), or at once
        when the waits are ended."""
        wait = (asyncio.get_running_loop(), asyncio.timeout_at(moment))
        self._running.add(wait)
        try:
            async with wait[1]:
                if self.over:
                    wait[1].reschedule(0)
                return await waiting
        finally:
            self._running.discard(wait)

    def end(self) -> None:
        """End those that run and those to come."""
        self.over = True
        for loop, limit in list(self._running):
            with suppress(RuntimeError):  # the loop may be gone
                loop.call_soon_threadsafe(_expire, limit)


def _expire(limit: asyncio.Timeout) -> None:
    with suppress(RuntimeError):  # it may have ended by itself
        limit.reschedule(0)
