"""Whoever leaves a remote member's reply, or closes it, leaves nothing behind."""

import asyncio
import random

import psutil
import pytest
from fake_openai import serving
from remote_member import SAID, broken, opened, served, silent
from replies import reply, said
from waiting import soon_here

from blend.members import MemberDown
from blend.message import Message

pytestmark = pytest.mark.anyio


async def talking(exchange):
    await exchange.reply(["x"] * 999, 0.02)


@pytest.mark.parametrize("answer", [silent, talking])
async def test_leaving_closes_the_connection_at_once(answer):
    async with served(answer) as (server, member):
        task = asyncio.create_task(reply(member))
        await soon_here(lambda: server.live == 1)
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await soon_here(lambda: server.live == 0)
        assert task.cancelled() and (member.running, member.down) == (0, None)


async def test_two_hundred_conversations_cancelled_at_random_leave_nothing_behind():
    rng, this = random.Random(4), psutil.Process()

    async def slowly(exchange):
        await exchange.reply(pace=0.02)

    async def leave(member, n):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(rng.uniform(0, 0.09)):
                await reply(member, [Message("user", str(n))])

    async with serving(slowly, slowly) as servers, opened(*servers) as member:
        await asyncio.gather(*(reply(member) for _ in range(50)))
        tasks, memory = len(asyncio.all_tasks()), this.memory_info().rss
        for wave in range(4):
            await asyncio.gather(*(leave(member, 50 * wave + n) for n in range(50)))
        await soon_here(lambda: sum(server.live for server in servers) == 0)
        await soon_here(lambda: len(asyncio.all_tasks()) <= tasks)
        assert this.memory_info().rss < 1.05 * memory
        assert [server.active for server in member._servers._supervised] == [0, 0]
        assert (member.running, member.down, await said(member)) == (0, None, SAID)


@pytest.mark.parametrize("answer", [silent, talking])
async def test_closing_ends_what_streams_on_any_loop(answer):
    async with served(answer) as (server, member):

        def elsewhere():
            asyncio.run(broken(member, MemberDown, "closed"))

        waiting = asyncio.create_task(asyncio.to_thread(elsewhere))
        here = asyncio.create_task(broken(member, MemberDown, "closed"))
        await soon_here(lambda: server.live == 2)
        await member.aclose()
        await member.aclose()
        await asyncio.wait_for(asyncio.gather(waiting, here), 20)
        with pytest.raises(MemberDown, match="closed"):
            await reply(member)
        assert (member.down, member.running) == ("it was closed", 0)
