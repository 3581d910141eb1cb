"""A remote member that thinks: how it is asked to, or not to, and how servers tell the thoughts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from remote_member import PLAIN, refuses, served
from replies import ASKED

from blend.members import MemberTimeout
from blend.members.remote.unopened import UnopenedThoughts
from blend.members.reply import stream_reply

pytestmark = pytest.mark.anyio
OFF = {"enable_thinking": False, "thinking": False}


async def parted(answer, asks=PLAIN, **options):
    """The thought and the reply of one request, what was asked, and the last usage."""
    async with served(answer, **options) as (server, member):
        pieces = [piece async for piece in stream_reply(member, ASKED, asks)]
    thought = "".join(p.thought for p in pieces)
    return thought, "".join(pieces), server.asked, pieces[-1].usage


def writes(*words, **how):
    return lambda exchange: exchange.reply(words, **how)


@pytest.mark.parametrize(
    ("words", "how", "asks", "found"),
    [
        (("Hello",), {"thoughts": [("Hm", "reasoning"), (".", "reasoning")]}, None, "Hm."),
        (("Hello",), {"thoughts": [("Hm.", "reasoning_content")]}, None, "Hm."),
        (("<thi", "nk>\nHm.</th", "ink>", "\n\n", "Hello"), {}, None, "\nHm."),
        (("Hm", ".</think>", "\nHello"), {}, True, "Hm."),
        (("<think>Hm.", "</think>Hello"), {}, True, "Hm."),
        (("Hm.[/THINK]", "Hello"), {}, True, "Hm."),
        (("Hel", "lo"), {"thoughts": [("Hm.", "reasoning")]}, True, "Hm."),
        (("Hel", "lo"), {}, True, ""),
    ],
)
async def test_a_server_may_tell_thoughts_apart_or_leave_out_where_they_begin(
    words, how, asks, found
):
    thought, reply, _, usage = await parted(writes(*words, **how), thinking=asks)
    assert (thought, reply, usage.finish) == (found, "Hello", "stop")


async def test_a_text_that_a_limit_ends_is_a_thought_where_thoughts_are_asked_for():
    cut = writes("Hm", ". So", reason="length")
    assert (await parted(cut, thinking=True))[:2] == ("Hm. So", "")


async def test_a_server_that_tells_them_by_both_names_tells_them_once():
    async def both(exchange):
        await exchange.head()
        delta = {"reasoning": "Hm.", "reasoning_content": "Hm."}
        await exchange.event(choices=[{"index": 0, "delta": delta, "finish_reason": None}])
        await exchange.word("Hello")
        await exchange.end()

    assert (await parted(both))[:2] == ("Hm.", "Hello")


async def test_a_server_that_thinks_for_long_is_no_silent_one():
    thoughts = [("Hm. ", "reasoning")] * 8
    slow = writes("Hello", pace=0.1, thoughts=thoughts)
    limits = {"first_token": 0.7, "between_tokens": 0.7}
    assert (await parted(slow, timeouts=limits))[:2] == ("Hm. " * 8, "Hello")
    slower = writes("Hello", pace=1.0, thoughts=thoughts[:1])
    with pytest.raises(MemberTimeout):
        await parted(slower, timeouts=limits, retries=0)


@pytest.mark.parametrize(("thinking", "sent"), [(False, OFF), (None, None)])
async def test_a_template_is_asked_for_no_thoughts_by_both_names(thinking, sent):
    *_, asked, _ = await parted(writes("Hello"), thinking=thinking)
    assert asked[0].get("chat_template_kwargs") == sent


async def test_a_server_that_knows_no_such_key_is_asked_without_it(caplog):
    words = "Unexpected keys: {'chat_template_kwargs'}"
    picky = refuses(lambda body: "chat_template_kwargs" in body, words, "422 Unprocessable Entity")
    *_, asked, _ = await parted(picky, thinking=False)
    assert len(asked) == 2 and "far: asked without thinking: the server refuses" in caplog.text


async def test_no_stop_string_ends_a_thought_at_the_server():
    stop = replace(PLAIN, stop=("\n",))
    written = writes("<think>a\nb</think>Hello\n", "More")
    thought, reply, asked, _ = await parted(written, thinking=True, asks=stop)
    assert (thought, reply) == ("a\nb", "Hello") and "stop" not in asked[0]


@given(st.lists(st.sampled_from(["<think>", "</think>", "Hm", " ", "<th", "ink>"]), max_size=9))
def test_nothing_of_what_is_held_back_is_lost(words):
    for cut in (False, True):
        unopened = UnopenedThoughts(waiting=True)
        said = "".join([*map(unopened.add, words), unopened.end(cut)])
        assert said.removeprefix("<think>") == "".join(words).removeprefix("<think>")
        assert not unopened.waiting
