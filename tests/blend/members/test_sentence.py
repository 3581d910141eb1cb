"""Where a sentence of a reply ends, and how the next writer's words join it."""

import asyncio

import pytest

from blend.conversation import Conversation
from blend.members.scripted import Scripted
from blend.members.sentence import CUT, joined, sentence_end, stream_sentence
from blend.message import Message


def sentences(text: str, size: int) -> list[str]:
    """The text as it is stopped when it comes in pieces of that many characters."""
    found, start, seen, end = [], 0, 0, None
    while seen < len(text):
        coming = min(seen + size, len(text))
        end = sentence_end(text[:coming], start, seen)
        if end is not None:
            found.append(text[start:end])
            start = end
        seen = coming if end is None else end
    return [*found, text[start:]] if start < len(text) else found


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize(
    "parts",
    [
        ["One.", " Two!", " Three?", " Four…", " Five"],
        ["It is 3.5 m long, e.g. for Dr. Smith of the U.S. Navy.", " Good."],
        ["J. R. Smith asked: what is that?", " Nobody knew."],
        ['"Hello. How are you?"', " she asked.", " Nothing."],
        ["He said “Stop. Now.”", " Then he left (it was late. Very) for home.", " Good."],
        ["**Be careful. Now.**", " Then `a.b. c` runs.", " Good."],
        ["好的。", "我来了！", "真的？", "是"],
        ["No end at all, only commas, and so on"],
        ["Das sind z. B. 12. Mai und ca. 5 Leute.", " Gut."],
    ],
)
def test_sentences_end_where_they_end_in_pieces_of_any_size(parts, size):
    assert sentences("".join(parts), size) == parts


@pytest.mark.parametrize(
    "parts",
    [
        ["# Head\n", "- one and two\n", "- two\n", "\n1. three\n", "Done."],
        ["Look:\n", "```python\nx = 1.\n\nprint(x). y\n```\n", "Good."],
        ["A line (that is left open.\n", "Next."],
    ],
)
def test_lines_end_sentences_but_not_inside_a_block_of_code(parts):
    assert sentences("".join(parts), 1) == parts


def test_a_handed_over_member_had_not_chosen_whether_to_go_on():
    # A full stop at the very end is enough: what would come next is not waited for.
    assert sentence_end("It rains.") == 9
    assert sentence_end("It is 3.") is None


@pytest.mark.parametrize(
    ("before", "after", "both"),
    [
        ("One.", " Two.", "One. Two."),
        ("One.", "Two.", "One. Two."),
        ("example.", "com", "example.com"),
        ("One. ", " Two.", "One. Two."),
        ("One.\n\n", "\nTwo.", "One.\n\nTwo."),
        ("- one\n", "\n\n- two", "- one\n\n- two"),
        ("- one\n", "  - inner", "- one\n  - inner"),
        ("好的。", "我", "好的。我"),
        ("One.", "\n\nTwo", "One.\n\nTwo"),
        ("One.", "", "One."),
    ],
)
def test_no_space_is_lost_or_doubled_between_two_sentences(before, after, both):
    assert before + joined(before, after) == both


def pieces(member, messages, **options):
    async def run():
        return [p async for p in stream_sentence(member, messages, member.sampling, **options)]

    return asyncio.run(run())


def test_a_member_is_stopped_at_the_end_of_its_sentence():
    member = Scripted("a", ["One two. Three four."])
    asked = Conversation().ask("Hi").messages()
    begun = (*asked, Message("assistant", "One two."))

    first = pieces(member, asked)
    rest = pieces(member, begun, follows=True, written=2)

    assert "".join(first) == "One two." and first[-1].usage.finish == CUT
    assert "".join(rest) == " Three four." and rest[-1].usage.finish == "stop"


def test_what_a_piece_has_after_the_end_is_dropped():
    async def whole(messages, sampling, scope=""):
        yield "One. Two. Thr"

    member = Scripted("a")
    member.stream = whole
    came = pieces(member, Conversation().ask("Hi").messages())

    assert [*came] == ["One."] and came[0].usage.finish == CUT


def test_the_tokens_of_the_sentences_before_are_part_of_the_limit():
    member = Scripted("a", ["one two three four five"])
    asked = Conversation().ask("Hi").messages()

    came = pieces(member, asked, written=member.sampling.max_tokens - 2)
    assert "".join(came) == "one two" and came[-1].usage.finish == "length"
    (none,) = pieces(member, asked, written=member.sampling.max_tokens)
    assert (str(none), none.usage.finish) == ("", "length")
