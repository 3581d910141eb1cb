"""Two streams as one: nobody waits, nothing is mixed up, and closing closes both."""

import asyncio

import pytest

from arena.race import BEAT, LONG, pause, race
from blend.conversation import Turn


async def said(words: str, pace: float = 0.0, fails: bool = False):
    reply = ""
    for word in words.split():
        await asyncio.sleep(pace)
        reply = f"{reply} {word}".strip()
        yield Turn("Hi", reply)
    if fails:
        raise RuntimeError("broken")


def raced(left, right, beat=0.01) -> list[dict]:
    async def run():
        return [latest async for latest in race({"left": left, "right": right}, beat)]

    return asyncio.run(run())


def test_a_race_ends_with_both_whole_replies():
    last = raced(said("one two three"), said("four five"))[-1]
    assert (last["left"].reply, last["right"].reply) == ("one two three", "four five")


def test_a_slow_side_does_not_hold_up_the_fast_one():
    steps = raced(said("slow " * 20, 0.02), said("fast reply"))
    first_whole = next(
        n for n, s in enumerate(steps) if s.get("right", Turn("")).reply[-5:] == "reply"
    )
    assert len(steps[first_whole].get("left", Turn("")).reply.split()) < 20


def test_neither_column_shows_the_other_one_s_text():
    for step in raced(said("left " * 30, 0.003), said("right " * 30, 0.002)):
        assert "right" not in step.get("left", Turn("")).reply
        assert "left" not in step.get("right", Turn("")).reply


def test_a_side_that_raises_ends_the_race_and_closes_the_other():
    closed = []

    async def endless():
        try:
            while True:
                await asyncio.sleep(0.001)
                yield Turn("Hi", "more")
        finally:
            closed.append(True)

    with pytest.raises(RuntimeError, match="broken"):
        raced(said("a b", fails=True), endless())
    assert closed == [True]


def test_one_side_can_run_alone():
    async def run():
        return [latest async for latest in race({"right": said("one two")}, 0.01)]

    assert asyncio.run(run())[-1]["right"].reply == "one two"


def test_the_longer_a_reply_the_more_rarely_it_is_shown_anew():
    long = "x" * 20 * LONG
    assert pause([]) == pause([Turn("Hi")]) == BEAT and pause([Turn("Hi", long)]) == 21 * BEAT
    assert len(raced(said(f"{long} {'more ' * 40}", 0.002), said("short"))) < 6


def test_what_is_thought_makes_no_beat():
    async def thinks():
        for n in range(20):
            yield Turn("Hi", thought="x" * n)
            await asyncio.sleep(0.01)
        yield Turn("Hi", "Hello", finished=True, thought="x" * 20)

    async def slow():
        yield Turn("Hi")
        await asyncio.sleep(0.2)
        yield Turn("Hi", "Hello", finished=True)

    async def beats(stream):
        return [latest async for latest in race({"left": stream()}, 0.01)]

    thought, waited = (asyncio.run(beats(each)) for each in (thinks, slow))
    assert len(thought) == len(waited) == 2
    assert thought[-1]["left"].thought == "x" * 20
