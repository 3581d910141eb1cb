"""A remote member whose servers are away, fall silent, talk garbage or fail before a word."""

import asyncio
import time
from itertools import pairwise

import pytest
from app_process import free_port
from fake_openai import Server, replies, serving
from remote_member import SAID, at_first, broken, dies, drops, fails, opened, served, silent
from replies import reply, said
from waiting import soon_here

from blend.members import MemberDown, MemberTimeout
from blend.message import Message

pytestmark = pytest.mark.anyio


async def test_a_server_that_is_not_there_makes_the_member_down_until_it_is():
    port, server = free_port(), Server(replies)
    async with opened(f"http://127.0.0.1:{port}/v1", retries=1) as member:
        assert "nothing answers" in member.down and "127.0.0.1" not in member.down
        with pytest.raises(MemberDown, match="nothing answers"):
            await reply(member)
        await server.open(port)
        await soon_here(lambda: member.down is None)
        assert await said(member) == SAID
        await server.close()
        began = time.monotonic()
        await broken(member, MemberDown, "nothing answers")
        assert time.monotonic() - began < 10 and member.down
        await server.open(port)
        await soon_here(lambda: member.down is None)
        assert await said(member) == SAID
        await server.close()


async def test_a_server_killed_in_mid_stream_ends_the_reply_and_is_not_asked_again():
    async with served(dies) as (server, member):
        words, error = await broken(member, MemberDown, "the connection broke")
        assert (words, len(server.asked), member.running) == ("Once upon", 1, 0)
        assert member.down and str(error).startswith("far: ")


async def test_a_reply_without_an_end_is_broken_off():
    async def stops_short(exchange):
        await exchange.head()
        await exchange.word("Once")

    async with served(stops_short) as (server, member):
        assert (await broken(member, match="broke off"))[0] == "Once" and len(server.asked) == 1


async def test_a_server_that_is_slow_to_the_first_byte_is_left_for_another():
    limits = {"first_token": 1.0}
    async with served(silent, timeouts=limits) as (server, member):
        began = time.monotonic()
        _, error = await broken(member, MemberTimeout, "no first token for 1 s")
        assert 0.9 < time.monotonic() - began < 20
        assert (len(server.asked), error.member) == (1, "far")
    async with serving(silent, replies) as (slow, well), opened(slow, well, timeouts=limits) as two:
        heard = {await said(two, [Message("user", str(n))]) for n in range(4)}
        assert heard == {SAID} and len(slow.asked) <= 1 and len(well.asked) == 4


async def test_a_server_that_falls_silent_between_two_pieces_is_given_up():
    async def stalls(exchange):
        await exchange.head()
        await exchange.word("Well")
        await asyncio.sleep(30)

    async with served(stalls, timeouts={"between_tokens": 0.2}) as (server, member):
        words, _ = await broken(member, MemberTimeout, "silent in the middle")
        await soon_here(lambda: server.live == 0)
        assert (words, len(server.asked)) == ("Well", 1)


async def test_a_reply_that_drips_has_an_end():
    drips, limits = lambda e: e.reply(["x"] * 1000, pace=0.05), {"reply": 0.5}
    async with served(drips, timeouts=limits) as (_, member):
        began = time.monotonic()
        words, _ = await broken(member, MemberTimeout, r"more than 0\.5 s")
        assert 0 < len(words) < 200 and time.monotonic() - began < 10 and member.down is None


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
async def test_garbage_is_asked_again_before_the_first_token_and_an_error_after_it(garbage):
    async def spits(exchange):
        await exchange.head()
        await exchange.raw(garbage)

    async def turns(exchange):
        await exchange.head()
        await exchange.word("Well")
        await exchange.raw(garbage)

    async with served(at_first(spits)) as (mended, member):
        assert await said(member) == SAID and len(mended.asked) == 2
    async with served(turns) as (spoilt, member):
        words, error = await broken(member)
        assert (words, len(spoilt.asked)) == ("Well", 1)
    assert str(error).startswith("far: ") and "\n" not in str(error)


async def test_tries_are_bounded_and_wait_longer_each_time():
    moments = []

    async def timed(exchange):
        moments.append(time.monotonic())
        await fails(exchange)

    async with served(timed, retries=2) as (_, member):
        await broken(member, match=r"the server failed \(500\): boom")
    first, second = (b - a for a, b in pairwise(moments))
    assert len(moments) == 3 and first < 10 and 0.2 < second < 20


@pytest.mark.parametrize("bad", [fails, drops], ids=["500", "dropped"])
async def test_a_failure_before_the_first_token_is_mended_by_asking_again(bad):
    async with served(at_first(bad)) as (server, member):
        assert await said(member) == SAID and len(server.asked) == 2 and member.down is None
