"""Plain decoding on real, tiny, random models: GPT-J, Mamba and Llama say what `generate` says."""

import asyncio
from dataclasses import replace

import pytest
from generate_member import ASKED, GREEDY, HISTORY, load, plain, says, shown, told
from replies import reply
from tiny_models import TEMPLATE

from blend.members import Piece, Sampling

pytestmark = pytest.mark.anyio
HOT = Sampling(temperature=1.5, max_tokens=24, seed=5)
KINDS = ("llama", "gptj", "mamba", "mistral")


def cached(*asked):
    return told(*asked)[1].cached_tokens


@pytest.mark.parametrize("kind", KINDS)
async def test_a_greedy_reply_is_that_of_plain_generate(folders, kind):
    member = load(folders[kind])
    pieces = await reply(member, ASKED)
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


async def test_replies_asked_for_at_once_on_two_loops_do_not_mix(member):
    prompts = [says(f"{n} dogs in the park") for n in range(4)]

    async def talk():
        replies = await asyncio.gather(*(reply(member, prompt) for prompt in prompts))
        return [shown(pieces) for pieces in replies]

    both = await asyncio.gather(*(asyncio.to_thread(asyncio.run, talk()) for _ in range(2)))
    assert both == [[plain(member, prompt) for prompt in prompts]] * 2


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
