"""Visitors who leave in the middle of a reply leave nothing behind."""

import asyncio
import ctypes
import gc
import random
from contextlib import aclosing, suppress
from dataclasses import replace

import psutil
import pytest
import tiny_models
from counted import Counted

from blend.conversation import Conversation
from blend.engine import Blend
from blend.members import Sampling
from blend.members.local.paged import Paged
from blend.message import Message
from blend.policies.policy import Uniform

GREEDY = Sampling(temperature=0.0, max_tokens=300)
SHORT = replace(GREEDY, max_tokens=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(tiny_models.save("llama", tmp_path_factory.mktemp("tiny")))


def load(folder: str, name: str) -> Paged:
    member = Paged.load(name, folder, GREEDY, device="cpu", threads=1)
    member.ends = frozenset()  # no reply is over before it is left or killed
    return member


def memory() -> int:
    """Bytes held by this process, what could be given back given back."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    return psutil.Process().memory_info().rss


def test_two_hundred_conversations_left_at_random_leave_nothing_behind(folder):
    member, rng = Counted(load(folder, "a")), random.Random(7)
    blend = Blend("One", [member], Uniform())

    async def visit(number: int) -> None:
        await asyncio.sleep(rng.random())
        conversation = Conversation().ask(f"{number} dogs in the park. " * rng.randint(1, 20))
        leaving = rng.choice([0.0, 0.05, 0.5]) * rng.random()
        with suppress(TimeoutError):
            async with asyncio.timeout(leaving), aclosing(blend.reply(conversation)) as growing:
                async for _ in growing:
                    pass

    async def crowd() -> None:
        await asyncio.gather(*(visit(n) for n in range(200)))

    async def reply() -> str:
        async with aclosing(member.stream([Message("user", "Hello")], SHORT)) as pieces:
            return "".join([piece async for piece in pieces])

    async def run():
        expected = await reply()
        await crowd()
        await reply()
        before = memory()
        await crowd()
        running, again = member.running, await reply()
        manager = member._page.service()._manager
        scheduler = manager.batch_processor.scheduler
        requests = len(scheduler.active_requests) + len(scheduler.waiting_requests)
        waiting, after = len(member._page.service()._waiting), memory()
        await member.aclose()
        return expected, again, running, requests, waiting, after / before

    expected, again, *left, growth = asyncio.run(run())

    assert left == [0, 0, 0]
    assert again == expected
    assert growth < 1.05
