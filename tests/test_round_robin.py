"""A synchronous generator read from async code: its order, its context, its end, its errors."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from contextvars import ContextVar

import pytest

from blend.members import MemberDown
from blend.members.round_robin import round_robin

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


def test_it_runs_in_the_callers_context_and_is_closed_when_left(worker):
    ends: list = []

    async def run():
        WHO.set("me")
        got = []
        async with aclosing(round_robin("oak", counted(ends), worker)) as steps:
            async for step in steps:
                got.append(step)
                if len(got) == 3:
                    return got

    assert asyncio.run(run()) == [(0, "me"), (1, "me"), (2, "me")]
    worker.shutdown()
    assert ends == [True]


def test_what_it_raises_is_raised(worker):
    async def run():
        return [step async for step in round_robin("oak", counted([], fails_at=2), worker)]

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(run())


def test_a_worker_that_was_shut_is_a_member_that_is_down(worker):
    worker.shutdown()

    async def run():
        return [step async for step in round_robin("oak", counted([]), worker)]

    with pytest.raises(MemberDown, match="oak: it was closed"):
        asyncio.run(run())


def test_those_that_share_a_thread_take_turns(worker):
    order: list[str] = []
    go = threading.Event()
    worker.submit(go.wait, 10)

    def said(name: str):
        for n in range(3):
            order.append(f"{name}{n}")
            yield n

    async def all_of(name: str) -> list[int]:
        return [step async for step in round_robin("oak", said(name), worker)]

    async def run():
        tasks = [asyncio.create_task(all_of(name)) for name in "abc"]
        await asyncio.sleep(0.05)  # all three stand in the line
        go.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(run()) == [[0, 1, 2]] * 3
    assert order == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]


def test_one_that_is_left_stops_within_its_turn_and_the_others_go_on(worker):
    ends: list = []

    async def run():
        async with aclosing(round_robin("oak", counted(ends), worker)) as steps:
            await anext(steps)
        other = round_robin("oak", counted([]), worker)
        async with aclosing(other):
            return [await anext(other) for _ in range(3)], list(ends)

    assert asyncio.run(run()) == ([(0, "nobody"), (1, "nobody"), (2, "nobody")], [True])


def test_one_that_waits_for_its_turn_learns_that_the_worker_was_shut(worker):
    began, go, ends = threading.Event(), threading.Event(), []

    def slow():
        yield 0
        began.set()
        go.wait(10)
        yield 1

    async def run():
        first = round_robin("oak", slow(), worker)
        await anext(first)
        await asyncio.to_thread(began.wait)
        second = asyncio.ensure_future(anext(round_robin("oak", counted(ends), worker)))
        await asyncio.sleep(0.05)
        worker.shutdown(wait=False, cancel_futures=True)
        with pytest.raises(MemberDown, match="oak: it was closed"):
            await second
        go.set()
        assert await anext(first) == 1
        with pytest.raises(MemberDown, match="oak: it was closed"):
            await anext(first)

    asyncio.run(run())
