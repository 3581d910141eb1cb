"""Plain decoding on real, tiny, random models: GPT-J, Mamba and Llama say what `generate` says."""

import asyncio
import json
import threading
from contextlib import aclosing
from dataclasses import replace

import pytest
import torch
from counted import Counted
from tiny_models import TEMPLATE

from blend.conversation import Message
from blend.members import MemberDown, MemberError, Piece, Sampling, SamplingError
from blend.members.local.generate import Generate

pytestmark = pytest.mark.anyio
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


@pytest.fixture
def member(folders):
    return load(folders["llama"])


def plain(member, messages, sampling=GREEDY, **how):
    """What transformers' own generate says to the same ids."""
    ids = member.template.prompt(messages, sampling.max_tokens).ids
    out = member._decoder.model.generate(
        torch.tensor([ids]), max_new_tokens=sampling.max_tokens, do_sample=False, **how
    )
    return shown(member.template.decode(out[0, len(ids) :].tolist()))


def shown(pieces):
    """A random model begins with spaces, and ends in halves of characters: three are held back."""
    return "".join(pieces).lstrip().rstrip("\ufffd")


def told(member, messages, sampling=GREEDY, scope=""):
    """The reply and its last Usage, by the synchronous core."""
    pieces = list(member.pieces(messages, sampling, scope))
    return shown(pieces), pieces[-1].usage


def cached(*asked):
    return told(*asked)[1].cached_tokens


async def streamed(member, messages, sampling=GREEDY):
    async with aclosing(member.stream(messages, sampling)) as pieces:
        return [piece async for piece in pieces]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_greedy_reply_is_that_of_plain_generate(folders, kind):
    member = load(folders[kind])
    pieces = await streamed(member, ASKED)
    assert shown(pieces) == plain(member, ASKED)
    assert len(pieces) > 3 and all(isinstance(piece, Piece) for piece in pieces)
    assert pieces[-1].usage.finish in ("stop", "length")
    assert member.parameters == member.model.num_parameters() > 0


@pytest.mark.parametrize("kind", KINDS)
async def test_a_cache_that_was_warmed_serves_all_and_changes_no_word(folders, kind):
    member, cold = load(folders[kind]), load(folders[kind], memory=0)
    prefix = len(member.template.prefix(HISTORY, 16).ids)
    asks = [[*HISTORY, *says(text)] for text in ("And?", "And you?", "My dog", "And?")]
    asks.append(says("My dog likes the other park."))

    await member.warm(HISTORY)
    await member.warm(HISTORY)
    first, *rest = [told(member, ask) for ask in asks]

    usage = first[1]
    assert usage.prompt_tokens - 10 < usage.cached_tokens == prefix < usage.prompt_tokens
    assert [text for text, _ in (first, *rest)] == [told(cold, ask)[0] for ask in asks]
    assert first[0] == plain(cold, ASKED) and cached(cold, ASKED) == 0


@pytest.mark.parametrize("kind", ["gptj", "mistral"])
def test_a_long_history_is_read_in_parts(folders, kind):
    member, long = load(folders[kind]), says("My dog likes to run in the park. " * 45)
    sampling = replace(GREEDY, max_tokens=8)
    steps = list(member.pieces(long, sampling))
    assert steps[0].usage.prompt_tokens > 512 and steps[0].usage.completion_tokens == 0
    assert shown(steps) == plain(member, long, sampling)


@pytest.mark.parametrize("kind", ["llama", "gptj", "mamba"])
def test_keys_and_values_are_cropped_to_what_is_shared_and_a_state_is_not(folders, kind):
    first, second = says("My dog likes the park."), says("My dog likes the other park.")
    member = load(folders[kind])
    ids = [member.template.prompt(messages, 16).ids for messages in (first, second)]
    common = next(n for n, pair in enumerate(zip(*ids, strict=False)) if len(set(pair)) > 1)
    told(member, first)
    assert cached(member, second) == (0 if kind == "mamba" else common)


def test_what_is_kept_stays_under_its_limit_and_the_least_used_goes_first(folders):
    member = load(folders["llama"], memory=0.0001)
    prefixes = member._decoder.prefixes
    asks = [says(f"{n} dogs in the park. " * 8) for n in range(8)]

    for ask in asks:
        told(member, ask)
        assert 0 < prefixes.bytes <= prefixes.limit == 1e5
        told(member, asks[0])  # used each time: never the oldest

    assert cached(member, asks[0]) > 60 > 10 > cached(member, asks[1])
    assert 1 < len(prefixes._entries) < 8


def test_the_same_seed_says_the_same_and_no_seed_does_not(member):
    seeded = {told(member, ASKED, HOT)[0] for _ in range(3)}
    free = {told(member, ASKED, replace(HOT, seed=None))[0] for _ in range(3)}
    assert len(seeded) == 1 and len(free) == 3


@pytest.mark.parametrize("setting", [{"min_p": 1.0}, {"top_k": 1}, {"top_p": 1e-6}], ids=str)
def test_a_setting_that_leaves_one_token_is_greedy(member, setting):
    assert told(member, ASKED, replace(HOT, max_tokens=16, **setting))[0] == plain(member, ASKED)


