"""Plain decoding on real, tiny, random models: GPT-J, Mamba and Llama say what `generate` says."""

import asyncio
import json
import threading
from contextlib import aclosing
from dataclasses import replace

import pytest
from counted import Counted
from tiny import TEMPLATE

from blend.conversation import Message
from blend.members import MemberDown, MemberError, Piece, Sampling, SamplingError
from blend.members.generate import Generate
from tests.conftest import lasting

GREEDY = Sampling(temperature=0.0, max_tokens=16)
LONG = Sampling(temperature=0.0, max_tokens=400)
HOT = Sampling(temperature=1.5, max_tokens=24, seed=5)
KINDS = ("llama", "gptj", "mamba", "mistral")


def says(*texts):
    return [Message("assistant" if n % 2 else "user", text) for n, text in enumerate(texts)]


HISTORY = says("My dog likes the park. " * 12, "Hello there. " * 12)
ASKED = [*HISTORY, *says("And?")]


def load(folder, **options):
    options = {"device": "cpu", "threads": 1} | options
    return Generate.load("tiny", str(folder), options.pop("sampling", GREEDY), **options)


def plain(member, messages, sampling=GREEDY):
    """What transformers' own generate says to the same ids."""
    import torch

    ids = member.template.prompt(messages, sampling.max_tokens).ids
    out = member._decoder.model.generate(
        torch.tensor([ids]), max_new_tokens=sampling.max_tokens, do_sample=False
    )
    return shown(member.template.decode(out[0, len(ids) :].tolist()))


def shown(pieces):
    """A random model begins with spaces, and ends in halves of characters: three are held back."""
    return "".join(pieces).lstrip().rstrip("\ufffd")


def told(member, messages, sampling=GREEDY):
    """The reply and its last Usage, by the synchronous core."""
    pieces = list(member.pieces(messages, sampling))
    return shown(pieces), pieces[-1].usage


async def streamed(member, messages, sampling=GREEDY):
    async with aclosing(member.stream(messages, sampling)) as pieces:
        return [piece async for piece in pieces]


@pytest.mark.parametrize("kind", KINDS)
def test_a_greedy_reply_is_that_of_plain_generate(folders, kind):
    member = load(folders[kind])

    pieces = asyncio.run(streamed(member, ASKED))

    assert shown(pieces) == plain(member, ASKED)
    assert len(pieces) > 3 and all(isinstance(piece, Piece) for piece in pieces)
    assert pieces[-1].usage.finish in ("stop", "length")


@pytest.mark.parametrize("kind", KINDS)
def test_a_history_that_was_warmed_is_found_again_and_changes_no_word(folders, kind):
    member, cold = load(folders[kind]), load(folders[kind])
    prefix = len(member.template.prefix(HISTORY, 16).ids)

    asyncio.run(member.warm(HISTORY))
    asyncio.run(member.warm(HISTORY))
    (text, usage), (again, _) = told(member, ASKED), told(member, ASKED)

    assert usage.prompt_tokens - 10 < usage.cached_tokens == prefix < usage.prompt_tokens
    assert told(cold, ASKED)[1].cached_tokens == 0
    assert text == again == told(cold, ASKED)[0] == plain(cold, ASKED)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cache_that_was_used_still_serves_others(folders, kind):
    member, cold = load(folders[kind]), load(folders[kind], memory=0)
    asks = [[*HISTORY, *says(text)] for text in ("And?", "And you?", "My dog", "And?")]
    asks.append(says("My dog likes the other park."))

    asyncio.run(member.warm(HISTORY))

    assert [told(member, ask)[0] for ask in asks] == [told(cold, ask)[0] for ask in asks]
    assert told(cold, asks[0])[1].cached_tokens == 0


@pytest.mark.parametrize("kind", ["gptj", "mistral"])
def test_a_long_history_is_read_in_parts(folders, kind):
    member, long = load(folders[kind]), says("My dog likes to run in the park. " * 45)
    sampling = replace(GREEDY, max_tokens=8)

    steps = list(member.pieces(long, sampling))

    assert steps[0].usage.prompt_tokens > 512 and steps[0].usage.completion_tokens == 0
    assert shown(steps) == plain(member, long, sampling)


def test_keys_and_values_are_cropped_to_what_is_shared_and_a_state_is_not(folders):
    first, second = says("My dog likes the park."), says("My dog likes the other park.")

    for kind in ("llama", "gptj", "mamba"):
        member = load(folders[kind])
        ids = [member.template.prompt(messages, 16).ids for messages in (first, second)]
        shared = next(n for n, pair in enumerate(zip(*ids, strict=False)) if len(set(pair)) > 1)
        told(member, first)
        assert told(member, second)[1].cached_tokens == (0 if kind == "mamba" else shared)


