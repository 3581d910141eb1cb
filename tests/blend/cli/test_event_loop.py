"""A loop behind a terminal: what runs in it comes back, and what is left is closed."""

import asyncio

import pytest

from blend.cli.event_loop import EventLoopThread


async def count(closed: list, to: int = 1000):
    try:
        for n in range(to):
            await asyncio.sleep(0.001)
            yield n
        raise ValueError("no")
    finally:
        closed.append(True)


def test_items_come_in_their_order_with_the_error_at_their_end():
    closed, got = [], []
    with EventLoopThread() as background, pytest.raises(ValueError, match="no"):
        for item in background.through(count(closed, 5)):
            got.append(item)
    assert (got, closed) == ([0, 1, 2, 3, 4], [True])


def test_leaving_in_the_middle_closes_the_generator_before_going_on():
    closed = []
    with EventLoopThread() as background:
        items = background.through(count(closed))
        assert next(items) == 0
        items.close()
        assert closed == [True]


def test_tasks_that_are_left_over_end_with_it():
    ended = []

    async def forever():
        try:
            await asyncio.sleep(1000)
        finally:
            ended.append(True)

    with EventLoopThread() as background:
        background.call(lambda: asyncio.get_running_loop().create_task(forever()))
        background.call(lambda: None)
    assert ended == [True]
