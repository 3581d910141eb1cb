"""A remote member against servers that fail in every way, and against a real one."""

import asyncio
import logging
import os
import random
import subprocess
import sys
import time
import traceback
import urllib.request
from contextlib import aclosing, asynccontextmanager
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from conftest import ROOT, free_port
from openai_server import WORDS, Server, replies, serving

from blend.conversation import Conversation, Message
from blend.engine import NO_REPLY, Blend
from blend.members import MemberDown, MemberError, MemberTimeout, Sampling, SamplingError
from blend.members.http.address import Address, Timeouts
from blend.members.remote import Remote
from blend.members.scripted import Scripted
from blend.policy import Uniform

ASKED = [Message("user", "Hi")]
SAID = "".join(WORDS)
PLAIN = Sampling(max_tokens=16)


@asynccontextmanager
async def opened(*servers, sampling=PLAIN, **options):
    timeouts = Timeouts(**options.pop("timeouts", {}))
    urls = tuple(getattr(server, "url", server) for server in servers)
    address = Address(urls, timeouts=timeouts, **options)
    member = await asyncio.to_thread(Remote.load, "far", "m", sampling, address)
    try:
        yield member
    finally:
        await member.aclose()


async def reply(member, messages=ASKED, sampling=PLAIN):
    async with aclosing(member.stream(messages, sampling)) as pieces:
        return [piece async for piece in pieces]


async def broken(member, kind=MemberError, match=None):
    """What was said before the error that must come, and the error."""
    said = []
    with pytest.raises(kind, match=match) as failure:
        async with aclosing(member.stream(ASKED, PLAIN)) as pieces:
            async for piece in pieces:
                said.append(piece)
    return "".join(said), failure.value


async def soon(true, within=3.0):
    until = time.monotonic() + within
    while not true():
        assert time.monotonic() < until, "it did not happen"
        await asyncio.sleep(0.01)


async def silent(exchange):
    await asyncio.sleep(30)


async def drops(exchange):
    exchange.kill()


async def dies(exchange):
    await exchange.head()
    await exchange.word("Once upon")
    exchange.kill()


async def fails(exchange):
    await exchange.json({"error": {"message": "boom"}}, "500 Internal Server Error")


def at_first(bad, good=replies):
    """Answers the first request with one behaviour and all others with another."""

    async def answer(exchange):
        await (bad if len(exchange.server.asked) == 1 else good)(exchange)

    return answer


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


def test_a_server_that_is_not_there_makes_the_member_down_until_it_is():
    async def talk():
        port, server = free_port(), Server(replies)
        async with opened(f"http://127.0.0.1:{port}/v1") as member:
            reason = member.down
            with pytest.raises(MemberDown, match="nothing answers"):
                await reply(member)
            await server.open(port)
            await soon(lambda: member.down is None)
            said = "".join(await reply(member))
            await server.close()
            return reason, said

    reason, said = asyncio.run(talk())
    assert "nothing answers" in reason and "127.0.0.1" not in reason and said == SAID


def test_a_server_that_goes_away_is_an_error_at_once_and_is_found_again():
    async def talk():
        async with serving(replies) as server, opened(server, retries=1) as member:
            await reply(member)
            await server.close()
            began = time.monotonic()
            await broken(member, MemberDown, "nothing answers")
            took, down = time.monotonic() - began, member.down
            await server.open(server.port)
            await soon(lambda: member.down is None, 6.0)
            return took, down, "".join(await reply(member))

    took, down, said = asyncio.run(talk())
    assert took < 2 and down and said == SAID


def test_a_server_killed_in_mid_stream_ends_the_reply_and_is_not_asked_again():
    async def talk():
        async with serving(dies) as server, opened(server) as member:
            said, error = await broken(member, MemberDown, "the connection broke")
            return said, len(server.asked), bool(member.down), member.running, str(error)

    said, asked, down, running, error = asyncio.run(talk())
    assert (said, asked, down, running) == ("Once upon", 1, True, 0)
    assert error.startswith("far: ")


def test_a_reply_without_an_end_is_broken_off():
    async def stops_short(exchange):
        await exchange.head()
        await exchange.word("Once")

    async def talk():
        async with serving(stops_short) as server, opened(server) as member:
            return (await broken(member, match="broke off"))[0], len(server.asked)

    assert asyncio.run(talk()) == ("Once", 1)


def test_a_server_that_is_slow_to_the_first_byte_is_left_for_another():
    async def talk():
        async with serving(silent, silent, replies) as (one, two, well):
            limits = {"first_token": 1.0}
            async with opened(one, timeouts=limits) as member:
                began = time.monotonic()
                _, error = await broken(member, MemberTimeout, "no first token for 1 s")
                alone = time.monotonic() - began, len(one.asked), error.member
            async with opened(two, well, timeouts=limits) as member:
                said = {"".join(await reply(member, [Message("user", str(n))])) for n in range(4)}
                return alone, said, len(two.asked), len(well.asked)

    (took, asked, name), said, slow, well = asyncio.run(talk())
    assert 0.9 < took < 5 and (asked, name) == (1, "far")
    assert said == {SAID} and slow <= 1 and well == 4


