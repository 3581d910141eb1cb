"""The member that says what it was told to."""

import asyncio

import pytest

from blend.conversation import Message
from blend.members import MemberDown, MemberError, Sampling, TooLong
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


def test_it_heeds_stop_and_says_rightly_why_it_ended():
    def ended(*texts, **sampling):
        pieces = said(Scripted("a", ["one two three"]), *texts, **sampling)
        return "".join(pieces), pieces[-1].usage.finish

    assert ended() == ("one two three", "stop")
    assert ended(max_tokens=2) == ("one two", "length")
    assert ended(max_tokens=3) == ("one two three", "stop")
    assert ended(stop=("two",)) == ("one ", "stop")
    assert ended(stop=("o t", "x")) == ("one tw", "stop")
    assert ended(stop=("one",)) == ("", "stop")


def test_it_goes_on_with_a_reply_that_was_begun():
    member = Scripted("a", ["one two", "you said {message}"])
    assert "".join(said(member, "Hi", "one")) == " two"
    assert "".join(said(member, "Hi", "one two", "x", "you said")) == " x"
    assert "".join(said(member, "Hi", "three")) == "one two"


def test_with_a_window_it_reads_and_writes_no_more():
    member = Scripted("a", ["one two three"], window=8, sampling=Sampling(max_tokens=2))
    length = member.measure([Message("system", "s"), Message("user", "a b c")], 99)
    assert (length.tokens, length.room, length.system) == (3, 5, True)
    assert "".join(said(member, "a b c d e f", max_tokens=9)) == "one two"
    with pytest.raises(TooLong):
        said(member, "a b c d e f g")
