"""What is measured: tokens a second of conversations at once, and the time to a first token."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from blend.bench.workload import Workload
from blend.command_line import CommandError
from blend.conversation import Conversation, Turn
from blend.engine import Blend

LIMIT = 300.0
"""Seconds after which a measurement is given up."""
SITUATIONS = ("opening", "cold", "warm", "ahead")
"""A first message; turn 10 to a history nobody read, that this blend wrote, drawn ahead."""

Ask = Callable[[int], AsyncIterator[tuple[str, int]]]
"""Asks a new question: from a reply's length to who writes it and its tokens so far, growing."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Tokens written in so many seconds, by the name of the member that wrote them."""

    tokens: Mapping[str, int]
    seconds: float

    @property
    def value(self) -> float:
        """Tokens a second."""
        return sum(self.tokens.values()) / self.seconds


@dataclass(frozen=True, slots=True)
class FirstToken:
    """Seconds to the first token; who wrote it, the prompt's tokens, and how many were cached."""

    value: float
    member: str
    prompt: int
    cached: int


async def rate(ask: Ask, size: int, reply: int, seconds: float) -> Rate:
    """Tokens a second of `size` conversations, each asking again as soon as it was answered.

    The clock starts when each has its first token; a single one's starts with its question. First
    replies are shorter than `reply` tokens, each by another length, so that conversations do not
    go in step. Raises CommandError.
    """
    written, began = Counter[str](), set[int]()

    async def talk(number: int) -> None:
        length = max(2, reply * (number + 1) // size)
        while True:
            seen = 0
            async with aclosing(ask(length)) as growing:
                async for member, count in growing:
                    written[member] += count - seen
                    seen = count
                    began.add(number)
            length = reply

    talks = [asyncio.create_task(talk(n)) for n in range(size)]
    try:
        until = time.perf_counter() + LIMIT
        while 1 < size > len(began) and not any(task.done() for task in talks):
            if time.perf_counter() > until:
                raise CommandError(f"{size} conversations did not all start within {LIMIT:g} s")
            await asyncio.sleep(0.005)
        before, start = written.copy(), time.perf_counter()
        failed, _ = await asyncio.wait(talks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in failed:
            task.result()
        return Rate(dict(written - before), time.perf_counter() - start)
    finally:
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def ask_blend(blend: Blend, workload: Workload) -> Ask:
    """Asks a blend as its visitors do. What a panel writes is all of its members' work."""

    async def ask(length: int) -> AsyncIterator[tuple[str, int]]:
        async with aclosing(
            _reply(blend, Conversation().ask(workload.question()), length)
        ) as turns:
            async for turn in turns:
                if turn.usage.completion_tokens:
                    drawn = turn.draw is not None and turn.draw.chance is not None
                    writer = turn.draws[-1].member if drawn else blend.name
                    yield writer, turn.usage.completion_tokens

    return ask


async def first(blend: Blend, kind: str, workload: Workload, reply: int) -> FirstToken:
    """The time to the first token in one of SITUATIONS, each time with texts never seen before."""
    history = workload.history(0 if kind == "opening" else 9)
    if kind in ("warm", "ahead"):
        history = workload.history(8).ask(workload.question())
        history = history.answered([turn async for turn in _reply(blend, history, reply)][-1])
    if kind == "ahead":
        history = blend.ahead(history)
        await blend.wait_until_warm()
    async with aclosing(_reply(blend, history.ask(workload.question()), reply)) as turns:
        async for turn in turns:
            if turn.ttft_s is not None:
                used = turn.usage
                return FirstToken(
                    turn.ttft_s, turn.draw.member, used.prompt_tokens, used.cached_tokens
                )
    raise CommandError(f"{blend.name}: a reply without a token")


async def _reply(blend: Blend, asked: Conversation, length: int) -> AsyncIterator[Turn]:
    """The last turn as it grows. Raises CommandError where it ends with an error."""
    async with aclosing(blend.reply(asked, max_tokens=length)) as turns:
        async for turn in turns:
            if turn.error:
                raise CommandError(f"{blend.name}: {turn.error}")
            yield turn
