"""A remote member: what it sends, what it makes of what comes, and the same of a real server."""

import asyncio
import logging
import shlex
import traceback
from contextlib import aclosing

import pytest
from far import (
    ASKED,
    PLAIN,
    SAID,
    broken,
    dies,
    fails,
    opened,
    reply,
    soon,
)
from openai_server import WORDS, replies, serving

from blend.conversation import Conversation, Message
from blend.engine import NO_REPLY, Blend
from blend.members import (
    MemberDown,
    MemberError,
    NoContinuation,
    Sampling,
    SamplingError,
    TooLong,
)
from blend.members.http.address import Address, Timeouts
from blend.members.remote import Remote
from blend.members.scripted import Scripted
from blend.members.served.serve import Serve
from blend.policy import Uniform


def test_a_reply_comes_in_pieces_with_its_counts():
    history = [
        Message("system", "Be kind."),
        Message("user", "Hi"),
        Message("assistant", "Said by another member."),
        Message("user", "And?"),
    ]

    async def talk():
        async with serving(replies) as server, opened(server) as member:
            pieces = await reply(member, history)
            return pieces, server.asked[0], member.down, member.running, member.peak

    pieces, asked, *state = asyncio.run(talk())

    assert tuple(filter(None, pieces)) == WORDS and state == [None, 0, 1]
    assert asked["messages"] == [{"role": m.role, "content": m.text} for m in history]
    usage = pieces[-1].usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens) == (11, 4, 7)
    assert usage.finish == "stop" and pieces[0].usage.finish == ""


def test_a_server_that_tells_no_counts_has_its_pieces_counted():
    async def bare(exchange):
        await exchange.reply(usage=False, reason="length")

    async def talk():
        async with serving(bare) as server, opened(server) as member:
            return (await reply(member))[-1].usage

    usage = asyncio.run(talk())
    assert (usage.prompt_tokens, usage.completion_tokens, usage.finish) == (0, 5, "length")


def test_a_stop_string_ends_the_reply_even_where_the_server_leaves_it_in():
    async def talk():
        async with serving(replies) as server, opened(server) as member:
            pieces = await reply(member, sampling=Sampling(stop=("re, fr",)))
            await soon(lambda: server.live == 0)
            return "".join(pieces), pieces[-1].usage.finish, server.asked[0]["stop"]

    assert asyncio.run(talk()) == ("Hello the", "stop", ["re, fr"])


def test_settings_that_openai_lacks_go_only_where_the_roster_says_so():
    wished = Sampling(temperature=0.5, top_k=20, repetition_penalty=1.1, seed=3)
    extra = frozenset({"top_k", "repetition_penalty"})

    async def talk():
        async with serving(replies) as server:
            with pytest.raises(SamplingError, match=r"repetition_penalty .* name it in `extra`"):
                await opened(server, sampling=wished).__aenter__()
            async with opened(server, sampling=wished, extra=extra) as member:
                await reply(member, sampling=wished)
                await reply(member)
                with pytest.raises(SamplingError, match="min_p"):
                    await reply(member, sampling=Sampling(min_p=0.1))
            return [{k: asked.get(k) for k in (*extra, "seed")} for asked in server.asked]

    told, neutral = asyncio.run(talk())
    assert told == {"top_k": 20, "repetition_penalty": 1.1, "seed": 3}
    assert neutral == {"top_k": -1, "repetition_penalty": 1.0, "seed": None}


