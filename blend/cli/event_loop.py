"""An event loop in a thread of its own: members go on reading while a terminal waits for a line."""

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")

GRACE = 10.0
"""Seconds that a generator may take to end after it was given up."""


class EventLoopThread:
    """Runs what is asynchronous for a caller that is not. A context manager."""

    def __enter__(self) -> "EventLoopThread":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(GRACE)
        if not self._thread.is_alive():
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    def call(self, function: Callable[..., T], *args: object) -> T:
        """What a function returns that must run inside the loop."""

        async def inside() -> T:
            return function(*args)

        return asyncio.run_coroutine_threadsafe(inside(), self._loop).result()

    def through(self, items: AsyncGenerator[T, None]) -> Iterator[T]:
        """The items of a generator. Leaving, by Ctrl-C too, closes it and waits until it is."""
        news: queue.SimpleQueue = queue.SimpleQueue()
        end = object()

        async def pump() -> None:
            try:
                async with aclosing(items):
                    async for item in items:
                        news.put(item)
            finally:
                news.put(end)

        job = asyncio.run_coroutine_threadsafe(pump(), self._loop)
        last = None
        try:
            while (last := news.get()) is not end:
                yield last
            job.result()
        finally:
            if last is not end:
                job.cancel()
                while news.get(timeout=GRACE) is not end:
                    pass
