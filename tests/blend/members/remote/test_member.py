"""A remote member: what it sends, what it makes of what comes, and the same of a real server."""

import asyncio
import shlex
from contextlib import aclosing

import pytest
from fake_openai import WORDS, replies, serving
from remote_member import PLAIN, SAID, SYSTEM, dies, fails, opened, refuses, served
from replies import ASKED, reply, said
from waiting import soon_here

from blend.conversation import Conversation
from blend.engine import Blend
from blend.members import NoContinuation, Sampling, SamplingError
from blend.members.growth import NO_REPLY
from blend.members.remote.address import Address, Timeouts
from blend.members.remote.member import Remote
from blend.members.scripted import Scripted
from blend.members.served.serve import ServeCommand
from blend.message import Message
from blend.policies.policy import Uniform

pytestmark = pytest.mark.anyio
BEGUN = [*ASKED, Message("assistant", "Well,")]


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
        await soon_here(lambda: server.live == 0)
    assert ("".join(pieces), pieces[-1].usage.finish) == ("Hello the", "stop")


async def test_settings_that_openai_lacks_go_only_where_the_roster_says_so():
    wished = Sampling(temperature=0.5, top_k=20, repetition_penalty=1.1, seed=3)
    extra = frozenset({"top_k", "repetition_penalty"})

    async with serving(replies) as server:
        with pytest.raises(SamplingError, match=r"repetition_penalty .* name it in `extra`"):
            await opened(server, sampling=wished).__aenter__()
        async with opened(server, sampling=wished, extra=extra) as member:
            await reply(member)
            await reply(member, sampling=PLAIN)
            with pytest.raises(SamplingError, match="min_p"):
                await reply(member, sampling=Sampling(min_p=0.1))

    told, neutral = [{k: asked.get(k) for k in (*extra, "seed")} for asked in server.asked]
    assert told == {"top_k": 20, "repetition_penalty": 1.1, "seed": 3}
    assert neutral == {"top_k": -1, "repetition_penalty": 1.0, "seed": None}


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
