"""What is measured of a blend: tokens a second of conversations at once, time to a first token."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from blend.bench.machine import processor_seconds
from blend.bench.script import Script
from blend.conversation import Conversation
from blend.engine import Blend
from blend.members import MemberError

LIMIT = 300.0
"""Seconds after which a measurement is given up."""


class BenchError(RuntimeError):
    """Something could not be measured; one line that says what and why."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Tokens written in so many seconds of the clock, and of all cores together (cpu).

    prompt and cached: tokens of the prompts answered meanwhile, and how many were in the cache.
    """

    tokens: int
    seconds: float
    cpu: float
    prompt: int = 0
    cached: int = 0

    @property
    def per_second(self) -> float:
        return self.tokens / self.seconds

    @property
    def work(self) -> float:
        """Tokens that went through a model for each one written: itself, and what had to be read.

        A token costs one model's parameters, whoever else shares the batch, so this is the compute.
        """
        return 1 + (self.prompt - self.cached) / max(1, self.tokens)


@dataclass(frozen=True, slots=True)
class First:
    """Seconds to the first token; the tokens of the prompt, and how many were in the cache."""

    seconds: float
    prompt: int
    cached: int


class Crowd:
    """Conversations with a blend, each asking again as soon as it was answered.

    turns: after so many a conversation begins anew. So that the conversations do not go in step,
    their first replies are shorter than `reply` tokens, and some have turns behind them, which the
    members know as if they had written them.
    """

    def __init__(self, blend: Blend, size: int, script: Script, reply: int, turns: int = 1):
        self.tokens = self.prompt = self.cached = 0
        self._blend = blend
        self._size = size
        self._script = script
        self._reply = reply
        self._turns = turns
        self._talking = 0

    @asynccontextmanager
    async def live(self) -> AsyncIterator["Crowd"]:
        """All of them at it, from when each has its first token. Raises BenchError."""
        tasks = [asyncio.create_task(self._talk(n)) for n in range(self._size)]
        try:
            async with asyncio.timeout(LIMIT):
                while self._talking < self._size:
                    _fail(tasks)
                    await asyncio.sleep(0.005)
            yield self
            _fail(tasks)
        except TimeoutError:
            reason = f"{self._size} conversations did not all start within {LIMIT:g} s"
            raise BenchError(f"{self._blend.name}: {reason}") from None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, conversation: Conversation) -> None:
        """Have each member read as far as it would have, had the blend written this history."""
        last: dict[str, int] = {}
        for length in range(1, len(conversation.turns) + 1):
            last[self._blend.draw(conversation).member] = length
        for name, length in last.items():
            known = Conversation(turns=conversation.turns[:length])
            try:
                await self._blend.members[name].warm(known.messages())
            except MemberError as error:
                raise BenchError(f"{self._blend.name}: {error}") from None

    async def _talk(self, number: int) -> None:
        conversation, first = self._script.history(number % self._turns), True
        await self._read(conversation)
        length = max(2, self._reply * (number + 1) // self._size)
        while True:
            if len(conversation.turns) == self._turns:
                conversation = Conversation()
            conversation = conversation.ask(self._script.question())
            async with aclosing(self._blend.reply(conversation, max_tokens=length)) as growing:
                count = 0
                async for turn in growing:
                    if count == 0 and turn.usage.completion_tokens:
                        self.prompt += turn.usage.prompt_tokens
                        self.cached += turn.usage.cached_tokens
                        self._talking += first
                        first = False
                    self.tokens += turn.usage.completion_tokens - count
                    count = turn.usage.completion_tokens
            if turn.error:
                raise BenchError(f"{self._blend.name}: {turn.error}")
            conversation, length = conversation.answered(turn), self._reply


def _fail(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done() and not task.cancelled():
            task.result()


async def rate(
    blend: Blend, size: int, script: Script, reply: int, seconds: float, turns: int = 1
) -> Rate:
    """Tokens a second of `size` conversations at once. Raises BenchError."""
    async with Crowd(blend, size, script, reply, turns).live() as crowd:
        before = crowd.tokens, crowd.prompt, crowd.cached
        began, cpu = time.perf_counter(), processor_seconds()
        await asyncio.sleep(seconds)
        took, used = time.perf_counter() - began, processor_seconds() - cpu
        after = crowd.tokens, crowd.prompt, crowd.cached
    tokens, prompt, cached = (b - a for a, b in zip(before, after, strict=True))
    return Rate(tokens, took, used, prompt, cached)


async def first(blend: Blend, asked: Conversation, reply: int) -> First:
    """The time to the first token of the reply to the last message. Raises BenchError."""
    async with aclosing(blend.reply(asked, max_tokens=reply)) as growing:
        async for turn in growing:
            if turn.ttft_s is not None:
                return First(turn.ttft_s, turn.usage.prompt_tokens, turn.usage.cached_tokens)
    raise BenchError(f"{blend.name}: {turn.error}")


async def whole(blend: Blend, asked: Conversation, reply: int) -> Conversation:
    """The conversation with its last message answered. Raises BenchError."""
    async with aclosing(blend.reply(asked, max_tokens=reply)) as growing:
        turn = [turn async for turn in growing][-1]
    if turn.error:
        raise BenchError(f"{blend.name}: {turn.error}")
    return asked.answered(turn)


SCENES = ("opening", "cold", "warm", "ahead")
"""A first message; turn 10 to a history nobody read, that this blend wrote, drawn ahead."""


async def scene(blend: Blend, kind: str, script: Script, reply: int) -> First:
    """The time to the first token in one of SCENES, each time with texts never seen before."""
    if kind == "opening":
        return await first(blend, Conversation().ask(script.question()), reply)
    if kind == "cold":
        return await first(blend, script.history(9).ask(script.question()), reply)
    written = await whole(blend, script.history(8).ask(script.question()), reply)
    if kind == "ahead":
        written = blend.ahead(written)
        await blend.settled()
    return await first(blend, written.ask(script.question()), reply)
