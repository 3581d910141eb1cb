"""Two streams as one: the newest of both sides on one beat, and neither waits for the other."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from typing import Literal

from blend.conversation import Turn

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")


BEAT = 0.08
"""Seconds between two renewals of the page while both sides stream, at least."""

LONG = 4_000
"""Characters of replies for which a renewal comes one beat later: it shows all of them anew."""


def pause(turns: Iterable[Turn], beat: float = BEAT) -> float:
    """Seconds until these growing turns are shown anew; a page that lags behind only falls back."""
    return beat * (1 + sum(len(turn.reply) for turn in turns) / LONG)


async def race(
    streams: Mapping[Side, AsyncGenerator[Turn, None]], beat: float = BEAT
) -> AsyncGenerator[dict[Side, Turn], None]:
    """The newest Turn of every side, once every `beat` seconds as long as one of them has news;
    more rarely as they grow long.

    Neither side waits for the other, and the beat hides which of the two spoke when: at each beat
    both columns are renewed together. Closing the race closes both sides; what one side raises is
    raised here, and the other side is closed.
    """
    news: asyncio.Queue[tuple[Side, Turn] | None] = asyncio.Queue()
    pumps = [asyncio.create_task(_pump(side, stream, news)) for side, stream in streams.items()]
    try:
        latest: dict[Side, Turn] = {}
        running = len(pumps)
        while running:
            items = await _gather(news, pause(latest.values(), beat))
            for pump in pumps:
                if pump.done():
                    pump.result()
            running -= items.count(None)
            fresh = dict(item for item in items if item is not None)
            if fresh:
                latest |= fresh
                yield dict(latest)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(side: Side, stream: AsyncIterator[Turn], news: asyncio.Queue) -> None:
    shown = None
    try:
        async with aclosing(stream) as turns:
            async for turn in turns:
                # A beat that shows nothing new would tell a side that thinks from one that is slow.
                if (now := (turn.reply, turn.error, turn.finished)) != shown:
                    news.put_nowait((side, turn))
                    shown = now
    finally:
        news.put_nowait(None)


async def _gather(news: asyncio.Queue, beat: float) -> list:
    """All that comes within one beat from the first item on."""
    items = [await news.get()]
    await asyncio.sleep(beat)
    while not news.empty():
        items.append(news.get_nowait())
    return items
