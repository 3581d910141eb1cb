"""A generator that runs in another thread's loop: what it yields comes, and it is closed."""

import asyncio

import pytest
from anyio.from_thread import start_blocking_portal

from blend.cli.event_loop import items_of


async def count(closed: list, to: int = 1000):
    try:
        for n in range(to):
            await asyncio.sleep(0.001)
            yield n
        raise ValueError("no")
    finally:
        await asyncio.sleep(0.001)
        closed.append(True)


def test_items_come_in_their_order_with_the_error_at_their_end():
    closed, got = [], []
    with start_blocking_portal() as portal, pytest.raises(ValueError, match="no"):
        for item in items_of(count(closed, 5), portal):
            got.append(item)
    assert (got, closed) == ([0, 1, 2, 3, 4], [True])


def test_leaving_in_the_middle_closes_the_generator_before_going_on():
    closed = []
    with start_blocking_portal() as portal:
        items = items_of(count(closed), portal)
        assert next(items) == 0
        items.close()
        assert closed == [True]
