"""The gate: so many replies at once, a limit to waiting, nobody in once it is closed."""

import asyncio

import pytest

from arena.gate import Full, Gate


def test_no_more_than_its_width_are_inside_and_all_get_in() -> None:
    async def run() -> tuple[int, int]:
        gate, most, done = Gate(3), 0, 0

        async def reply() -> None:
            nonlocal most, done
            async with gate.place():
                most = max(most, gate.inside)
                await asyncio.sleep(0.01)
            done += 1

        await asyncio.gather(*(reply() for _ in range(10)))
        assert gate.inside == gate.waiting == 0
        return most, done

    assert asyncio.run(run()) == (3, 10)


def test_who_waits_too_long_is_sent_away_and_the_place_is_not_lost() -> None:
    async def run() -> None:
        gate = Gate(1, patience=0.02)
        async with gate.place():
            with pytest.raises(Full, match="try again soon"):
                async with gate.place():
                    pass
        async with gate.place():
            assert gate.inside == 1 and gate.waiting == 0

    asyncio.run(run())


def test_a_cancelled_reply_gives_its_place_back() -> None:
    async def run() -> None:
        gate = Gate(1)

        async def reply() -> None:
            async with gate.place():
                await asyncio.sleep(60)

        inside, waiting = (asyncio.create_task(reply()) for _ in range(2))
        await asyncio.sleep(0.01)
        assert (gate.inside, gate.waiting) == (1, 1)
        for task in (waiting, inside):
            task.cancel()
        await asyncio.gather(inside, waiting, return_exceptions=True)
        async with gate.place():
            assert (gate.inside, gate.waiting) == (1, 0)

    asyncio.run(run())


def test_a_closed_gate_lets_nobody_in() -> None:
    async def run() -> None:
        gate = Gate()
        gate.closed = True
        with pytest.raises(Full, match="about to stop"):
            async with gate.place():
                pass

    asyncio.run(run())
