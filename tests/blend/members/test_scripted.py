"""The member that says what it was told to."""

import asyncio

import pytest

from blend.members import Sampling, TooLong, scripted
from blend.members.scripted import Scripted
from blend.message import Message


def said(member: Scripted, *texts: str, **sampling) -> list[str]:
    roles = ("user", "assistant")
    history = [Message(roles[n % 2], text) for n, text in enumerate(texts or ("Hi",))]

    async def run():
        return [piece async for piece in member.stream(history, Sampling(**sampling))]

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("texts", "reply"),
    [
        (("Hi",), "first of a"),
        (("x", "y", "z"), "you said z"),
        (("Hi", "first"), " of a"),
        (("Hi", "third"), "first of a"),
    ],
)
def test_it_says_its_lines_in_turn_and_goes_on_with_one_that_was_begun(texts, reply):
    member = Scripted("a", ["first of {name}", "you said {message}"])
    assert "".join(said(member, *texts)) == reply


@pytest.mark.parametrize(
    ("sampling", "reply", "finish"),
    [
        ({}, "one two three", "stop"),
        ({"max_tokens": 2}, "one two", "length"),
        ({"max_tokens": 3}, "one two three", "stop"),
        ({"stop": ("two",)}, "one ", "stop"),
        ({"stop": ("o t", "x")}, "one tw", "stop"),
        ({"stop": ("one",)}, "", "stop"),
    ],
)
def test_it_heeds_stop_and_counts_and_says_rightly_why_it_ended(sampling, reply, finish):
    pieces = said(Scripted("a", ["one two three"]), **sampling)
    assert ("".join(pieces), pieces[-1].usage.finish) == (reply, finish)
    assert [p.usage.completion_tokens for p in pieces] == [*range(1, len(pieces) + 1)]


def test_with_a_window_it_reads_and_writes_no_more():
    member = Scripted("a", ["one two three"], window=8, sampling=Sampling(max_tokens=2))
    length = member.measure([Message("system", "s"), Message("user", "a b c")], 99)
    assert (length.tokens, length.room, length.system) == (3, 5, True)
    assert "".join(said(member, "a b c d e f", max_tokens=9)) == "one two"
    with pytest.raises(TooLong):
        said(member, "a b c d e f g")


def test_it_forgets_what_it_was_asked_long_ago(monkeypatch):
    monkeypatch.setattr(scripted, "REMEMBERED", 2)
    member = Scripted("a")
    for text in ("one", "two", "three"):
        said(member, text)
    assert [message.text for (message,) in member.received] == ["two", "three"]
    assert [*member.scopes] == ["", ""]
