"""A synchronous generator read from async code: its order, its context, its end, its errors."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from contextvars import ContextVar

import pytest

from blend.members.round_robin import round_robin

pytestmark = pytest.mark.anyio
WHO: ContextVar[str] = ContextVar("who", default="nobody")


def counted(ends: list, fails_at: int = -1):
    try:
        for n in range(1_000_000):
            if n == fails_at:
                raise ValueError("broken")
            yield n, WHO.get()
    finally:
        ends.append(True)


@pytest.fixture
def worker():
    with ThreadPoolExecutor(1) as worker:
        yield worker


async def some(steps, count: int) -> list:
    async with aclosing(steps):
        return [await anext(steps) for _ in range(count)]


async def test_it_runs_in_the_callers_context_and_is_closed_within_its_turn_when_left(worker):
    ends: list = []
    WHO.set("me")
    steps = await some(round_robin("oak", counted(ends), worker), 3)
    assert steps == [(0, "me"), (1, "me"), (2, "me")]
    assert len(await some(round_robin("oak", counted([]), worker), 3)) == 3 and ends == [True]


async def test_those_that_share_a_thread_take_turns(worker):
    order: list[str] = []
    go = threading.Event()
    worker.submit(go.wait, 10)

    def said(name: str):
        for n in range(3):
            order.append(f"{name}{n}")
            yield n

    async def all_of(name: str) -> list[int]:
        return [step async for step in round_robin("oak", said(name), worker)]

    tasks = [asyncio.create_task(all_of(name)) for name in "abc"]
    await asyncio.sleep(0.05)  # all three stand in the line
    go.set()

    assert await asyncio.gather(*tasks) == [[0, 1, 2]] * 3
    assert order == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]
