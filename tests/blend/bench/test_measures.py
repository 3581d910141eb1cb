"""Speed of members whose speed is known: they say a word every so many seconds."""

import asyncio
import random

import pytest
from counted import Counted

from blend.bench.measures import SITUATIONS, ask_blend, first, rate
from blend.bench.workload import Workload
from blend.command_line import CommandError
from blend.engine import Blend
from blend.members.scripted import Scripted
from blend.policies.policy import Uniform

PACE = 0.01


def blend(*members: Scripted) -> Blend:
    return Blend("Blended", members, Uniform(), random.Random(1))


def speaker(name: str, **options) -> Scripted:
    return Scripted(name, ["word " * 40], **({"pace": PACE} | options))


def measured(size: int, seconds: float, *members: Scripted):
    ask = ask_blend(blend(*members), Workload(random.Random(1), members))
    return asyncio.run(rate(ask, size, 20, seconds))


def test_conversations_at_once_add_up():
    one, many = (measured(size, 0.5, speaker("a")).value for size in (1, 8))
    assert 0.3 / PACE < one <= 1.05 / PACE
    assert 4 < many / one < 12


def test_tokens_are_counted_for_who_wrote_them():
    quick, slow = speaker("quick", pace=0.002), speaker("slow", pace=0.02)
    tokens = measured(8, 0.5, quick, slow).tokens
    assert set(tokens) == {"quick", "slow"}
    assert tokens["slow"] < 0.5 / 0.02 * 8


def test_nothing_talks_on_after_a_measure():
    member = Counted(speaker("a"))
    measured(8, 0.1, member)
    assert member.running == 0 and member.peak == 8


@pytest.mark.parametrize("kind", SITUATIONS)
def test_the_first_token_takes_a_pace(kind):
    members = speaker("a"), speaker("b")
    texts = Workload(random.Random(1), members)
    found = asyncio.run(first(blend(*members), kind, texts, 20))
    assert PACE <= found.value < 20 * PACE
    assert found.member in ("a", "b")
    assert found.prompt == (1 if kind == "opening" else 19)


def test_what_cannot_answer_is_an_error_and_no_figure():
    mute = speaker("a", fails_at=0)
    with pytest.raises(CommandError, match="Blended: No reply"):
        measured(2, 0.1, mute)
    with pytest.raises(CommandError, match="Blended: "):
        asyncio.run(first(blend(mute), "warm", Workload(random.Random(1), [mute]), 20))