def test_a_server_that_falls_silent_between_two_pieces_is_given_up():
    async def stalls(exchange):
        await exchange.head()
        await exchange.word("Well")
        await asyncio.sleep(30)

    async def talk():
        limits = {"between_tokens": 0.2}
        async with serving(stalls) as server, opened(server, timeouts=limits) as member:
            said, _ = await broken(member, MemberTimeout, "silent in the middle")
            await soon(lambda: server.live == 0)
            return said, len(server.asked)

    assert asyncio.run(talk()) == ("Well", 1)


def test_a_reply_that_drips_has_an_end():
    async def drips(exchange):
        await exchange.reply(["x"] * 1000, pace=0.05)

    async def talk():
        async with serving(drips) as server, opened(server, timeouts={"reply": 0.5}) as member:
            began = time.monotonic()
            said, _ = await broken(member, MemberTimeout, r"more than 0\.5 s")
            return len(said), time.monotonic() - began, member.down

    letters, took, down = asyncio.run(talk())
    assert 3 < letters < 12 and took < 1 and down is None


GARBAGE = {
    "no JSON": "data: {{{{\n\n",
    "null": "data: null\n\n",
    "a number": "data: 5\n\n",
    "another object": 'data: {"hello": 1}\n\n',
    "odd types": 'data: {"choices": [{"index": 0, "delta": {"content": {"a": 1}}}]}\n\n',
    "bytes": "\x00\x01\ufffd\ufffd\n\n\n",
    "an error": 'data: {"error": {"message": "CUDA error", "code": 500}}\n\n',
    "a web page": "<html><body>Welcome!</body></html>",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_asked_again_before_the_first_token_and_an_error_after_it(garbage):
    async def spits(exchange):
        await exchange.head()
        await exchange.raw(garbage)

    async def turns(exchange):
        await exchange.head()
        await exchange.word("Well")
        await exchange.raw(garbage)

    async def talk():
        async with serving(at_first(spits), turns) as (mended, spoilt):
            async with opened(mended) as member:
                first = "".join(await reply(member)), len(mended.asked)
            async with opened(spoilt) as member:
                said, error = await broken(member)
                return first, (said, len(spoilt.asked)), str(error)

    first, second, error = asyncio.run(talk())
    assert first == (SAID, 2) and second == ("Well", 1)
    assert error.startswith("far: ") and "\n" not in error


def test_tries_are_bounded_and_wait_longer_each_time():
    moments = []

    async def timed(exchange):
        moments.append(time.monotonic())
        await fails(exchange)

    async def talk():
        async with serving(timed) as server, opened(server, retries=2) as member:
            await broken(member, match=r"the server failed \(500\): boom")

    asyncio.run(talk())
    first, second = (b - a for a, b in pairwise(moments))
    assert len(moments) == 3 and first < 2 and 0.2 < second < 4


@pytest.mark.parametrize("bad", [fails, drops], ids=["500", "dropped"])
def test_a_failure_before_the_first_token_is_mended_by_asking_again(bad):
    async def talk():
        async with serving(at_first(bad)) as server, opened(server) as member:
            return "".join(await reply(member)), len(server.asked), member.down

    assert asyncio.run(talk()) == (SAID, 2, None)


def test_a_busy_server_is_left_alone_for_as_long_as_it_says():
    def busy(seconds):
        async def answer(exchange):
            error = {"error": {"message": "Slow down"}}
            await exchange.json(error, "429 Too Many Requests", Retry_After=seconds)

        return answer

    async def talk():
        async with serving(at_first(busy("0.5")), busy("100")) as (short, long):
            async with opened(short) as member:
                began = time.monotonic()
                said = "".join(await reply(member))
                took = time.monotonic() - began
            async with opened(long) as member:
                began = time.monotonic()
                await broken(member, MemberDown, r"busy \(429\): Slow down")
                given_up = time.monotonic() - began
                await asyncio.sleep(1.2)  # a server that only failed would be back by now
                return said, took, given_up, len(long.asked), member.down

    said, took, given_up, asked, down = asyncio.run(talk())
    assert said == SAID and 0.45 < took < 1.5
    assert given_up < 0.5 and asked == 1 and "busy" in down


def test_the_least_busy_server_is_asked():
    async def slowly(exchange):
        await exchange.reply(pace=0.05)

    async def talk():
        async with serving(slowly, slowly) as servers, opened(*servers) as member:
            replies = (reply(member, [Message("user", str(n))]) for n in range(12))
            said = {"".join(pieces) for pieces in await asyncio.gather(*replies)}
            return said, [len(server.asked) for server in servers], member.peak

    assert asyncio.run(talk()) == ({SAID}, [6, 6], 12)


def test_a_conversation_goes_to_the_server_that_knows_it():
    async def talk():
        async with serving(replies, replies, replies) as servers, opened(*servers) as member:
            for _ in range(5):
                await reply(member)
            return sorted(len(server.asked) for server in servers)

    assert asyncio.run(talk()) == [0, 0, 5]


def test_a_server_that_fails_rests_while_the_others_work_and_comes_back():
    broken_down = True

    async def at_times(exchange):
        await (fails if broken_down else replies)(exchange)

    async def talk():
        nonlocal broken_down
        async with serving(at_times, replies) as (bad, good), opened(bad, good) as member:
            asked = [[Message("user", str(n))] for n in range(12)]
            said = {"".join(await reply(member, messages)) for messages in asked}
            while_down, down = (len(bad.asked), len(good.asked)), member.down
            broken_down = False
            await soon(lambda: bad.looks > 1)
            await asyncio.sleep(0.05)
            for messages in asked:
                await reply(member, messages)
            return said, while_down, down, len(bad.asked)

    said, while_down, down, after = asyncio.run(talk())
    assert said == {SAID} and down is None
    assert while_down == (1, 12) and after > 1


@pytest.mark.parametrize("answer", [silent, lambda e: e.reply(["x"] * 999, 0.02)], ids=str)
def test_leaving_closes_the_connection_at_once(answer):
    async def talk():
        async with serving(answer) as server, opened(server) as member:
            task = asyncio.create_task(reply(member))
            await soon(lambda: server.live == 1)
            await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await soon(lambda: server.live == 0, 0.5)
            return task.cancelled(), member.running, member.down

    assert asyncio.run(talk()) == (True, 0, None)


def test_two_hundred_conversations_cancelled_at_random_leave_nothing_behind():
    rng = random.Random(4)

    async def slowly(exchange):
        await exchange.reply(pace=0.02)

    async def leave(member, n):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(rng.uniform(0, 0.09)):
                await reply(member, [Message("user", str(n))])

    async def talk():
        async with serving(slowly, slowly) as servers, opened(*servers) as member:
            await asyncio.gather(*(reply(member) for _ in range(50)))
            tasks, memory = len(asyncio.all_tasks()), this.memory_info().rss
            for wave in range(4):
                await asyncio.gather(*(leave(member, 50 * wave + n) for n in range(50)))
            await soon(lambda: sum(server.live for server in servers) == 0)
            await soon(lambda: len(asyncio.all_tasks()) <= tasks)
            assert this.memory_info().rss < 1.05 * memory
            busy = [server.asked for server in member._servers._all]
            return busy, member.running, member.down, "".join(await reply(member))

    this = psutil.Process()
    assert asyncio.run(talk()) == ([0, 0], 0, None, SAID)


def test_closing_ends_what_streams_on_any_loop():
    async def talk():
        async with serving(silent) as server, opened(server) as member:

            def elsewhere():
                asyncio.run(broken(member, MemberDown, "closed"))

            waiting = asyncio.create_task(asyncio.to_thread(elsewhere))
            here = asyncio.create_task(broken(member, MemberDown, "closed"))
            await soon(lambda: server.live == 2)
            await member.aclose()
            await member.aclose()
            await asyncio.wait_for(asyncio.gather(waiting, here), 2)
            with pytest.raises(MemberDown, match="closed"):
                await reply(member)
            return member.down, member.running

    assert asyncio.run(talk()) == ("it was closed", 0)


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


def test_a_key_that_is_not_set_is_an_error_at_load(monkeypatch):
    monkeypatch.delenv("FAR_KEY", raising=False)
    address = Address(("http://127.0.0.1:9/v1",), api_key_env="FAR_KEY")

    with pytest.raises(MemberError, match="far: set the environment variable FAR_KEY"):
        Remote.load("far", "m", PLAIN, address)


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


@pytest.fixture(scope="module")
def transformers_serve(tmp_path_factory):
    """`transformers serve` on an embedded member: its URL and the model's name there."""
    model, port = str(ROOT / "assets" / "models" / "smalltalk"), free_port()
    cache = tmp_path_factory.mktemp("hub")
    command = [Path(sys.executable).parent / "transformers", "serve", model, "--device", "cpu"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    offline = {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    log = (cache / "log").open("w")
    process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | offline)
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + 180
    try:
        while True:
            try:
                urllib.request.urlopen(f"{url}/health", timeout=5).close()
                break
            except OSError:
                gone = process.poll() is not None or time.monotonic() > until
                assert not gone, (cache / "log").read_text()
                time.sleep(0.1)
        yield f"{url}/v1", model
    finally:
        process.kill()
        process.wait(10)
        log.close()


def test_a_real_server_says_what_the_model_says(transformers_serve):
    from blend.members.generate import Generate

    url, model = transformers_serve
    greedy = Sampling(temperature=0.0, max_tokens=16)
    history = [
        Message("user", "Hi! What do you do for fun?"),
        Message("assistant", "I like to read books."),
        Message("user", "What books do you like?"),
    ]

    async def talk():
        near = await asyncio.to_thread(Generate.load, "near", model, greedy, device="cpu")
        address = Address((url,), timeouts=Timeouts(first_token=90, between_tokens=60))
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
    usage, model_usage = pieces[-1].usage, expected[-1].usage
    assert usage.prompt_tokens == model_usage.prompt_tokens and usage.completion_tokens > 5
    assert usage.finish == model_usage.finish
