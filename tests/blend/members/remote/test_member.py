"""A remote member: what it sends, what it makes of what comes, and the same of a real server."""

import asyncio
import logging
import shlex
import traceback
from contextlib import aclosing

import pytest
from fake_openai import WORDS, replies, serving
from remote_member import (
    ASKED,
    PLAIN,
    SAID,
    broken,
    dies,
    fails,
    opened,
    refuses,
    reply,
    said,
    served,
    soon,
)

from blend.conversation import Conversation, Message
from blend.engine import Blend
from blend.members import (
    MemberDown,
    MemberError,
    NoContinuation,
    Sampling,
    SamplingError,
    TooLong,
)
from blend.members.growth import NO_REPLY
from blend.members.remote.address import Address, Timeouts
from blend.members.remote.member import Remote
from blend.members.scripted import Scripted
from blend.members.served.serve import ServeCommand
from blend.policies.policy import Uniform

pytestmark = pytest.mark.anyio
KEY = "sk-secret-123"
BEGUN = [*ASKED, Message("assistant", "Well,")]
SYSTEM = Message("system", "Be kind.")


async def test_a_reply_comes_in_pieces_with_its_counts():
    history = [SYSTEM, *ASKED, Message("assistant", "Said by another."), Message("user", "And?")]
    sampling = Sampling(temperature=0.2, top_p=0.9, max_tokens=9, stop=("\n",), seed=4)

    async with served(replies) as (server, member):
        pieces = await reply(member, history, sampling)
        assert (member.down, member.running, member.peak) == (None, 0, 1)

    assert tuple(filter(None, pieces)) == WORDS
    usage = pieces[-1].usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens) == (11, 4, 7)
    assert usage.finish == "stop" and pieces[0].usage.finish == ""
    assert server.asked == [
        {
            "model": "m",
            "messages": [{"role": m.role, "content": m.text} for m in history],
            "temperature": 0.2,
            "top_p": 0.9,
            "max_tokens": 9,
            "stop": ["\n"],
            "seed": 4,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]


async def test_a_server_that_tells_no_counts_has_its_pieces_counted():
    async with served(lambda e: e.reply(usage=False, reason="length")) as (_, member):
        usage = (await reply(member))[-1].usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.finish) == (0, 5, "length")


async def test_a_stop_string_ends_the_reply_even_where_the_server_leaves_it_in():
    async with served(replies) as (server, member):
        pieces = await reply(member, sampling=Sampling(stop=("re, fr",)))
        await soon(lambda: server.live == 0)
    assert ("".join(pieces), pieces[-1].usage.finish) == ("Hello the", "stop")


async def test_settings_that_openai_lacks_go_only_where_the_roster_says_so():
    wished = Sampling(temperature=0.5, top_k=20, repetition_penalty=1.1, seed=3)
    extra = frozenset({"top_k", "repetition_penalty"})

    async with serving(replies) as server:
        with pytest.raises(SamplingError, match=r"repetition_penalty .* name it in `extra`"):
            await opened(server, sampling=wished).__aenter__()
        async with opened(server, sampling=wished, extra=extra) as member:
            await reply(member, sampling=wished)
            await reply(member)
            with pytest.raises(SamplingError, match="min_p"):
                await reply(member, sampling=Sampling(min_p=0.1))

    told, neutral = [{k: asked.get(k) for k in (*extra, "seed")} for asked in server.asked]
    assert told == {"top_k": 20, "repetition_penalty": 1.1, "seed": 3}
    assert neutral == {"top_k": -1, "repetition_penalty": 1.0, "seed": None}


