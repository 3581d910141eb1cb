"""The member that says what it was told to."""

import asyncio

import pytest

from blend.conversation import Message
from blend.members import MemberDown, MemberError, Sampling
from blend.members.scripted import Scripted


def said(member: Scripted, *texts: str, **sampling) -> list[str]:
    roles = ("user", "assistant")
    history = [Message(roles[n % 2], text) for n, text in enumerate(texts or ("Hi",))]

    async def run():
        return [piece async for piece in member.stream(history, Sampling(**sampling))]

    return asyncio.run(run())


def test_it_says_its_lines_in_turn():
    member = Scripted("a", ["first of {name}", "you said {message}"])

    assert "".join(said(member)) == "first of a"
    assert "".join(said(member, "x", "y", "z")) == "you said z"


def test_it_counts_what_it_says():
    pieces = said(Scripted("a", ["one two three"]), max_tokens=2)
    assert [p.usage.completion_tokens for p in pieces] == [1, 2]


def test_it_fails_where_told():
    with pytest.raises(MemberError, match="a: it was told to fail here"):
        said(Scripted("a", ["one two"], fails_at=1))


def test_it_is_down_once_closed():
    member = Scripted("a")
    asyncio.run(member.aclose())

    with pytest.raises(MemberDown):
        said(member)
