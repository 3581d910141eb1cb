"""A remote member whose servers are away, fall silent, talk garbage or fail before a word."""

import asyncio
import time
from itertools import pairwise

import pytest
from conftest import free_port
from far import (
    SAID,
    at_first,
    broken,
    dies,
    drops,
    fails,
    opened,
    reply,
    silent,
    soon,
)
from openai_server import Server, replies, serving

from blend.conversation import Message
from blend.members import MemberDown, MemberTimeout


def test_a_server_that_is_not_there_makes_the_member_down_until_it_is():
    async def talk():
        port, server = free_port(), Server(replies)
        async with opened(f"http://127.0.0.1:{port}/v1") as member:
            reason = member.down
            with pytest.raises(MemberDown, match="nothing answers"):
                await reply(member)
            await server.open(port)
            await soon(lambda: member.down is None)
            said = "".join(await reply(member))
            await server.close()
            return reason, said

    reason, said = asyncio.run(talk())
    assert "nothing answers" in reason and "127.0.0.1" not in reason and said == SAID


def test_a_server_that_goes_away_is_an_error_at_once_and_is_found_again():
    async def talk():
        async with serving(replies) as server, opened(server, retries=1) as member:
            await reply(member)
            await server.close()
            began = time.monotonic()
            await broken(member, MemberDown, "nothing answers")
            took, down = time.monotonic() - began, member.down
            await server.open(server.port)
            await soon(lambda: member.down is None, 6.0)
            return took, down, "".join(await reply(member))

    took, down, said = asyncio.run(talk())
    assert took < 2 and down and said == SAID


def test_a_server_killed_in_mid_stream_ends_the_reply_and_is_not_asked_again():
    async def talk():
        async with serving(dies) as server, opened(server) as member:
            said, error = await broken(member, MemberDown, "the connection broke")
            return said, len(server.asked), bool(member.down), member.running, str(error)

    said, asked, down, running, error = asyncio.run(talk())
    assert (said, asked, down, running) == ("Once upon", 1, True, 0)
    assert error.startswith("far: ")


def test_a_reply_without_an_end_is_broken_off():
    async def stops_short(exchange):
        await exchange.head()
        await exchange.word("Once")

    async def talk():
        async with serving(stops_short) as server, opened(server) as member:
            return (await broken(member, match="broke off"))[0], len(server.asked)

    assert asyncio.run(talk()) == ("Once", 1)


def test_a_server_that_is_slow_to_the_first_byte_is_left_for_another():
    async def talk():
        async with serving(silent, silent, replies) as (one, two, well):
            limits = {"first_token": 1.0}
            async with opened(one, timeouts=limits) as member:
                began = time.monotonic()
                _, error = await broken(member, MemberTimeout, "no first token for 1 s")
                alone = time.monotonic() - began, len(one.asked), error.member
            async with opened(two, well, timeouts=limits) as member:
                said = {"".join(await reply(member, [Message("user", str(n))])) for n in range(4)}
                return alone, said, len(two.asked), len(well.asked)

    (took, asked, name), said, slow, well = asyncio.run(talk())
    assert 0.9 < took < 5 and (asked, name) == (1, "far")
    assert said == {SAID} and slow <= 1 and well == 4


def test_a_server_that_falls_silent_between_two_pieces_is_given_up():
    async def stalls(exchange):
        await exchange.head()
        await exchange.word("Well")
        await asyncio.sleep(30)

    async def talk():
        limits = {"between_tokens": 0.2}
        async with serving(stalls) as server, opened(server, timeouts=limits) as member:
            said, _ = await broken(member, MemberTimeout, "silent in the middle")
            await soon(lambda: server.live == 0)
            return said, len(server.asked)

    assert asyncio.run(talk()) == ("Well", 1)


def test_a_reply_that_drips_has_an_end():
    async def drips(exchange):
        await exchange.reply(["x"] * 1000, pace=0.05)

    async def talk():
        async with serving(drips) as server, opened(server, timeouts={"reply": 0.5}) as member:
            began = time.monotonic()
            said, _ = await broken(member, MemberTimeout, r"more than 0\.5 s")
            return len(said), time.monotonic() - began, member.down

    letters, took, down = asyncio.run(talk())
    assert 3 < letters < 12 and took < 1 and down is None


GARBAGE = {
    "no JSON": "data: {{{{\n\n",
    "null": "data: null\n\n",
    "a number": "data: 5\n\n",
    "another object": 'data: {"hello": 1}\n\n',
    "odd types": 'data: {"choices": [{"index": 0, "delta": {"content": {"a": 1}}}]}\n\n',
    "bytes": "\x00\x01\ufffd\ufffd\n\n\n",
    "an error": 'data: {"error": {"message": "CUDA error", "code": 500}}\n\n',
    "a web page": "<html><body>Welcome!</body></html>",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_asked_again_before_the_first_token_and_an_error_after_it(garbage):
    async def spits(exchange):
        await exchange.head()
        await exchange.raw(garbage)

    async def turns(exchange):
        await exchange.head()
        await exchange.word("Well")
        await exchange.raw(garbage)

    async def talk():
        async with serving(at_first(spits), turns) as (mended, spoilt):
            async with opened(mended) as member:
                first = "".join(await reply(member)), len(mended.asked)
            async with opened(spoilt) as member:
                said, error = await broken(member)
                return first, (said, len(spoilt.asked)), str(error)

    first, second, error = asyncio.run(talk())
    assert first == (SAID, 2) and second == ("Well", 1)
    assert error.startswith("far: ") and "\n" not in error


def test_tries_are_bounded_and_wait_longer_each_time():
    moments = []

    async def timed(exchange):
        moments.append(time.monotonic())
        await fails(exchange)

    async def talk():
        async with serving(timed) as server, opened(server, retries=2) as member:
            await broken(member, match=r"the server failed \(500\): boom")

    asyncio.run(talk())
    first, second = (b - a for a, b in pairwise(moments))
    assert len(moments) == 3 and first < 2 and 0.2 < second < 4


@pytest.mark.parametrize("bad", [fails, drops], ids=["500", "dropped"])
def test_a_failure_before_the_first_token_is_mended_by_asking_again(bad):
    async def talk():
        async with serving(at_first(bad)) as server, opened(server) as member:
            return "".join(await reply(member)), len(server.asked), member.down

    assert asyncio.run(talk()) == (SAID, 2, None)
