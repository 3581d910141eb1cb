"""A member under several names."""

import asyncio

import pytest

from blend.conversation import Message
from blend.members import MemberTimeout, Sampling
from blend.members.reply import stream_reply
from blend.members.scripted import Scripted
from blend.members.twin import Twin

ASKED = (Message("user", "Hi"),)


async def said(member) -> str:
    return "".join([piece async for piece in member.stream(ASKED, member.sampling)])


def test_a_twin_says_what_its_member_says_with_a_seed_of_its_own():
    member = Scripted("a", ["one two"], sampling=Sampling(temperature=0.5))
    twin = Twin(member, 2)
    assert (twin.name, twin.sampling) == ("a #2", Sampling(temperature=0.5, seed=2))
    assert asyncio.run(said(twin)) == "one two"


def test_where_no_seed_is_honoured_none_is_asked_for():
    member = Scripted("a")
    member.honours = frozenset({"temperature"})
    assert Twin(member, 1).sampling == member.sampling


def test_a_failure_names_the_twin():
    class Slow(Scripted):
        async def stream(self, messages, sampling, scope=""):
            raise MemberTimeout(self.name, "too slow")
            yield ""

    with pytest.raises(MemberTimeout, match="a #3: too slow"):
        asyncio.run(said(Twin(Slow("a"), 3)))


def test_closing_a_twin_leaves_its_member():
    member = Scripted("a")
    asyncio.run(Twin(member, 1).aclose())
    assert member.down is None
    asyncio.run(member.aclose())
    assert Twin(member, 1).down


def test_the_thoughts_of_a_twin_are_told_apart_as_well():
    async def parted():
        twin = Twin(Scripted("a", ["<think>Hm.</think>Hello."]), 1)
        return [piece async for piece in stream_reply(twin, ASKED, twin.sampling)]

    pieces = asyncio.run(parted())
    assert ("".join(pieces), "".join(p.thought for p in pieces)) == ("Hello.", "Hm.")
