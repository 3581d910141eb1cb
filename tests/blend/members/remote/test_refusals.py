"""What a server refuses: it is left out, cut to fit, or told to who asked."""

from contextlib import aclosing

import pytest
from remote_member import SAID, SYSTEM, opened, refuses, served
from replies import ASKED, reply, said

from blend.conversation import Conversation
from blend.engine import Blend
from blend.members import Sampling, TooLong
from blend.message import Message
from blend.policies.policy import Uniform

pytestmark = pytest.mark.anyio


async def test_what_a_server_refuses_is_left_out_from_then_on():
    async def strict(exchange):
        body = exchange.body
        if "stream_options" in body:
            word = {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs"}]}
            return await exchange.json(word, "422 Unprocessable Entity")
        if "max_tokens" in body:
            word = "Unsupported parameter: 'max_tokens' is not supported with this model."
            return await exchange.json({"error": {"message": word}}, "400 Bad Request")
        if body["messages"][0]["role"] == "system":
            word = {"object": "error", "message": "System role not supported", "code": 400}
            return await exchange.json(word, "400 Bad Request")
        await exchange.reply()

    async with served(strict, retries=0) as (server, member):
        assert [await said(member, [SYSTEM, *ASKED]) for _ in range(2)] == [SAID, SAID]

    assert len(server.asked) == 5 and server.asked[-1]["max_completion_tokens"] == 16
    assert server.asked[-1]["messages"] == [{"role": "user", "content": "Be kind.\n\nHi"}]


async def test_a_conversation_that_is_too_long_is_cut_or_told_clearly():
    words = "This model's maximum context length is 100 tokens. However, you requested more."
    small = refuses(lambda body: sum(len(m["content"]) for m in body["messages"]) >= 400, words)
    turn = [Message("user", "x" * 90), Message("assistant", "y" * 90)]
    history = [SYSTEM, *turn * 9, Message("user", "And?")]

    async with served(small) as (plain, member), opened(plain, window=150) as cut:
        with pytest.raises(TooLong, match=r"too long for it: give it a .*`window`"):
            await reply(member, history)
        assert (len(plain.asked), member.down) == (1, None)
        usage = (await reply(cut, history))[-1].usage
    async with served(small, models=({"id": "m", "max_model_len": 150},)) as (telling, member):
        assert (await reply(member, history))[-1].usage == usage

    kept = [m["content"] for m in telling.asked[0]["messages"]]
    assert 0 < usage.cut_turns < 9 and kept[0] == "Be kind." and kept[-1] == "And?"


async def test_what_a_server_finds_too_long_is_the_askers_to_mend():
    words = "This model's maximum context length is 128 tokens, your messages have 400"
    async with served(refuses(lambda body: True, words)) as (_, member):
        async with aclosing(Blend("b", [member], Uniform()).reply(Conversation().ask("Hi"))) as on:
            turn = [turn async for turn in on][-1]
        assert turn.refused and turn.error == TooLong.sentence and member.down is None


@pytest.mark.parametrize(
    ("models", "asked"), [([{"id": "m"}], [5_000, 16]), ([{"id": "m", "max_model_len": 100}], [92])]
)
async def test_more_tokens_than_fit_are_cut_to_what_fits(models, asked):
    words = "This model's maximum context length is 128 tokens. However, you requested 5000"
    narrow = refuses(lambda body: body["max_tokens"] > 100, words)
    async with served(narrow, models=models) as (server, member):
        assert await said(member, sampling=Sampling(max_tokens=5_000)) == SAID
    assert [body["max_tokens"] for body in server.asked] == asked


async def test_a_system_message_alone_becomes_a_users_where_the_server_wants_one():
    words = "Conversation roles must alternate user/assistant"
    picky = refuses(lambda body: body["messages"][0]["role"] == "system", words)
    async with served(picky) as (server, member):
        assert await said(member, [SYSTEM]) == SAID
    assert [[m["role"] for m in a["messages"]] for a in server.asked] == [["system"], ["user"]]
