"""Which of its servers a remote member asks, and which it leaves alone for a while."""

import asyncio
import time

import pytest
from fake_openai import replies, serving
from remote_member import SAID, at_first, broken, fails, opened, served
from replies import reply, said
from waiting import soon_here

from blend.members import MemberDown
from blend.message import Message

pytestmark = pytest.mark.anyio
MANY = [[Message("user", str(n))] for n in range(12)]


def busy(seconds):
    async def answer(exchange):
        error = {"error": {"message": "Slow down"}}
        await exchange.json(error, "429 Too Many Requests", Retry_After=seconds)

    return answer


async def test_a_busy_server_is_left_alone_for_as_long_as_it_says():
    async with served(at_first(busy("0.5"))) as (_, member):
        began = time.monotonic()
        assert await said(member) == SAID and 0.45 < time.monotonic() - began < 10
    async with served(busy("100")) as (server, member):
        began = time.monotonic()
        await broken(member, MemberDown, r"busy \(429\): Slow down")
        assert time.monotonic() - began < 10
        await asyncio.sleep(1.2)  # a server that only failed would be back by now
        assert len(server.asked) == 1 and "busy" in member.down


async def test_the_least_busy_server_is_asked():
    async def slowly(exchange):
        await exchange.reply(pace=0.2)

    async with serving(slowly, slowly) as servers, opened(*servers) as member:
        heard = await asyncio.gather(*(said(member, messages) for messages in MANY))
        assert {*heard} == {SAID} and member.peak == 12
    assert [len(server.asked) for server in servers] == [6, 6]


async def test_a_conversation_goes_to_the_server_that_knows_it():
    async with serving(replies, replies, replies) as servers, opened(*servers) as member:
        for _ in range(5):
            await reply(member)
    assert sorted(len(server.asked) for server in servers) == [0, 0, 5]


async def test_a_server_that_fails_rests_while_the_others_work_and_comes_back():
    broken_down = True

    async def at_times(exchange):
        await (fails if broken_down else replies)(exchange)

    async with serving(at_times, replies) as (bad, good), opened(bad, good) as member:
        assert {await said(member, messages) for messages in MANY} == {SAID}
        assert (len(bad.asked), len(good.asked), member.down) == (1, 12, None)
        broken_down = False
        await soon_here(lambda: bad.looks > 1)
        await asyncio.sleep(0.05)
        for messages in MANY:
            await reply(member, messages)
        assert len(bad.asked) > 1
