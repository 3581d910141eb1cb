"""The gate: how many replies may be written at once, by the page and the API alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Full(RuntimeError):
    """Too many replies are being written just now, or the site is closing: try again later."""


class Gate:
    """At most `width` replies at once; who waits longer than `patience` seconds is sent away.

    A battle takes two places, both at once. `closed` lets nobody in any more. Places must be taken
    from one event loop.
    """

    def __init__(self, width: int = 64, patience: float = 30.0):
        self.width = width
        self.patience = patience
        self.inside = 0
        self.waiting = 0
        self.closed = False
        self._places = asyncio.Semaphore(width)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def place(self, replies: int = 1) -> AsyncIterator[None]:
        """Places for so many replies, all at once. Raises Full, with a sentence for the visitor."""
        replies = min(replies, self.width)
        await self._enter(replies)
        self.inside += replies
        try:
            yield
        finally:
            self.inside -= replies
            self._leave(replies)

    async def _enter(self, replies: int) -> None:
        if self.closed:
            raise Full("The site is about to stop: try again in a minute.")
        self.waiting += replies
        taken = 0
        try:
            # One after another: two that each hold a place would wait for each other's.
            async with asyncio.timeout(self.patience), self._turn:
                for _ in range(replies):
                    await self._places.acquire()
                    taken += 1
        except BaseException as failure:
            self._leave(taken)
            if not isinstance(failure, TimeoutError):
                raise
            raise Full("Too many replies are being written just now: try again soon.") from None
        finally:
            self.waiting -= replies

    def _leave(self, replies: int) -> None:
        for _ in range(replies):
            self._places.release()
