"""A member under several names."""

import asyncio

import pytest

from blend.members import MemberDown, Sampling
from blend.members.copies import MemberCopy
from blend.members.reply import stream_reply
from blend.members.scripted import Scripted
from blend.message import Message


async def pieces(member):
    asked = (Message("user", "Hi"),)
    return [piece async for piece in stream_reply(member, asked, member.sampling)]


def test_a_twin_says_and_thinks_what_its_member_does_with_a_seed_of_its_own():
    member = Scripted("a", ["<think>Hm.</think>one two"], sampling=Sampling(temperature=0.5))
    twin = MemberCopy(member, 2)
    assert (twin.name, twin.sampling) == ("a #2", Sampling(temperature=0.5, seed=2))
    said = asyncio.run(pieces(twin))
    assert ("".join(said), "".join(p.thought for p in said)) == ("one two", "Hm.")
    member.honours = frozenset({"temperature"})
    assert MemberCopy(member, 1).sampling == member.sampling


def test_a_failure_names_the_twin():
    member = Scripted("a")
    asyncio.run(member.aclose())
    with pytest.raises(MemberDown, match="a #3: it was closed"):
        asyncio.run(pieces(MemberCopy(member, 3)))


def test_closing_a_twin_leaves_its_member():
    member = Scripted("a")
    asyncio.run(MemberCopy(member, 1).aclose())
    assert member.down is None
    asyncio.run(member.aclose())
    assert MemberCopy(member, 1).down
