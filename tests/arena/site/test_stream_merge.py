"""Several streams as one: none waits, nothing is mixed up, and closing closes all."""

import asyncio

import pytest

from arena.site.stream_merge import LONG, REFRESH_INTERVAL, merge_streams, pause
from blend.conversation import Turn


async def said(words: str, pace: float = 0.0, fails: bool = False):
    reply = ""
    for word in words.split():
        await asyncio.sleep(pace)
        reply = f"{reply} {word}".strip()
        yield Turn("Hi", reply)
    if fails:
        raise RuntimeError("broken")


def merged(interval=0.01, **streams) -> list[dict]:
    async def run():
        return [latest async for latest in merge_streams(streams, interval)]

    return asyncio.run(run())


@pytest.mark.parametrize("interval", [0.0, 0.01])
def test_it_ends_with_the_whole_replies(interval):
    last = merged(interval, left=said("one two three"), right=said("four five"))[-1]
    assert (last["left"].reply, last["right"].reply) == ("one two three", "four five")
    assert merged(interval, right=said("one two"))[-1]["right"].reply == "one two"


def test_a_slow_stream_does_not_hold_up_the_fast_one():
    steps = merged(left=said("slow " * 20, 0.02), right=said("fast reply"))
    whole = next(step for step in steps if step.get("right", Turn("")).reply[-5:] == "reply")
    assert len(whole.get("left", Turn("")).reply.split()) < 20


def test_no_stream_shows_another_one_s_text():
    for step in merged(left=said("left " * 30, 0.003), right=said("right " * 30, 0.002)):
        assert "right" not in step.get("left", Turn("")).reply
        assert "left" not in step.get("right", Turn("")).reply


@pytest.mark.anyio
@pytest.mark.parametrize("ended", [False, True])
async def test_what_one_raises_or_what_ends_all_closes_the_others(ended):
    closed = []

    async def endless():
        try:
            while True:
                await asyncio.sleep(0.001)
                yield Turn("Hi", "more")
        finally:
            closed.append(True)

    async def end():
        await asyncio.sleep(0.01 if ended else 60)
        raise RuntimeError("broken")

    streams = {0: endless(), 1: endless() if ended else said("a b", fails=True)}
    with pytest.raises(RuntimeError, match="broken"):
        async for _ in merge_streams(streams, 0.01, end):
            pass
    assert closed == [True] * (1 + ended)


def test_the_longer_a_reply_the_more_rarely_it_is_shown_anew():
    long = "x" * 20 * LONG
    assert pause([]) == pause([Turn("Hi")]) == REFRESH_INTERVAL
    assert pause([Turn("Hi", long)]) == 21 * REFRESH_INTERVAL
    assert len(merged(left=said(f"{long} {'more ' * 40}", 0.002), right=said("short"))) < 6


def test_what_is_thought_makes_no_news():
    async def thinks():
        for n in range(20):
            yield Turn("Hi", thought="x" * n)
            await asyncio.sleep(0.01)
        yield Turn("Hi", "Hello", finished=True, thought="x" * 20)

    steps = merged(left=thinks())
    assert len(steps) == 2 and steps[-1]["left"].thought == "x" * 20