def test_what_is_kept_stays_under_its_limit_and_the_least_used_goes_first(folders):
    member = load(folders["llama"], memory=0.0001)
    prefixes = member._decoder.prefixes
    asks = [says(f"{n} dogs in the park. " * 8) for n in range(8)]

    for ask in asks:
        told(member, ask)
        assert 0 < prefixes.bytes <= prefixes.limit == 1e5
        told(member, asks[0])  # used each time: never the oldest

    found = [told(member, ask)[1].cached_tokens for ask in (asks[0], asks[1])]
    assert 1 < len(prefixes._kept) < 8 and found[0] > 60 > 10 > found[1]


def test_the_same_seed_says_the_same_and_no_seed_does_not(folders):
    member = load(folders["llama"])

    seeded = {told(member, ASKED, HOT)[0] for _ in range(3)}
    free = {told(member, ASKED, replace(HOT, seed=None))[0] for _ in range(3)}

    assert len(seeded) == 1 and len(free) == 3


@pytest.mark.parametrize("setting", [{"min_p": 1.0}, {"top_k": 1}, {"top_p": 1e-6}], ids=str)
def test_a_setting_that_leaves_one_token_is_greedy(folders, setting):
    member = load(folders["gptj"])

    assert told(member, ASKED, replace(HOT, max_tokens=16, **setting))[0] == plain(member, ASKED)


def test_what_was_said_is_not_said_again_under_a_penalty(folders):
    import torch

    member = load(folders["llama"])
    penalised = replace(GREEDY, repetition_penalty=1.4)
    ids = member.template.prompt(ASKED, 16).ids
    out = member._decoder.model.generate(
        torch.tensor([ids]), max_new_tokens=16, do_sample=False, repetition_penalty=1.4
    )

    text = told(member, ASKED, penalised)[0]

    assert text == shown(member.template.decode(out[0, len(ids) :].tolist()))
    assert text != told(member, ASKED)[0]


def test_a_stop_string_ends_the_reply(folders):
    member = load(folders["llama"])
    whole = plain(member, ASKED)
    stop = whole[6:9]

    text, usage = told(member, ASKED, replace(GREEDY, stop=(stop,)))

    assert (text, usage.finish) == (shown(whole[: whole.index(stop)]), "stop")
    assert len(text) < len(whole)


class Slow:
    """A model that counts its calls, and takes as long as the test wants."""

    def __init__(self, model, breaks_at=None, error=None):
        self.model, self.breaks_at, self.error, self.calls = model, breaks_at, error, 0
        self.device, self.go = model.device, threading.Semaphore(0)

    def __call__(self, **asked):
        self.calls += 1
        self.go.acquire(timeout=0.02)
        if self.calls == self.breaks_at:
            raise self.error or KeyError("broken")
        return self.model(**asked)


def test_leaving_ends_the_reply_within_a_token_and_the_next_one_works(folders):
    member = Counted(load(folders["llama"]))
    expected = plain(member, ASKED)
    slow = member._decoder.model = Slow(member._decoder.model)

    async def talk():
        tasks = [asyncio.create_task(streamed(member, ASKED, LONG)) for _ in range(3)]
        while slow.calls < 5:
            await asyncio.sleep(0.005)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        left, calls = member.running, slow.calls
        await asyncio.sleep(0.1)
        return left, slow.calls - calls, shown(await streamed(member, ASKED)), member.peak

    left, after, again, peak = asyncio.run(talk())
    assert (left, again, peak) == (0, expected, 3) and after <= 1


def test_replies_asked_for_at_once_on_two_loops_do_not_mix(folders):
    member = load(folders["gptj"])
    prompts = [says(f"{n} dogs in the park") for n in range(4)]

    async def talk():
        return await asyncio.gather(*(streamed(member, prompt) for prompt in prompts))

    async def both():
        return await asyncio.gather(*(asyncio.to_thread(asyncio.run, talk()) for _ in range(2)))

    expected = [plain(member, prompt) for prompt in prompts]
    assert [[shown(p) for p in replies] for replies in asyncio.run(both())] == [expected] * 2


def test_nobody_waits_for_a_whole_reply_of_another(folders):
    member, order = load(folders["llama"]), []
    member.ends = frozenset()

    async def reply(name: str) -> None:
        async with aclosing(member.stream(says("Hello"), replace(GREEDY, max_tokens=60))) as pieces:
            async for piece in pieces:
                order.append((name, piece.usage.completion_tokens))

    async def talk() -> None:
        await asyncio.gather(reply("a"), reply("b"))

    asyncio.run(talk())
    first = order.index(next(one for one in order if one[0] == "b"))
    so_far = {"a": 0, "b": 0}
    for name, count in order[first:]:
        so_far[name] = count
        if max(so_far.values()) < 60:  # pieces that show nothing are not seen
            assert abs(so_far["a"] - so_far["b"]) < 10
    assert first < 10 and so_far == {"a": 60, "b": 60}


