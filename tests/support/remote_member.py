"""A remote member over servers of a test, and the ways in which those fail it."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import pytest
from counted import Counted
from fake_openai import WORDS, replies, serving
from replies import ASKED

from blend.members import MemberError, Sampling
from blend.members.remote.address import Address, Timeouts
from blend.members.remote.member import Remote
from blend.message import Message

SYSTEM = Message("system", "Be kind.")
SAID = "".join(WORDS)
PLAIN = Sampling(max_tokens=16)


@asynccontextmanager
async def opened(*servers, sampling=PLAIN, **options):
    timeouts = Timeouts(**options.pop("timeouts", {}))
    urls = tuple(getattr(server, "url", server) for server in servers)
    address = Address(urls, timeouts=timeouts, **options)
    member = await asyncio.to_thread(Remote.load, "far", "m", sampling, address)
    try:
        yield Counted(member)
    finally:
        await member.aclose()


@asynccontextmanager
async def served(answer, models=({"id": "m"},), look=None, **options):
    """A server that answers so, and a member on it."""
    async with serving(answer, models=models) as server:
        server.look = look
        async with opened(server, **options) as member:
            yield server, member


async def broken(member, kind=MemberError, match=None):
    """What was said before the error that must come, and the error."""
    heard = []
    with pytest.raises(kind, match=match) as failure:
        async with aclosing(member.stream(ASKED, PLAIN)) as pieces:
            async for piece in pieces:
                heard.append(piece)
    return "".join(heard), failure.value


async def silent(exchange):
    await asyncio.sleep(30)


async def drops(exchange):
    exchange.kill()


async def dies(exchange):
    await exchange.head()
    await exchange.word("Once upon")
    exchange.kill()


async def fails(exchange):
    await exchange.json({"error": {"message": "boom"}}, "500 Internal Server Error")


def at_first(bad):
    """Answers the first request so, and all others well."""

    async def answer(exchange):
        await (bad if len(exchange.server.asked) == 1 else replies)(exchange)

    return answer


def refuses(when, words, status="400 Bad Request"):
    """A server that refuses a body of which `when` is true, and answers any other."""

    async def answer(exchange):
        if when(exchange.body):
            await exchange.json({"error": {"message": words}}, status)
        else:
            await exchange.reply()

    return answer