def test_what_was_said_is_not_said_again_under_a_penalty(member):
    text = told(member, ASKED, replace(GREEDY, repetition_penalty=1.4))[0]
    assert text == plain(member, ASKED, repetition_penalty=1.4) != told(member, ASKED)[0]


def test_a_stop_string_ends_the_reply(member):
    whole = plain(member, ASKED)
    stop = whole[6:9]
    text, usage = told(member, ASKED, replace(GREEDY, stop=(stop,)))
    assert (text, usage.finish) == (shown(whole[: whole.index(stop)]), "stop")


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


async def test_leaving_ends_the_reply_within_a_token_and_the_next_one_works(member):
    member = Counted(member)
    expected = plain(member, ASKED)
    slow = member._decoder.model = Slow(member._decoder.model)

    tasks = [asyncio.create_task(streamed(member, ASKED, LONG)) for _ in range(3)]
    while slow.calls < 5:
        await asyncio.sleep(0.005)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    calls = slow.calls
    await asyncio.sleep(0.1)

    assert (member.running, member.peak) == (0, 3) and slow.calls - calls <= 1
    assert shown(await streamed(member, ASKED)) == expected


async def test_replies_asked_for_at_once_on_two_loops_do_not_mix(member):
    prompts = [says(f"{n} dogs in the park") for n in range(4)]

    async def talk():
        replies = await asyncio.gather(*(streamed(member, prompt) for prompt in prompts))
        return [shown(pieces) for pieces in replies]

    both = await asyncio.gather(*(asyncio.to_thread(asyncio.run, talk()) for _ in range(2)))
    assert both == [[plain(member, prompt) for prompt in prompts]] * 2


FULL = torch.OutOfMemoryError("CUDA out of memory")


@pytest.mark.parametrize(
    ("error", "reason"),
    [(KeyError("broken"), "its model failed: KeyError"), (FULL, "out of memory: CUDA out of mem")],
    ids=["broken", "full"],
)
async def test_a_model_that_fails_fails_one_request_only(member, error, reason):
    expected = told(member, ASKED)[0]
    member._decoder.model = Slow(member._decoder.model, breaks_at=6, error=error)
    with pytest.raises(MemberError, match=f"tiny: {reason}"):
        await streamed(member, ASKED)
    assert bool(member._decoder.prefixes._entries) is (error is not FULL)  # room for the next
    assert shown(await streamed(member, ASKED)) == expected and member.down is None


async def test_a_closed_member_is_down_and_its_streams_end(member):
    slow = member._decoder.model = Slow(member._decoder.model)

    tasks = [asyncio.create_task(streamed(member, ASKED, LONG)) for _ in range(2)]
    while not slow.calls:
        await asyncio.sleep(0.01)
    await member.aclose()
    await member.aclose()
    for task in (*tasks, streamed(member, ASKED)):
        with pytest.raises(MemberDown, match="closed"):
            await task
    assert member.down == "it was closed"


@pytest.mark.parametrize(
    ("options", "kind", "reason"),
    [
        ({"window": 9999}, MemberError, "tiny: window 9,999 is more than the 1,024"),
        ({"window": 256, "sampling": LONG}, SamplingError, "max_tokens 400 does not fit a window"),
    ],
)
def test_a_window_that_cannot_be_is_an_error_at_load(folders, options, kind, reason):
    with pytest.raises(kind, match=reason):
        load(folders["gptj"], **options)


def test_a_model_too_large_for_the_machine_says_what_is_needed_and_what_is_there(folders, tmp_path):
    with pytest.raises(MemberError, match=r"tiny: .* cannot be loaded"):
        load(tmp_path)
    large = json.loads((folders["llama"] / "config.json").read_text())
    large |= {"hidden_size": 1 << 18, "intermediate_size": 1 << 20}
    (tmp_path / "config.json").write_text(json.dumps(large))
    with pytest.raises(MemberError, match=r"weights need [\d,]+\.\d GB and cpu has [\d,]+\.\d GB"):
        load(tmp_path)


def test_the_digest_follows_what_the_replies_come_from(folders, member):
    llama = folders["llama"]
    others = [load(llama, template=TEMPLATE + " ").digest, load(folders["gptj"]).digest]
    assert load(llama, window=256).digest == member.digest and member.device == "CPU"
    assert len({member.digest, *others}) == 3


def test_another_scope_neither_finds_nor_leaves_what_the_page_has_read(member):
    found = [cached(member, ASKED, GREEDY, scope) for scope in ("api", "api", "", "", "api", "x")]
    *cold, warm, api, other = found
    assert cold == [0, 0, 0] and warm > 10 and (api, other) == (0, 0)


def test_a_reply_has_what_the_window_leaves_of_its_tokens(folders):
    member = load(folders["llama"], window=96)
    member.ends = frozenset()
    usage = told(member, says("Hello"), replace(GREEDY, max_tokens=5_000))[1]
    assert usage.prompt_tokens + usage.completion_tokens == 96 and usage.finish == "length"
