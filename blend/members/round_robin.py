"""Synchronous generators read from async code: the threads of an executor run a step of each in
turn, so that none waits until another has ended."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import Executor, Future
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from blend.members import MemberDown


async def round_robin(
    name: str, steps: Generator[Any, None, None], executor: Executor
) -> AsyncGenerator[Any, None]:
    """What `steps` yields, run in the caller's context. What it raises is raised here.

    Each step is a job at the end of the executor's queue, so that all who share an executor of one
    thread take turns. Leaving returns at once; `steps` is closed when its turn comes. name: of the
    member, for MemberDown where the executor was shut.
    """
    loop, news, left = asyncio.get_running_loop(), asyncio.Queue(), threading.Event()
    context = copy_context()

    def put(*what: object) -> None:
        with suppress(RuntimeError):  # the loop may be gone
            loop.call_soon_threadsafe(news.put_nowait, what)

    def turn() -> None:
        try:
            if left.is_set():
                return steps.close()
            put(context.run(next, steps), None)
        except StopIteration:
            put(None, StopAsyncIteration())
        except BaseException as error:
            put(None, error)
        else:
            line_up()

    def line_up() -> None:
        try:
            executor.submit(turn).add_done_callback(done)
        except RuntimeError:
            drop()

    def done(job: Future[None]) -> None:
        if job.cancelled():
            drop()

    def drop() -> None:
        steps.close()
        put(None, MemberDown(name, "it was closed"))

    line_up()
    try:
        while True:
            step, error = await news.get()
            if isinstance(error, StopAsyncIteration):
                return
            if error is not None:
                raise error
            yield step
    finally:
        left.set()