def test_the_key_is_shown_to_the_server_and_to_nobody_else(monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("FAR_KEY", "sk-secret-123")

    async def echoes(exchange):
        word = {"error": {"message": f"bad: {exchange.headers['authorization']}"}}
        status = ("401 Unauthorized", "500 Oops")[len(exchange.server.asked) % 2]
        await exchange.json(word, status)

    async def talk():
        options = {"api_key_env": "FAR_KEY", "retries": 0}
        async with serving(echoes) as server, opened(server, **options) as member:
            _, first = await broken(member)
            await soon(lambda: member.down is None)
            _, second = await broken(member, MemberDown, r"refuses the key .* FAR_KEY")
            return first, second, server.headers[0]["authorization"], repr(vars(member))

    first, second, shown, inside = asyncio.run(talk())

    assert shown == "Bearer sk-secret-123" and "***" in str(first)
    told = "".join("".join(traceback.format_exception(error)) for error in (first, second))
    assert "sk-secret" not in told + caplog.text + inside and caplog.records


def test_no_half_of_the_key_is_left_where_a_servers_words_are_cut(monkeypatch):
    monkeypatch.setenv("FAR_KEY", "sk-secret-123")

    async def wordy(exchange):
        word = {"error": {"message": "x" * 290 + " sk-secret-123" + " y" * 9_000}}
        await exchange.json(word, "500 Oops")

    async def talk():
        async with serving(wordy) as server, opened(server, api_key_env="FAR_KEY") as member:
            return str((await broken(member))[1])

    error = asyncio.run(talk())
    assert "***" in error and "sk-" not in error and len(error) < 400


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (None, "set the environment variable FAR_KEY"),
        ("  ", "set the environment variable FAR_KEY"),
        ("sk-\nsecret", "FAR_KEY holds signs that no key has"),
        ("sk-s\u0435cret", "FAR_KEY holds signs that no key has"),
    ],
)
def test_a_key_that_is_none_is_an_error_at_load(monkeypatch, key, said):
    monkeypatch.delenv("FAR_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("FAR_KEY", key)
    address = Address(("http://127.0.0.1:9/v1",), api_key_env="FAR_KEY")

    with pytest.raises(MemberError, match=f"far: {said}") as failure:
        Remote.load("far", "m", PLAIN, address)
    assert "secret" not in str(failure.value)


def test_what_a_server_refuses_is_left_out_from_then_on():
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

    history = [Message("system", "Be kind."), *ASKED]

    async def talk():
        async with serving(strict) as server, opened(server, retries=0) as member:
            said = ["".join(await reply(member, history)) for _ in range(2)]
            return said, len(server.asked), server.asked[-1]

    said, asked, last = asyncio.run(talk())
    assert said == [SAID, SAID] and asked == 5
    assert last["max_completion_tokens"] == 16
    assert last["messages"] == [{"role": "user", "content": "Be kind.\n\nHi"}]


def test_a_conversation_that_is_too_long_is_cut_or_told_clearly():
    async def small(exchange):
        if sum(len(m["content"]) for m in exchange.body["messages"]) < 400:
            return await exchange.reply()
        word = "This model's maximum context length is 100 tokens. However, you requested more."
        await exchange.json({"object": "error", "message": word, "code": 400}, "400 Bad Request")

    turn = [Message("user", "x" * 90), Message("assistant", "y" * 90)]
    history = [Message("system", "Be kind."), *turn * 9, Message("user", "And?")]

    async def talk():
        models = ({"id": "m", "max_model_len": 150},)
        async with serving(small) as plain, serving(small, models=models) as telling:
            async with opened(plain) as member:
                with pytest.raises(MemberError, match=r"too long for it: give it a .*`window`"):
                    await reply(member, history)
                refused = len(plain.asked), member.down
            async with opened(plain, window=150) as cut, opened(telling) as told:
                usages = [(await reply(member, history))[-1].usage for member in (cut, told)]
                return refused, usages, telling.asked[0]["messages"]

    refused, usages, messages = asyncio.run(talk())
    assert refused == (1, None)
    assert usages[0] == usages[1] and 0 < usages[0].cut_turns < 9
    assert [messages[0]["role"], messages[1]["role"], messages[-1]["content"]] == [
        "system",
        "user",
        "And?",
    ]


def test_warming_asks_for_one_token_only_where_the_roster_says_so():
    async def talk():
        async with serving(replies) as one, opened(one) as cold, opened(one, warm=True) as warm:
            await cold.warm(ASKED)
            await warm.warm([])
            await warm.warm([*ASKED, Message("assistant", "Hello")])
            return [asked["max_tokens"] for asked in one.asked]

    assert asyncio.run(talk()) == [1]


def test_two_event_loops_may_use_one_member():
    async def talk():
        async with serving(replies) as server, opened(server) as member:

            async def twice():
                said = ["".join(await reply(member)) for _ in range(2)]
                for client in member._client._clients[asyncio.get_running_loop()].values():
                    await client.close()
                return said

            apart = (asyncio.to_thread(asyncio.run, twice()) for _ in range(2))
            return await asyncio.gather(*apart)

    assert asyncio.run(talk()) == [[SAID, SAID]] * 2


def test_a_blend_draws_anew_where_a_server_fails_and_ends_where_it_dies():
    async def talk():
        async def last(blend):
            return [turn async for turn in blend.reply(Conversation().ask("Hi"))][-1]

        async with (
            serving(fails, dies) as (failing, dying),
            opened(failing, retries=0) as far,
            opened(dying) as mortal,
        ):
            blend = Blend("b", [far, Scripted("near", ["I am here."])], Uniform())
            alone = Blend("alone", [mortal], Uniform())
            turns = [await last(blend) for _ in range(8)]
            return turns, await last(alone), await last(alone)

    turns, broke, none = asyncio.run(talk())
    assert {turn.reply for turn in turns} == {"I am here."} and all(t.finished for t in turns)
    assert (broke.reply, broke.finished) == ("Once upon", False) and "broke off" in broke.error
    assert none.error == NO_REPLY


def test_the_digest_follows_the_model_and_not_the_host():
    def member(model="m", revision=None, url="http://one/v1", **more):
        return Remote("far", model, PLAIN, Address((url,), **more), "none", revision)

    first, moved, other, newer = (
        member(),
        member(url="http://two/v1", retries=5),
        member("n"),
        member(revision="2"),
    )
    assert first.digest == moved.digest and len({first.digest, other.digest, newer.digest}) == 3


def test_a_real_server_says_what_the_model_says(smalltalk, tmp_path, caplog):
    from blend.members.generate import Generate

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
    serve = Serve(tuple(command), offline)
    address = Address((), serve=serve, timeouts=limits, thinking=False)

    async def talk():
        near = await asyncio.to_thread(Generate.load, "near", model, greedy, device="cpu")
        far = await asyncio.to_thread(Remote.load, "far", model, greedy, address)
        expected, pieces = [await reply(m, history, greedy) for m in (near, far)]
        async with aclosing(far.stream(history, Sampling(max_tokens=500))) as left:
            await anext(left)
        two = await asyncio.gather(*(reply(far, history, greedy) for _ in range(2)))
        await far.aclose()
        await near.aclose()
        return expected, pieces, {"".join(said) for said in two}

    expected, pieces, two = asyncio.run(talk())

    assert two == {"".join(pieces)} == {"".join(expected)} and len(pieces) > 5
    assert "asked without thinking" not in caplog.text
    usage, model_usage = pieces[-1].usage, expected[-1].usage
    assert usage.prompt_tokens == model_usage.prompt_tokens and usage.completion_tokens > 5
    assert usage.finish == model_usage.finish


def refuses(key, said):
    """A server that refuses what has that key, and answers anything else."""

    async def answer(exchange):
        if key in exchange.body:
            status = "400 Bad Request"
            await exchange.json({"error": {"message": said, "type": "bad"}}, status)
        else:
            await exchange.reply()

    return answer


def test_another_scope_is_another_salt_and_a_server_that_knows_none_is_asked_without():
    async def talk():
        strict = refuses("cache_salt", "Unrecognized request argument supplied: cache_salt")
        async with serving(replies, strict) as servers:
            for server in servers:
                async with opened(server) as member:
                    await reply(member)
                    async with aclosing(member.stream(ASKED, PLAIN, "s-1")) as pieces:
                        assert "".join([piece async for piece in pieces]) == "".join(WORDS)
            return [[asked.get("cache_salt") for asked in s.asked] for s in servers]

    assert asyncio.run(talk()) == [[None, "s-1"], [None, "s-1", None]]


BEGUN = [*ASKED, Message("assistant", "Well,")]


def test_a_server_is_asked_to_go_on_with_a_reply_in_its_own_words():
    async def spaced(exchange):
        await exchange.reply([" my", " friend"])

    async def talk():
        async with serving(spaced) as server, opened(server) as member:
            return "".join(await reply(member, BEGUN)), server.asked[0]

    said, asked = asyncio.run(talk())
    assert said == " my friend" and asked["messages"][-1]["content"] == "Well,"
    assert asked["continue_final_message"] and asked["add_generation_prompt"] is False


def test_a_server_that_cannot_go_on_with_a_reply_says_so_and_stays_well():
    async def talk():
        strict = refuses("continue_final_message", "Unknown parameter: 'continue_final_message'.")
        async with serving(strict) as server, opened(server) as member:
            with pytest.raises(NoContinuation):
                await reply(member, BEGUN)
            return "".join(await reply(member)), len(server.asked)

    assert asyncio.run(talk()) == ("".join(WORDS), 2)


def test_a_system_message_alone_becomes_a_users_where_the_server_wants_one():
    async def talkative(exchange):
        if exchange.body["messages"][0]["role"] == "system":
            said = {"error": {"message": "Conversation roles must alternate user/assistant"}}
            await exchange.json(said, "400 Bad Request")
        else:
            await exchange.reply()

    async def talk():
        async with serving(talkative) as server, opened(server) as member:
            said = await reply(member, [Message("system", "Greet me.")])
            return "".join(said), [asked["messages"] for asked in server.asked]

    said, asked = asyncio.run(talk())
    assert said == "".join(WORDS)
    assert asked == [[{"role": role, "content": "Greet me."}] for role in ("system", "user")]


def test_more_tokens_than_fit_are_cut_to_what_fits():
    async def narrow(exchange):
        if exchange.body["max_tokens"] > 100:
            said = "This model's maximum context length is 128 tokens. However, you requested 5000"
            await exchange.json({"error": {"message": said}}, "400 Bad Request")
        else:
            await exchange.reply()

    async def talk(**options):
        async with serving(narrow, **options) as server, opened(server) as member:
            said = await reply(member, sampling=Sampling(max_tokens=5_000))
            return "".join(said), [asked["max_tokens"] for asked in server.asked]

    assert asyncio.run(talk()) == ("".join(WORDS), [5_000, 16])
    knows = asyncio.run(talk(models=[{"id": "m", "max_model_len": 100}]))
    assert knows == ("".join(WORDS), [92])


def test_what_a_server_finds_too_long_is_the_askers_to_mend():
    async def narrow(exchange):
        said = "This model's maximum context length is 128 tokens, your messages have 400"
        await exchange.json({"error": {"message": said}}, "400 Bad Request")

    async def talk():
        async with serving(narrow) as server, opened(server) as member:
            blend = Blend("far", [member], Uniform())
            async with aclosing(blend.reply(Conversation().ask("Hi"))) as turns:
                return [turn async for turn in turns][-1], member.down

    turn, down = asyncio.run(talk())
    assert turn.refused and turn.error == TooLong.sentence and down is None
