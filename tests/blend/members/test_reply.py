"""Any member's reply: its length has an end, its text can be stored, its failures are one kind."""

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blend.conversation import LONGEST_REPLY, Usage
from blend.members import MemberDown, MemberError, Piece, Sampling, SamplingError
from blend.members.reply import Characters, replace_surrogates, stream_reply
from blend.members.scripted import Scripted
from blend.message import Message

ASKED = [Message("user", "Hi")]
LONG = Sampling(max_tokens=1_000_000)
SIGNS = st.sampled_from(["a", "\ud83e", "\udd8a", "\U0001f98a", "\ue000", "\0", "\u0301"])
STOPPED = Usage(finish="stop")


class Says:
    """A member that streams just these pieces, and then raises, where it is to."""

    name = "odd"

    def __init__(self, *pieces, error=None):
        self.pieces, self.error, self.closed = pieces, error, False

    async def stream(self, messages, sampling, scope=""):
        try:
            for piece in self.pieces:
                yield piece
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


def reply(member, asked=ASKED, **limit):
    async def pieces():
        async with aclosing(stream_reply(member, asked, LONG, **limit)) as coming:
            return [piece async for piece in coming]

    return asyncio.run(pieces())


def thoughts(pieces):
    return "".join(piece.thought for piece in pieces)


def test_a_reply_ends_at_its_longest_length_and_the_member_is_left():
    member = Says("ab", Piece("cdef", Usage(3, 0, 4)), "never")
    said = reply(member, longest=5)
    assert "".join(said) == "abcde" and said[-1].usage == Usage(3, 0, 4, finish="length")
    assert member.closed


def test_a_reply_of_just_the_longest_length_is_whole():
    said = reply(Says("ab", Piece("c", STOPPED)), longest=3)
    assert "".join(said) == "abc" and said[-1].usage.finish == "stop"


def test_megabytes_are_not_kept():
    said = reply(Scripted("far", lambda messages: "x" * 30_000_000))
    assert len("".join(said)) == LONGEST_REPLY and said[-1].usage.finish == "length"


@given(st.lists(SIGNS, max_size=8), st.data())
def test_surrogates_come_out_as_characters_however_they_are_cut(signs, data):
    text = "".join(signs)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    parts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    characters = Characters()
    said = "".join([*map(characters.add, parts), characters.add("", last=True)])
    assert said == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert said == replace_surrogates(text) and said.encode() is not None


def test_a_lone_surrogate_is_the_mark_of_a_lost_character():
    said = reply(Says("a\ud83e", "b", "\ud83e", "\udd8a", "\ud83e"))
    assert "".join(said) == "a\ufffdb\U0001f98a\ufffd"


ODD = [
    *(Says("a", piece) for piece in (None, 5, b"bytes")),
    *(Says("a", error=e) for e in (ValueError("odd\nlines"), RecursionError(), StopIteration())),
    Scripted("odd", lambda messages: None),
    Scripted("odd", ()),
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_whatever_a_member_does_it_is_an_error_with_its_name(odd):
    with pytest.raises(MemberError, match=r"^odd: it failed in a way") as failure:
        reply(odd)
    assert failure.value.member == "odd" and "\n" not in str(failure.value)


@pytest.mark.parametrize("error", [MemberDown("odd", "away"), SamplingError("no")], ids=repr)
def test_what_is_foreseen_stays_what_it_is(error):
    with pytest.raises(type(error)) as failure:
        reply(Says(error=error))
    assert failure.value is error


@pytest.mark.parametrize(
    "pieces",
    [
        ("<thi", "nk>Hm", "m.</thi", "nk>\n\nHel", Piece("lo", STOPPED)),
        (Piece("", Usage(), "Hm"), Piece("Hello", Usage(), "m.")),
    ],
    ids=["markers", "apart"],
)
def test_thoughts_are_told_apart_however_they_come(pieces):
    said = reply(Says(*pieces))
    assert ("".join(said), thoughts(said)) == ("Hello", "Hmm.")


@pytest.mark.parametrize(
    ("pieces", "text", "thought"),
    [(("<think>abc</think>de", "f"), "d", "abc"), (("<think>abc", "def"), "", "abcd")],
)
def test_the_longest_length_counts_thoughts_too(pieces, text, thought):
    said = reply(Says(*pieces), longest=4)
    assert ("".join(said), thoughts(said), said[-1].usage.finish) == (text, thought, "length")


def test_what_goes_on_with_a_beginning_has_no_thoughts():
    begun = [*ASKED, Message("assistant", "The tag is ")]
    assert "".join(reply(Says("<think>", "x"), begun)) == "<think>x"
