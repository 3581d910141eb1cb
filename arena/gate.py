"""The gate: how many replies may be written at once, by the page and the API alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Full(RuntimeError):
    """Too many replies are being written just now, or the site is closing: try again later."""


class Gate:
    """At most `width` replies at once; who waits longer than `patience` seconds is sent away.

    A battle takes two places, one a side. `closed` lets nobody in any more. Places must be taken
    from one event loop.
    """

    def __init__(self, width: int = 64, patience: float = 30.0):
        self.width = width
        self.patience = patience
        self.inside = 0
        self.waiting = 0
        self.closed = False
        self._places = asyncio.Semaphore(width)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for one reply. Raises Full, with a sentence for the visitor."""
        await self._enter()
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1
            self._places.release()

    async def _enter(self) -> None:
        if self.closed:
            raise Full("The site is about to stop: try again in a minute.")
        self.waiting += 1
        try:
            async with asyncio.timeout(self.patience):
                await self._places.acquire()
        except TimeoutError:
            raise Full("Too many replies are being written just now: try again soon.") from None
        finally:
            self.waiting -= 1
