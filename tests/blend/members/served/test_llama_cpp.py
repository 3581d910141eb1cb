"""A GGUF file under llama.cpp: what it says, honours and remembers."""

import asyncio
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from app_process import ROOT
from best_of_n import Longest, best
from llama_member import GREEDY, HELLO, SMALLTALK, heard, said, usage

from blend.members import Sampling, TooLong
from blend.message import Message


def test_a_greedy_reply_is_the_same_every_time_and_counted(member):
    first, again = (asyncio.run(heard(member)) for _ in range(2))

    assert "".join(first) == "".join(again) and len("".join(first)) > 8
    told = first[-1].usage
    assert told.finish in ("stop", "length") and 0 < told.completion_tokens <= 24
    assert told.prompt_tokens == len(member.template.prompt(HELLO, 24).ids)


def test_neither_torch_nor_transformers_is_imported_for_it():
    code = (
        "import sys; from blend.members.served.llama_cpp import LlamaCpp;"
        f"from blend.members import Sampling; import asyncio; m = LlamaCpp.load('m', {SMALLTALK!r},"
        " Sampling(), window=256); asyncio.run(m.aclose());"
        "print({'torch', 'transformers', 'openai', 'xllamacpp'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "asked", [{"top_k": 1}, {"top_p": 1e-6}, {"min_p": 1.0}, {"temperature": 0.001}], ids=[*"kpmt"]
)
def test_what_leaves_one_token_is_greedy(member, asked):
    assert said(member, sampling=Sampling(max_tokens=24, **asked)) == said(member)


def test_a_seed_repeats_a_reply_and_another_changes_it(member):
    hot = Sampling(temperature=1.5, max_tokens=24, seed=7)
    replies = [said(member, sampling=replace(hot, seed=seed)) for seed in (7, 7, 8, None, None)]
    assert replies[0] == replies[1] and len({*replies[1:]}) == 4


def test_a_repetition_penalty_changes_what_is_said_again(member):
    again = (Message("user", "Say it again and again: the the the the the the the"),)
    assert said(member, again) != said(member, again, replace(GREEDY, repetition_penalty=1.8))


def test_a_stop_string_or_max_tokens_end_a_reply(member):
    whole = said(member)
    stop = whole[6:9]

    pieces = asyncio.run(heard(member, sampling=replace(GREEDY, stop=(stop,))))
    short = usage(member, sampling=replace(GREEDY, max_tokens=2))

    assert "".join(pieces) == whole[: whole.index(stop)]
    assert pieces[-1].usage.finish == "stop"
    assert (short.completion_tokens, short.finish) == (2, "length")


def test_a_reply_that_was_begun_is_gone_on_with_and_a_system_message_alone_is_answered(member):
    assert said(member, (*HELLO, Message("assistant", "I like")))[:1] == " "
    assert said(member, (Message("system", "You like films."),))


def test_characters_come_whole(member):
    pieces = asyncio.run(heard(member, (Message("user", "Grüße 😀 日本"),), Sampling(seed=1)))
    assert not any("\ufffd" in piece for piece in pieces)


def test_the_next_turn_finds_the_history_that_was_read_ahead(member):
    history = (*HELLO, Message("assistant", "I read a lot of books about the sea, and you?"))
    asyncio.run(member.warm(history))

    told = usage(member, (*history, Message("user", "So do I")))

    assert told.cached_tokens >= len(member.template.prefix(history, 24).ids) - 1 > 20


def test_a_programs_request_neither_finds_nor_leaves_a_cache(member):
    asked = (Message("user", "Nobody but a program asks of this long and winding road today"),)

    first, again = (usage(member, asked, scope="program x") for _ in range(2))
    page = usage(member, asked)

    assert (first.cached_tokens, again.cached_tokens) == (0, 0)
    assert page.cached_tokens < 5 < 10 < usage(member, asked).cached_tokens  # what all begin with


def test_a_reply_that_is_left_frees_its_slot_within_a_second(endless):
    long = Sampling(temperature=1.0, max_tokens=900)

    async def leave() -> float:
        await asyncio.gather(*(heard(endless, sampling=long, most=2) for _ in range(8)))
        start = time.monotonic()
        await heard(endless, sampling=replace(long, max_tokens=1))
        return time.monotonic() - start

    assert asyncio.run(leave()) < 1.5


def test_a_message_is_measured_and_one_that_does_not_fit_is_refused(member):
    short, long = (
        member.measure((Message("user", text),), 24) for text in ("Hello you", "a b c " * 900)
    )
    assert 0 < short.tokens < 6 and short.room > 900 and long.tokens > long.room
    with pytest.raises(TooLong):
        said(member, (Message("user", "a b c " * 900),))


def test_the_best_of_several_candidates_is_its_reply(member):
    judge = Longest()
    sampling = Sampling(temperature=1.2, max_tokens=24, seed=5)

    told = asyncio.run(heard(best(member, judge=judge), sampling=sampling))

    ((_, read),) = judge.judged
    assert len({*read}) == 3 and "".join(told) == max(read, key=len)
    assert told[-1].usage.completion_tokens > 24


def test_a_marker_of_thoughts_that_is_a_special_token_is_written_out(member):
    ((marker, _),) = member.process.client.tokenize("<|assistant|>", True)
    forced = {"n_predict": 2, "temperature": 0.0, "logit_bias": [[marker, 100.0]]}

    async def written(preserved):
        asked = forced | {"preserved_tokens": preserved}
        events = member._events(member.template.prompt(HELLO, 24).ids, asked)
        return "".join([e["content"] async for some in events for e in some])

    assert asyncio.run(written([])) == ""
    assert asyncio.run(written(["<|assistant|>"])).startswith("<|assistant|>")
