"""Waits that end at their moment, or all at once."""

import asyncio

import pytest

from blend.members.http.waits import Waits


def now():
    return asyncio.get_running_loop().time()


def test_a_wait_gives_its_result_or_ends_at_its_moment():
    async def talk():
        waits = Waits()
        assert await waits.until(now() + 5, asyncio.sleep(0, "here")) == "here"
        began = now()
        with pytest.raises(TimeoutError):
            await waits.until(began + 0.05, asyncio.sleep(5))
        return now() - began

    assert 0.04 < asyncio.run(talk()) < 1


def test_all_waits_end_at_once_on_every_loop_and_none_begins():
    waits = Waits()

    async def wait():
        with pytest.raises(TimeoutError):
            await waits.until(now() + 30, asyncio.sleep(30))
        return "ended"

    async def talk():
        apart = asyncio.create_task(asyncio.to_thread(asyncio.run, wait()))
        here = asyncio.create_task(wait())
        while len(waits._running) < 2:
            await asyncio.sleep(0.01)
        waits.end()
        ends = await asyncio.wait_for(asyncio.gather(apart, here), 2)
        return ends, await asyncio.wait_for(wait(), 2), waits._running

    assert asyncio.run(talk()) == (["ended", "ended"], "ended", set())


def test_a_wait_that_is_cancelled_is_cancelled():
    async def talk():
        waits = Waits()
        task = asyncio.create_task(waits.until(now() + 30, asyncio.sleep(30)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return waits._running

    assert asyncio.run(talk()) == set()
