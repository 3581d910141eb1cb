"""Several streams of growing turns as one: the newest of each, and none waits for another."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import TypeVar

from blend.conversation import Turn

Key = TypeVar("Key")

REFRESH_INTERVAL = 0.08
"""Seconds between two renewals of the page while replies stream, at least."""

LONG = 4_000
"""Characters of replies for which a renewal comes one interval later: it shows all of them anew."""


def pause(turns: Iterable[Turn], beat: float = REFRESH_INTERVAL) -> float:
    """Seconds until these growing turns are shown anew; a page that lags behind only falls back."""
    return beat * (1 + sum(len(turn.reply) for turn in turns) / LONG)


async def merge_streams(
    streams: Mapping[Key, AsyncGenerator[Turn, None]],
    interval: float = 0.0,
    end: Callable[[], Awaitable[None]] | None = None,
) -> AsyncGenerator[dict[Key, Turn], None]:
    """The newest Turn of every stream, once every `interval` seconds as long as one has news; more
    rarely as they grow long.

    The interval hides which of two spoke when: all are renewed together. Closing the merged stream
    closes all; what one of them raises is raised here, and the others are closed. end: waits, and
    raises when all must end.
    """
    news: asyncio.Queue[tuple[Key, Turn] | None] = asyncio.Queue()
    tasks = [asyncio.create_task(_pump(key, stream, news)) for key, stream in streams.items()]
    running = len(tasks)
    if end is not None:
        tasks.append(asyncio.create_task(_watch(end, news)))
    try:
        latest: dict[Key, Turn] = {}
        while running:
            items = await _gather(news, pause(latest.values(), interval))
            for task in tasks:
                if task.done():
                    task.result()
            running -= items.count(None)
            fresh = dict(item for item in items if item is not None)
            if fresh:
                latest |= fresh
                yield dict(latest)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(key: Key, stream: AsyncGenerator[Turn, None], news: asyncio.Queue) -> None:
    latest_news = None
    try:
        async with aclosing(stream) as turns:
            async for turn in turns:
                # News that shows nothing would tell a side that thinks from one that is slow.
                if (now := (turn.reply, turn.error, turn.finished)) != latest_news:
                    news.put_nowait((key, turn))
                    latest_news = now
    finally:
        news.put_nowait(None)


async def _watch(end: Callable[[], Awaitable[None]], news: asyncio.Queue) -> None:
    try:
        await end()
    finally:
        news.put_nowait(None)


async def _gather(news: asyncio.Queue, interval: float) -> list:
    """All that comes within one interval from the first item on."""
    items = [await news.get()]
    await asyncio.sleep(interval)
    while not news.empty():
        items.append(news.get_nowait())
    return items
