"""Slots: which cache a request gets, who waits, and what programs leave behind."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest

from blend.members.served.slots import SlotPool

LONG = (1, 2, *range(10, 90))


async def take_all(slots: SlotPool, *requests: tuple) -> list[tuple[int, bool]]:
    """The slots of requests that come one after another."""
    return [await taken(slots, *request) for request in requests]


async def taken(slots: SlotPool, ids: tuple[int, ...], scope: str = "") -> tuple[int, bool]:
    """The slot of a request that ends at once, and whether its cache could be read."""
    async with slots.acquire(ids, scope) as got:
        return got


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        # Where its beginning was read, else the one that was used longest ago.
        ([((1, 2),), ((5, 6),), ((1, 2, 3),), ((7,),), ((1, 2),)], [0, 1, 0, 1, 0]),
        # A long history is not given up for a short common beginning.
        ([(LONG,), ((1, 2, 3),)], [0, 1]),
    ],
    ids=["beginning", "long"],
)
def test_a_request_goes_where_most_of_it_was_read(requests, expected):
    assert [slot for slot, _ in asyncio.run(take_all(SlotPool(2), *requests))] == expected


def test_programs_share_no_cache_with_the_page_and_spare_its_slots():
    asked = [((1, 2),), ((1, 2), "a"), ((1, 2), "b"), ((1, 2, 3),), ((9, 9),)]
    taken = asyncio.run(take_all(SlotPool(2), *asked))
    assert taken == [(0, True), (1, False), (1, False), (0, True), (1, False)]


def test_what_a_program_left_is_not_read_by_the_page_until_it_was_overwritten():
    async def story() -> list[bool]:
        slots, cached = SlotPool(1), []
        await taken(slots, (1, 2), "program")
        with suppress(ValueError):
            async with slots.acquire((1, 2)) as (_, may):
                cached.append(may)
                raise ValueError("it never reached the server")
        return [*cached, (await taken(slots, (1, 2)))[1], (await taken(slots, (1, 2)))[1]]

    assert asyncio.run(story()) == [False, False, True]


def test_what_a_slot_has_read_is_known_but_not_of_a_program():
    async def story() -> list[bool]:
        slots = SlotPool(1)
        known = [slots.has_prefix((1,))]
        await taken(slots, (1, 2))
        known += [slots.has_prefix((1,)), slots.has_prefix((1, 2, 3))]
        await taken(slots, (1, 2), "program")
        return [*known, slots.has_prefix((1,))]

    assert asyncio.run(story()) == [False, True, False, False]


def test_who_asks_for_what_is_being_read_ahead_waits_for_it_though_another_is_free():
    async def story() -> list[int]:
        slots, got = SlotPool(2), []
        async with AsyncExitStack() as reading:
            number, _ = await reading.enter_async_context(slots.acquire((1, 2, 3), reading=True))
            same = asyncio.create_task(taken(slots, (1, 2, 3, 4)))
            got.append((await taken(slots, (8,)))[0])
            assert not same.done()
        return [number, (await same)[0], *got]

    assert asyncio.run(story()) == [0, 0, 1]


@pytest.mark.parametrize("left", [0, 1])
def test_who_leaves_the_queue_takes_no_slot_with_him(left):
    async def story() -> list[str]:
        slots, order = SlotPool(1), []

        async def ask(name: str) -> None:
            async with slots.acquire((1,)):
                order.append(name)

        async with slots.acquire((1,)):
            waiting = [asyncio.create_task(ask(name)) for name in "abc"]
            await asyncio.sleep(0)
            waiting[left].cancel()
        await asyncio.wait_for(asyncio.wait(waiting), 5)
        await ask("d")
        return order

    assert asyncio.run(story()) == [name for name in "abcd" if name != "abc"[left]]


def test_one_who_leaves_as_he_is_given_a_slot_gives_it_back():
    async def story() -> tuple[int, bool]:
        slots = SlotPool(1)
        async with slots.acquire((1,)):
            waiting = asyncio.create_task(taken(slots, (2,)))
            await asyncio.sleep(0)
        waiting.cancel()  # the slot is his by now, and he has not heard of it
        await asyncio.wait([waiting])
        return await asyncio.wait_for(taken(slots, (3,)), 5)

    assert asyncio.run(story())[0] == 0


def test_loops_in_several_threads_share_the_slots_one_at_a_time():
    slots, here, most = SlotPool(2), [], []

    async def ask(n: int) -> None:
        async with slots.acquire((n,)):
            here.append(n)
            most.append(len(here))
            await asyncio.sleep(0.001)
            here.remove(n)

    async def many(start: int) -> None:
        await asyncio.gather(*(ask(start + n) for n in range(20)))

    async def loops() -> None:
        await asyncio.gather(*(asyncio.to_thread(asyncio.run, many(100 * n)) for n in range(1, 4)))

    asyncio.run(loops())
    assert len(most) == 60 and max(most) == 2 and here == []
