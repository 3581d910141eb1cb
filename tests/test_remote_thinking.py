"""A remote member that thinks: how it is asked to, or not to, and how servers tell the thoughts."""

import asyncio
from dataclasses import replace

import pytest
from far import ASKED, PLAIN, opened
from hypothesis import given
from hypothesis import strategies as st
from openai_server import serving

from blend.members import MemberTimeout
from blend.members.http.unopened import Unopened
from blend.members.reply import stream_reply

OFF = {"enable_thinking": False, "thinking": False}


def parted(answer, asks=PLAIN, **options):
    """The thought and the reply of one request, what was asked, and the last usage."""

    async def talk():
        async with serving(answer) as server, opened(server, **options) as member:
            pieces = [piece async for piece in stream_reply(member, ASKED, asks)]
            return pieces, server.asked

    pieces, asked = asyncio.run(talk())
    return "".join(p.thought for p in pieces), "".join(pieces), asked, pieces[-1].usage


def writes(*words, **how):
    async def answer(exchange):
        await exchange.reply(words, **how)

    return answer


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_a_server_may_tell_thoughts_apart(name):
    thought, reply, _, usage = parted(writes("Hello", thoughts=[("Hm", name), (".", name)]))
    assert (thought, reply, usage.finish) == ("Hm.", "Hello", "stop")


def test_a_server_that_tells_them_by_both_names_tells_them_once():
    async def both(exchange):
        await exchange.head()
        delta = {"reasoning": "Hm.", "reasoning_content": "Hm."}
        await exchange.event(choices=[{"index": 0, "delta": delta, "finish_reason": None}])
        await exchange.word("Hello")
        await exchange.end()

    assert parted(both)[:2] == ("Hm.", "Hello")


def test_a_server_may_leave_the_markers_in_the_reply():
    assert parted(writes("<thi", "nk>\nHm.</th", "ink>", "\n\n", "Hello"))[:2] == (
        "\nHm.",
        "Hello",
    )


def test_a_server_that_thinks_for_long_is_no_silent_one():
    thoughts = [("Hm. ", "reasoning")] * 8
    slow = writes("Hello", pace=0.1, thoughts=thoughts)
    limits = {"first_token": 0.7, "between_tokens": 0.7}

    assert parted(slow, timeouts=limits)[:2] == ("Hm. " * 8, "Hello")
    with pytest.raises(MemberTimeout):
        parted(writes("Hello", pace=1.0, thoughts=thoughts[:1]), timeouts=limits, retries=0)


@pytest.mark.parametrize(("thinking", "sent"), [(False, OFF), (None, None)])
def test_a_template_is_asked_for_no_thoughts_by_both_names(thinking, sent):
    *_, asked, _ = parted(writes("Hello"), thinking=thinking)
    assert asked[0].get("chat_template_kwargs") == sent


def test_a_server_that_knows_no_such_key_is_asked_without_it(caplog):
    async def picky(exchange):
        if "chat_template_kwargs" in exchange.body:
            said = {"error": {"message": "Unexpected keys: {'chat_template_kwargs'}"}}
            await exchange.json(said, "422 Unprocessable Entity")
        else:
            await exchange.reply(["Hello"])

    _, reply, asked, _ = parted(picky, thinking=False)

    assert reply == "Hello" and len(asked) == 2
    assert "far: asked without thinking: the server refuses" in caplog.text


@pytest.mark.parametrize(
    ("words", "how", "found"),
    [
        (("Hm", ".</think>", "\nHello"), {}, ("Hm.", "Hello")),
        (("<think>Hm.", "</think>Hello"), {}, ("Hm.", "Hello")),
        (("Hm.[/THINK]", "Hello"), {}, ("Hm.", "Hello")),
        (("Hello", "."), {"thoughts": [("Hm.", "reasoning")]}, ("Hm.", "Hello.")),
        (("Hello", " there."), {}, ("", "Hello there.")),
        (("Hm", ". So"), {"reason": "length"}, ("Hm. So", "")),
    ],
)
def test_where_thoughts_are_asked_for_a_server_may_leave_out_where_they_begin(words, how, found):
    assert parted(writes(*words, **how), thinking=True)[:2] == found


def test_no_stop_string_ends_a_thought_at_the_server():
    stop = replace(PLAIN, stop=("\n",))
    said = parted(writes("<think>a\nb</think>Hello\n", "More"), thinking=True, asks=stop)
    assert said[:2] == ("a\nb", "Hello") and "stop" not in said[2][0]


@given(st.lists(st.sampled_from(["<think>", "</think>", "Hm", " ", "<th", "ink>"]), max_size=9))
def test_nothing_of_what_is_held_back_is_lost(words):
    for cut in (False, True):
        unopened = Unopened(holds=True)
        said = "".join([*map(unopened.add, words), unopened.end(cut)])
        assert said.removeprefix("<think>") == "".join(words).removeprefix("<think>")
        assert not unopened.holds
