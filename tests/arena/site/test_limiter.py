"""Limits: so many replies at once, a share for each address, a minute's worth of messages."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from chatting import Clock

from arena.site import limiter as gate
from arena.site.limiter import ConcurrencyLimiter, Overloaded, SlidingWindow, Stopping

pytestmark = pytest.mark.anyio


async def hold(limiter: ConcurrencyLimiter, *given, **named) -> None:
    async with limiter.slot(*given, **named):
        await asyncio.sleep(60)


@asynccontextmanager
async def crowd():
    """add(limiter, count, …): so many who want a slot and keep it; all are gone in the end."""
    tasks: list[asyncio.Task] = []

    async def add(limiter: ConcurrencyLimiter, count: int, *given, **named) -> None:
        tasks.extend(asyncio.create_task(hold(limiter, *given, **named)) for _ in range(count))
        await asyncio.sleep(0.01)

    yield add
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_no_more_than_its_width_are_inside_and_all_get_in():
    limiter, most, done = ConcurrencyLimiter(3), 0, 0

    async def reply() -> None:
        nonlocal most, done
        async with limiter.slot():
            most = max(most, limiter.inside)
            await asyncio.sleep(0.01)
        done += 1

    await asyncio.gather(*(reply() for _ in range(10)))
    assert (most, done) == (3, 10) and limiter.inside == limiter.waiting == 0


async def test_who_waits_too_long_is_refused_and_no_slot_is_lost():
    limiter = ConcurrencyLimiter(1, patience=0.02)
    async with crowd() as add:
        await add(limiter, 1)
        with pytest.raises(Overloaded, match="try again soon"):
            await hold(limiter)
    async with limiter.slot():
        assert (limiter.inside, limiter.waiting) == (1, 0)


async def test_once_closed_it_lets_nobody_in_not_even_who_waits():
    limiter = ConcurrencyLimiter(1)
    async with limiter.slot():
        waiting = asyncio.create_task(limiter.slot().__aenter__())
        await asyncio.sleep(0.01)
        limiter.closed = True
        with pytest.raises(Stopping, match="about to stop"):
            await hold(limiter)
    with pytest.raises(Stopping):
        await waiting
    assert limiter.inside == limiter.waiting == 0


async def test_one_address_and_all_programs_have_a_share_and_the_rest_is_left_to_others():
    limiter = ConcurrencyLimiter(16)
    async with crowd() as add:
        await add(limiter, 32, address="a", program=True)
        assert (limiter.inside, limiter.waiting) == (4, 28)
        for address in "bcd":
            await add(limiter, 32, address=address, program=True)
        assert limiter.inside == 12
        await add(limiter, 32, program=True)
        await add(limiter, 32, address="e")
        assert limiter.inside == 16
    assert limiter.inside == limiter.waiting == 0 and limiter._addresses == {}


async def test_battles_of_one_address_do_not_wait_for_one_another_s_slots():
    limiter = ConcurrencyLimiter(8, patience=5)  # two slots for an address: one battle

    async def battle() -> None:
        async with limiter.slot(2, "a"):
            await asyncio.sleep(0.01)

    await asyncio.gather(*(battle() for _ in range(10)))  # where one waits on, it is Overloaded


def test_a_minutes_worth_is_let_in_and_the_wait_is_told():
    clock = Clock(0.0)
    window = SlidingWindow(2, clock)
    assert [window.enter("v") for _ in range(2)] == [0, 0]
    for clock.now, wait in ((20.5, 40), (30.0, 30), (59.0, 1)):  # asking again costs nothing
        assert window.enter("v") == wait
    assert window.enter("w") == 0
    clock.now = 60.0
    assert window.enter("v") == 0


def test_no_limit_and_no_key_are_never_counted():
    assert [SlidingWindow(0).enter("v") for _ in range(100)] == [0] * 100
    window = SlidingWindow(1)
    assert [window.enter(None) for _ in range(3)] == [0, 0, 0]


def test_the_silent_are_forgotten(monkeypatch):
    monkeypatch.setattr(gate, "MAX_KEYS", 3)
    clock = Clock(0.0)
    window = SlidingWindow(1, clock)
    for key in "abc":
        window.enter(key)
    clock.now = 61.0
    assert window.enter("d") == 0 and set(window._times) == {"d"}
