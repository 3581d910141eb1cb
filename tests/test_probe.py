"""Speed of members whose speed is known: they say a word every so many seconds."""

import asyncio
import random

import pytest

from blend.bench.probe import SCENES, BenchError, rate, scene
from blend.bench.script import Script
from blend.engine import Blend
from blend.members import MemberError
from blend.members.scripted import Scripted
from blend.policy import Uniform

PACE = 0.01


def texts() -> Script:
    return Script(
        random.Random(1), 200, lambda messages: sum(len(message.text) for message in messages)
    )


def blend(*members: Scripted) -> Blend:
    return Blend("Blended", members, Uniform(), random.Random(1))


def speaker(name: str, **options) -> Scripted:
    return Scripted(name, ["word " * 40], **({"pace": PACE} | options))


def test_conversations_at_once_add_up():
    one, many = (
        asyncio.run(rate(blend(speaker("a")), size, texts(), 20, 0.5)).per_second for size in (1, 8)
    )
    assert 0.3 / PACE < one <= 1.05 / PACE
    assert 4 < many / one < 12


def test_nothing_talks_on_after_a_measure():
    member = speaker("a")
    asyncio.run(rate(blend(member), 8, texts(), 20, 0.1, turns=3))
    assert member.running == 0 and member.peak == 8


def test_talks_have_turns_behind_them():
    member = speaker("a", pace=0.0)
    asyncio.run(rate(blend(member), 4, texts(), 5, 0.2, turns=4))
    assert {len(heard) for heard in member.heard} == {1, 3, 5, 7}


class Reader(Scripted):
    """Remembers the length of what it was warmed with, or cannot be."""

    broken = False

    async def warm(self, messages):
        if self.broken:
            raise MemberError(self.name, "it cannot read")
        self.read = [*getattr(self, "read", []), len(messages)]


def test_members_begin_as_if_they_had_written_the_talks():
    a, b = Reader("a"), Reader("b")
    asyncio.run(rate(blend(a, b), 8, texts(), 5, 0.1, turns=8))

    read = a.read + b.read
    assert all(length % 2 == 0 for length in read)  # up to a reply of its own
    # Histories of 1 to 7 turns: the last turn of each is one member's own, the other knows less.
    assert {2 * turns for turns in range(1, 8)} <= set(read) and 7 < len(read) <= 13
    b.broken = True
    with pytest.raises(BenchError, match="Blended: b: it cannot read"):
        asyncio.run(rate(blend(a, b), 8, texts(), 5, 0.1, turns=8))


@pytest.mark.parametrize("kind", SCENES)
def test_the_first_token_takes_a_pace(kind):
    first = asyncio.run(scene(blend(speaker("a"), speaker("b")), kind, texts(), 20))
    assert PACE <= first.seconds < 20 * PACE
    assert first.prompt == (1 if kind == "opening" else 19)


def test_what_cannot_answer_is_an_error_and_no_figure():
    mute = speaker("a", fails_at=0)
    with pytest.raises(BenchError, match="Blended: No reply"):
        asyncio.run(rate(blend(mute), 2, texts(), 20, 0.1))
    with pytest.raises(BenchError, match="Blended: "):
        asyncio.run(scene(blend(mute), "warm", texts(), 20))