def test_a_model_that_fails_fails_one_request_only(folders):
    member = load(folders["llama"])
    expected = plain(member, ASKED)
    member._decoder.model = Slow(member._decoder.model, breaks_at=6)

    async def talk():
        with pytest.raises(MemberError, match="tiny: its model failed: KeyError"):
            await streamed(member, ASKED)
        return shown(await streamed(member, ASKED)), member.down

    assert asyncio.run(talk()) == (expected, None)


def test_out_of_memory_fails_one_request_and_frees_what_was_kept(folders):
    import torch

    member = load(folders["llama"])
    expected = told(member, ASKED)[0]
    full = torch.OutOfMemoryError("CUDA out of memory")
    member._decoder.model = Slow(member._decoder.model, breaks_at=6, error=full)

    with pytest.raises(MemberError, match="tiny: out of memory: CUDA out of memory"):
        told(member, ASKED)

    assert not member._decoder.prefixes._kept
    assert told(member, ASKED)[0] == expected and member.down is None


def test_the_synchronous_core_can_be_left_and_needs_no_thread(folders):
    member, before = load(folders["mamba"]), set(threading.enumerate())

    pieces = member.pieces(ASKED, LONG)
    some = [next(pieces) for _ in range(4)]
    pieces.close()

    assert [piece.usage.completion_tokens for piece in some] == [1, 2, 3, 4]
    assert lasting(before, within=0) == []
    assert told(member, ASKED)[0] == plain(member, ASKED)


def test_a_closed_member_is_down_and_its_streams_end(folders):
    member = load(folders["llama"])
    member._decoder.model = Slow(member._decoder.model)

    async def talk():
        tasks = [asyncio.create_task(streamed(member, ASKED, LONG)) for _ in range(2)]
        while not member._decoder.model.calls:
            await asyncio.sleep(0.01)
        await member.aclose()
        await member.aclose()
        for task in tasks:
            with pytest.raises(MemberDown, match="closed"):
                await task
        with pytest.raises(MemberDown, match="closed"):
            await streamed(member, ASKED)
        return member.down

    assert asyncio.run(talk()) == "it was closed"


def test_what_cannot_be_loaded_is_an_error_of_the_member(folders, tmp_path):
    with pytest.raises(MemberError, match=r"tiny: .* cannot be loaded"):
        load(tmp_path)
    with pytest.raises(MemberError, match="window 9,999 is more than the 1,024"):
        load(folders["gptj"], window=9999)
    with pytest.raises(SamplingError, match="max_tokens 400 does not fit a window of 256"):
        load(folders["gptj"], window=256, sampling=LONG)


def test_a_model_too_large_for_the_machine_says_what_is_needed_and_what_is_there(folders, tmp_path):
    large = json.loads((folders["llama"] / "config.json").read_text())
    large |= {"hidden_size": 1 << 18, "intermediate_size": 1 << 20}
    (tmp_path / "config.json").write_text(json.dumps(large))

    with pytest.raises(MemberError, match=r"weights need [\d,]+\.\d GB and cpu has [\d,]+\.\d GB"):
        load(tmp_path)


def test_the_digest_follows_what_the_replies_come_from(folders):
    members = [
        load(folders["llama"]),
        load(folders["llama"], window=256),
        load(folders["llama"], template=TEMPLATE + " "),
        load(folders["gptj"]),
    ]

    first, windowed, *others = (member.digest for member in members)

    assert first == windowed and len({first, *others}) == 3
    assert members[0].device == "CPU"


def test_another_scope_neither_finds_nor_leaves_what_the_page_has_read(folders):
    member = load(folders["llama"])

    def found(scope: str) -> int:
        return list(member.pieces(ASKED, GREEDY, scope))[-1].usage.cached_tokens

    assert [found("api"), found("api"), found("")] == [0, 0, 0]
    assert found("") > 10 and [found("api"), found("other")] == [0, 0]


def test_a_reply_has_what_the_window_leaves_of_its_tokens(folders):
    member = load(folders["llama"], window=96)
    endless = replace(GREEDY, max_tokens=5_000)
    member.ends = frozenset()

    usage = told(member, says("Hello"), endless)[1]

    assert usage.prompt_tokens + usage.completion_tokens == 96 and usage.finish == "length"
