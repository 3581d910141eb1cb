"""The gate: so many replies at once, a limit to waiting, nobody in once it is closed."""

import asyncio

import pytest

from arena.gate import Closed, Full, Gate


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


def test_one_address_and_all_programs_have_a_share_and_the_rest_is_left_to_others() -> None:
    async def run() -> None:
        gate, most = Gate(16), []

        async def reply(address: str | None, program: bool) -> None:
            async with gate.place(address=address, program=program):
                most.append(gate.inside)
                await asyncio.sleep(60)

        async def crowd(address: str | None, program: bool) -> list[asyncio.Task]:
            tasks = [asyncio.create_task(reply(address, program)) for _ in range(32)]
            await asyncio.sleep(0.01)
            return tasks

        tasks = await crowd("a", True)
        assert gate.inside == 4 and gate.waiting == 28
        tasks += await crowd("b", True) + await crowd("c", True) + await crowd("d", True)
        assert gate.inside == 12
        tasks += await crowd(None, True) + await crowd("e", False)
        assert gate.inside == 16
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert gate.inside == gate.waiting == 0 and gate._addresses == {}

    asyncio.run(run())


def test_battles_of_one_address_do_not_wait_for_one_another_s_places() -> None:
    async def run() -> float:
        gate = Gate(8, patience=5)  # two places for an address: one battle

        async def battle() -> None:
            async with gate.place(2, "a"):
                await asyncio.sleep(0.01)

        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(battle() for _ in range(10)))
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(run()) < 2


def test_who_waits_when_the_gate_closes_is_not_let_in() -> None:
    async def run() -> None:
        gate = Gate(1)
        async with gate.place():
            waiting = asyncio.create_task(gate.place().__aenter__())
            await asyncio.sleep(0.01)
            gate.closed = True
        with pytest.raises(Closed):
            await waiting
        assert gate.inside == gate.waiting == 0

    asyncio.run(run())
