"""A synchronous generator as an asynchronous one: its steps are run by a thread of an executor."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import Executor
from contextlib import closing, suppress
from contextvars import copy_context
from typing import Any

from blend.members import MemberDown


async def apart(
    name: str, steps: Generator[Any, None, None], worker: Executor
) -> AsyncGenerator[Any, None]:
    """What `steps` yields, in the caller's context; a `worker` of one thread keeps the order.

    Leaving closes `steps` after the step it is in; only the next in the line waits for that. What
    it raises is raised here. name: of the member, for MemberDown where the worker was shut.
    """
    loop, news, left = asyncio.get_running_loop(), asyncio.Queue(), threading.Event()

    def put(item: Any) -> None:
        with suppress(RuntimeError):  # the loop may be gone
            loop.call_soon_threadsafe(news.put_nowait, item)

    def work() -> None:
        with closing(steps):
            for step in steps:
                if left.is_set():
                    return
                put(step)

    try:
        job = worker.submit(copy_context().run, work)
    except RuntimeError:
        raise MemberDown(name, "it was closed") from None
    job.add_done_callback(put)
    try:
        while (step := await news.get()) is not job:
            yield step
        if job.cancelled():
            raise MemberDown(name, "it was closed")
        job.result()
    finally:
        left.set()
        job.cancel()
