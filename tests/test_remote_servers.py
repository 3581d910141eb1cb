"""Which of its servers a remote member asks, and which it leaves alone for a while."""

import asyncio
import time

from far import (
    SAID,
    at_first,
    broken,
    fails,
    opened,
    reply,
    soon,
)
from openai_server import replies, serving

from blend.conversation import Message
from blend.members import MemberDown


def test_a_busy_server_is_left_alone_for_as_long_as_it_says():
    def busy(seconds):
        async def answer(exchange):
            error = {"error": {"message": "Slow down"}}
            await exchange.json(error, "429 Too Many Requests", Retry_After=seconds)

        return answer

    async def talk():
        async with serving(at_first(busy("0.5")), busy("100")) as (short, long):
            async with opened(short) as member:
                began = time.monotonic()
                said = "".join(await reply(member))
                took = time.monotonic() - began
            async with opened(long) as member:
                began = time.monotonic()
                await broken(member, MemberDown, r"busy \(429\): Slow down")
                given_up = time.monotonic() - began
                await asyncio.sleep(1.2)  # a server that only failed would be back by now
                return said, took, given_up, len(long.asked), member.down

    said, took, given_up, asked, down = asyncio.run(talk())
    assert said == SAID and 0.45 < took < 1.5
    assert given_up < 0.5 and asked == 1 and "busy" in down


def test_the_least_busy_server_is_asked():
    async def slowly(exchange):
        await exchange.reply(pace=0.05)

    async def talk():
        async with serving(slowly, slowly) as servers, opened(*servers) as member:
            replies = (reply(member, [Message("user", str(n))]) for n in range(12))
            said = {"".join(pieces) for pieces in await asyncio.gather(*replies)}
            return said, [len(server.asked) for server in servers], member.peak

    assert asyncio.run(talk()) == ({SAID}, [6, 6], 12)


def test_a_conversation_goes_to_the_server_that_knows_it():
    async def talk():
        async with serving(replies, replies, replies) as servers, opened(*servers) as member:
            for _ in range(5):
                await reply(member)
            return sorted(len(server.asked) for server in servers)

    assert asyncio.run(talk()) == [0, 0, 5]


def test_a_server_that_fails_rests_while_the_others_work_and_comes_back():
    broken_down = True

    async def at_times(exchange):
        await (fails if broken_down else replies)(exchange)

    async def talk():
        nonlocal broken_down
        async with serving(at_times, replies) as (bad, good), opened(bad, good) as member:
            asked = [[Message("user", str(n))] for n in range(12)]
            said = {"".join(await reply(member, messages)) for messages in asked}
            while_down, down = (len(bad.asked), len(good.asked)), member.down
            broken_down = False
            await soon(lambda: bad.looks > 1)
            await asyncio.sleep(0.05)
            for messages in asked:
                await reply(member, messages)
            return said, while_down, down, len(bad.asked)

    said, while_down, down, after = asyncio.run(talk())
    assert said == {SAID} and down is None
    assert while_down == (1, 12) and after > 1
