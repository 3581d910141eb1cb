"""The choices of one request: replies that are written side by side, and end together."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from arena.gate import Closed
from blend.conversation import Turn


class Choices:
    """The growing turns of replies to one request; of each only the newest is kept.

    over: set when all replies must end, as the site stops. What ends one ends
    all of them at once: a failure, or a client that has left.
    """

    def __init__(self, streams: Sequence[AsyncGenerator[Turn, None]], over: asyncio.Event):
        self._fresh: dict[int, Turn] = {}
        self._news = asyncio.Event()
        self._failure: Exception | None = None
        self._running = len(streams)
        self._tasks = [
            asyncio.create_task(self._pump(index, stream)) for index, stream in enumerate(streams)
        ]
        self._tasks.append(asyncio.create_task(self._until(over)))

    async def turns(self) -> AsyncGenerator[tuple[int, Turn], None]:
        """The turns as they grow, each with the number of its choice. Raises what ended them."""
        try:
            while self._running or self._fresh or self._failure:
                await self._news.wait()
                self._news.clear()
                if self._failure:
                    raise self._failure
                fresh, self._fresh = self._fresh, {}
                for item in fresh.items():
                    yield item
        finally:
            await self.aclose()

    def fail(self, failure: Exception) -> None:
        """Have `turns` raise this, and give up what has not come yet."""
        self._failure = self._failure or failure
        self._news.set()

    async def aclose(self) -> None:
        """End all replies; calling it twice is harmless."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pump(self, index: int, stream: AsyncGenerator[Turn, None]) -> None:
        try:
            async with aclosing(stream) as growing:
                async for turn in growing:
                    self._fresh[index] = turn
                    self._news.set()
        except Exception as failure:  # raised anew where the turns are read
            self.fail(failure)
        finally:
            self._running -= 1
            self._news.set()

    async def _until(self, over: asyncio.Event) -> None:
        await over.wait()
        self.fail(Closed("The site is stopping, so this reply was cut: ask again in a minute."))
