"""An async generator read by a terminal, whose event loop runs in another thread meanwhile."""

import asyncio
import queue
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import TypeVar

from anyio.from_thread import BlockingPortal

T = TypeVar("T")

GRACE = 10.0
"""Seconds that a generator may take to end after it was given up."""


def items_of(generator: AsyncGenerator[T, None], portal: BlockingPortal) -> Iterator[T]:
    """Its items, produced in the portal's loop. Leaving, by Ctrl-C too, closes the generator and
    waits until it is closed."""
    news: queue.SimpleQueue = queue.SimpleQueue()
    end = object()

    async def pump() -> None:
        try:
            async with aclosing(generator):
                async for item in generator:
                    news.put(item)
        finally:
            news.put(end)

    async def start() -> asyncio.Task[None]:
        # A task of asyncio's is cancelled once: one of anyio's at each await, its last steps too.
        return asyncio.create_task(pump())

    task = portal.call(start)
    last = None
    try:
        while (last := news.get()) is not end:
            yield last
        portal.call(asyncio.wait_for, task, GRACE)
    finally:
        if last is not end:
            portal.call(task.cancel)
            while news.get(timeout=GRACE) is not end:
                pass