async def test_the_key_is_shown_to_the_server_and_to_nobody_else(monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("FAR_KEY", f" {KEY}\n")

    async def echoes(exchange):
        word = {"error": {"message": f"bad: {exchange.headers['authorization']}"}}
        status = ("401 Unauthorized", "500 Oops")[len(exchange.server.asked) % 2]
        await exchange.json(word, status)

    async with served(echoes, api_key_env="FAR_KEY", retries=0) as (server, member):
        _, first = await broken(member)
        await soon(lambda: member.down is None)
        _, second = await broken(member, MemberDown, r"refuses the key .* FAR_KEY")

    assert server.headers[0]["authorization"] == f"Bearer {KEY}" and "***" in str(first)
    told = "".join("".join(traceback.format_exception(error)) for error in (first, second))
    assert "sk-secret" not in told + caplog.text + repr(vars(member)) and caplog.records


async def test_no_half_of_the_key_is_left_where_a_servers_words_are_cut(monkeypatch):
    monkeypatch.setenv("FAR_KEY", KEY)
    wordy = refuses(lambda body: True, f"{'x' * 290} {KEY} {'y' * 9_000}", "500 Oops")
    async with served(wordy, api_key_env="FAR_KEY", retries=0) as (_, member):
        error = str((await broken(member))[1])
    assert "***" in error and "sk-" not in error and len(error) < 400


@pytest.mark.parametrize(
    ("key", "mend"),
    [
        (None, "set the environment variable FAR_KEY"),
        ("  ", "set the environment variable FAR_KEY"),
        ("sk-\nsecret", "FAR_KEY holds signs that no key has"),
        ("sk-s\u0435cret", "FAR_KEY holds signs that no key has"),
    ],
)
def test_a_key_that_is_none_is_an_error_at_load(monkeypatch, key, mend):
    monkeypatch.delenv("FAR_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("FAR_KEY", key)
    address = Address(("http://127.0.0.1:9/v1",), api_key_env="FAR_KEY")
    with pytest.raises(MemberError, match=f"far: {mend}") as failure:
        Remote.load("far", "m", PLAIN, address)
    assert "secret" not in str(failure.value)


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


async def test_warming_asks_for_one_token_only_where_the_roster_says_so():
    async with serving(replies) as one, opened(one) as cold, opened(one, warm=True) as warm:
        await cold.warm(ASKED)
        await warm.warm([])
        await warm.warm([*ASKED, Message("assistant", "Hello")])
    (asked,) = one.asked
    assert asked["max_tokens"] == 1 and "continue_final_message" not in asked


async def test_two_event_loops_may_use_one_member():
    async with served(replies) as (_, member):

        async def twice():
            heard = [await said(member) for _ in range(2)]
            for client in member._client._clients[asyncio.get_running_loop()].values():
                await client.close()
            return heard

        apart = (asyncio.to_thread(asyncio.run, twice()) for _ in range(2))
        assert await asyncio.gather(*apart) == [[SAID, SAID]] * 2


async def test_a_blend_draws_anew_where_a_server_fails_and_ends_where_it_dies():
    async def last(blend):
        return [turn async for turn in blend.reply(Conversation().ask("Hi"))][-1]

    async with (
        serving(fails, dies) as (failing, dying),
        opened(failing, retries=0) as far,
        opened(dying) as mortal,
    ):
        blend = Blend("b", [far, Scripted("near", ["I am here."])], Uniform())
        turns = [await last(blend) for _ in range(8)]
        alone = Blend("alone", [mortal], Uniform())
        broke, none = await last(alone), await last(alone)

    assert {turn.reply for turn in turns} == {"I am here."} and all(t.finished for t in turns)
    assert (broke.reply, broke.finished) == ("Once upon", False) and "broke off" in broke.error
    assert none.error == NO_REPLY


def test_the_digest_follows_the_model_and_not_the_host():
    def digest(model="m", revision=None, url="http://one/v1", **more):
        return Remote("far", model, PLAIN, Address((url,), **more), "none", revision).digest

    assert digest() == digest(url="http://two/v1", retries=5)
    others = digest("n"), digest(revision="2"), digest(thinking=True), digest(thinking=False)
    assert len({digest(), *others}) == 5


async def test_a_real_server_says_what_the_model_says(smalltalk, tmp_path, caplog):
    from blend.members.local.generate import Generate

    model = str(smalltalk)
    greedy = Sampling(temperature=0.0, max_tokens=16)
    history = [
        Message("user", "Hi! What do you do for fun?"),
        Message("assistant", "I like to read books."),
        Message("user", "What books do you like?"),
    ]
    command = shlex.split("transformers serve {model} --device cpu --port {port}")
    offline = {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(tmp_path), "OMP_NUM_THREADS": "1"}
    limits = Timeouts(first_token=90, between_tokens=60)
    serve = ServeCommand(tuple(command), offline)
    address = Address((), serve=serve, timeouts=limits, thinking=False)

    near = await asyncio.to_thread(Generate.load, "near", model, greedy, device="cpu")
    far = await asyncio.to_thread(Remote.load, "far", model, greedy, address)
    expected, pieces = [await reply(m, history, greedy) for m in (near, far)]
    async with aclosing(far.stream(history, Sampling(max_tokens=500))) as left:
        await anext(left)
    two = await asyncio.gather(*(said(far, history, greedy) for _ in range(2)))
    await far.aclose()
    await near.aclose()

    assert {*two} == {"".join(pieces)} == {"".join(expected)} and len(pieces) > 5
    assert "asked without thinking" not in caplog.text
    usage, model_usage = pieces[-1].usage, expected[-1].usage
    assert usage.prompt_tokens == model_usage.prompt_tokens and usage.completion_tokens > 5
    assert usage.finish == model_usage.finish


async def test_another_scope_is_another_salt_and_a_server_that_knows_none_is_asked_without():
    strict = refuses(lambda body: "cache_salt" in body, "Unrecognized argument: cache_salt")
    for answer, salts in ((replies, [None, "s-1"]), (strict, [None, "s-1", None])):
        async with served(answer) as (server, member):
            assert [await said(member, scope=scope) for scope in ("", "s-1")] == [SAID, SAID]
        assert [asked.get("cache_salt") for asked in server.asked] == salts


async def test_a_server_is_asked_to_go_on_with_a_reply_in_its_own_words():
    async with served(lambda e: e.reply([" my", " friend"])) as (server, member):
        assert await said(member, BEGUN) == " my friend"
    (asked,) = server.asked
    assert asked["messages"][-1]["content"] == "Well,"
    assert asked["continue_final_message"] and asked["add_generation_prompt"] is False


async def test_a_server_that_cannot_go_on_with_a_reply_says_so_and_stays_well():
    words = "Unknown parameter: 'continue_final_message'."
    async with served(refuses(lambda body: "continue_final_message" in body, words)) as (_, member):
        with pytest.raises(NoContinuation):
            await reply(member, BEGUN)
        assert await said(member) == SAID


async def test_a_system_message_alone_becomes_a_users_where_the_server_wants_one():
    words = "Conversation roles must alternate user/assistant"
    picky = refuses(lambda body: body["messages"][0]["role"] == "system", words)
    async with served(picky) as (server, member):
        assert await said(member, [SYSTEM]) == SAID
    assert [[m["role"] for m in a["messages"]] for a in server.asked] == [["system"], ["user"]]
