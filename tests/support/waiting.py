"""Waiting until something is so, however long a busy machine takes for it."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

LIMIT = 60.0
"""Seconds after which a test gives up."""

PAUSE = 0.01
"""Seconds between two looks."""


def soon(ready: Callable[[], Found], within: float = LIMIT) -> Found:
    """What `ready` returns once that is true. Raises AssertionError after so many seconds."""
    until = time.monotonic() + within
    while not (found := ready()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(PAUSE)
    return found


async def soon_here(ready: Callable[[], Found], within: float = LIMIT) -> Found:
    """The same in an event loop, which goes on meanwhile."""
    until = time.monotonic() + within
    while not (found := ready()):
        assert time.monotonic() < until, "it did not happen"
        await asyncio.sleep(PAUSE)
    return found
