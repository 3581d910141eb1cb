"""A synchronous generator read from async code: its order, its context, its end, its errors."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from contextvars import ContextVar

import pytest

from blend.members import MemberDown
from blend.members.apart import apart

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
        async with aclosing(apart("oak", counted(ends), worker)) as steps:
            async for step in steps:
                got.append(step)
                if len(got) == 3:
                    return got

    assert asyncio.run(run()) == [(0, "me"), (1, "me"), (2, "me")]
    worker.shutdown()
    assert ends == [True]


def test_what_it_raises_is_raised(worker):
    async def run():
        return [step async for step in apart("oak", counted([], fails_at=2), worker)]

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(run())


def test_a_worker_that_was_shut_is_a_member_that_is_down(worker):
    worker.shutdown()

    async def run():
        return [step async for step in apart("oak", counted([]), worker)]

    with pytest.raises(MemberDown, match="oak: it was closed"):
        asyncio.run(run())
