"""Many conversations on a real, tiny, random model: none mixes, none hangs, cancelling frees."""

import asyncio
import ctypes
import logging
import re
import threading
import time
from contextlib import aclosing, asynccontextmanager, contextmanager

import pytest
from counted import Counted

from blend.conversation import Message
from blend.members import MemberDown, MemberError, Piece, Sampling, SamplingError
from blend.members.local import continuous_batching
from blend.members.local.batching_config import CPU_STEP_TOKENS
from blend.members.local.paged import Paged

pytestmark = pytest.mark.anyio
GREEDY = Sampling(temperature=0.0, max_tokens=16)
LONG = Sampling(temperature=0.0, max_tokens=400)
HELLO = "Hello there, my dog!"
DOGS = [f"{n} dogs in the park, " * (1 + 3 * n) for n in range(16)]


@pytest.fixture(scope="module")
def folder(folders):
    return folders["llama"]


def load(folder, **options):
    options = {"device": "cpu", "threads": 1} | options
    return Paged.load("tiny", str(folder), options.pop("sampling", GREEDY), **options)


@pytest.fixture(scope="module")
def shared(folder):
    """One member for all tests that leave it well."""
    member = load(folder)
    yield member
    asyncio.run(member.aclose())


@pytest.fixture
def member(shared):
    return Counted(shared)


@asynccontextmanager
async def opened(folder, **options):
    member = await asyncio.to_thread(load, folder, **options)
    try:
        yield Counted(member)
    finally:
        await member.aclose()


@contextmanager
def found_prefixes():
    """How many tokens each request found in a cache, as transformers logs it; no line: none."""
    found, logger = [], logging.getLogger("ContinuousBatchingLogger")
    handler, level = logging.Handler(), logger.level

    def note(record):
        if match := re.search(r"prefix match of (\d+) tokens", record.getMessage()):
            found.append(int(match[1]))

    handler.emit = note
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def says(text):
    return [Message("user", text)]


async def reply(member, text, sampling=GREEDY, scope=""):
    messages = says(text) if isinstance(text, str) else text
    async with aclosing(member.stream(messages, sampling, scope)) as pieces:
        return [piece async for piece in pieces]


async def said(*asked, **how):
    return shown(await reply(*asked, **how))


def shown(text):
    """A random model begins with spaces, and ends in halves of characters: three are held back."""
    return "".join(text).lstrip().rstrip("\ufffd")


def generated(folder, histories, device="cpu"):
    """What plain generate says to the same ids, for each of the histories."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, device_map=device)
    tokenizer, texts = AutoTokenizer.from_pretrained(folder), []
    for history in histories:
        chat = [{"role": m.role, "content": m.text} for m in history]
        ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt")
        out = model.generate(**ids.to(device), max_new_tokens=16, do_sample=False)
        new = out[0, ids["input_ids"].shape[1] :]
        texts.append(shown(tokenizer.decode(new, skip_special_tokens=True)))
    return texts


@pytest.fixture(scope="module")
def plain(folder):
    """plain["…"]: what plain generate says to that text."""
    texts = (HELLO, "Hello", *DOGS)
    return dict(zip(texts, generated(folder, map(says, texts)), strict=True))


async def test_a_greedy_reply_is_that_of_plain_generate(member, plain):
    pieces = await reply(member, HELLO)
    assert shown(pieces) == plain[HELLO]
    # How many there are depends on how busy the machine is.
    assert all(isinstance(piece, Piece) for piece in pieces)
    assert pieces[-1].usage.finish in ("stop", "length")
    assert pieces[-1].usage.completion_tokens <= 16


async def test_sixteen_at_once_run_together_and_none_mixes(member, plain):
    replies = await asyncio.gather(*(said(member, text) for text in DOGS))
    assert replies == [plain[text] for text in DOGS]
    assert member.peak >= 12 and member.running == 0


async def test_the_first_prompt_of_all_may_be_longer_than_a_step(folder):
    async with opened(folder, window=2 * CPU_STEP_TOKENS) as member:
        usage = (await reply(member, "dog " * (CPU_STEP_TOKENS * 3 // 4)))[-1].usage
        assert (
            usage.prompt_tokens > CPU_STEP_TOKENS
            and usage.completion_tokens > 0
            and member.down is None
        )


async def test_a_greedy_request_beside_sampled_ones_harms_none(member, plain):
    hot = Sampling(temperature=1.3, top_p=0.9, top_k=40, max_tokens=40)
    coldest = Sampling(temperature=1e-30, max_tokens=16)

    sampled = [reply(member, f"{n} dogs", hot) for n in range(8)]
    greedy, cold, *rest = await asyncio.gather(
        said(member, "Hello"), said(member, "Hello", coldest), *sampled
    )

    assert greedy == cold == plain["Hello"]
    assert {pieces[-1].usage.finish for pieces in rest} <= {"stop", "length"}


async def test_a_cancelled_reply_frees_its_place_and_the_next_one_works(member, plain):
    tasks = [asyncio.create_task(reply(member, f"{n} dogs", LONG)) for n in range(6)]
    while member.running < 6:
        await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert member.running == 0 and await said(member, "Hello") == plain["Hello"]
    running = member._page.service()
    assert not running._manager.batch_processor.scheduler.active_requests and not running._waiting


async def test_a_history_that_was_warmed_is_found_again(member):
    history = [*says("My cat likes the park. " * 12), Message("assistant", "Hello there. " * 12)]
    await member.warm(history)
    with found_prefixes() as found:
        usage = (await reply(member, [*history, *says("And?")]))[-1].usage
    assert usage.prompt_tokens - 40 < sum(found) < usage.prompt_tokens


async def test_another_scope_neither_finds_nor_leaves_what_the_page_has_read(member):
    counts, texts = [], set()
    for scope in ("api", "api", "", "", "api", "other"):
        with found_prefixes() as found:
            texts.add(await said(member, "My dog likes the park. " * 12, scope=scope))
        counts.append(sum(found))
    *cold, warm, api, other = counts
    assert cold == [0, 0, 0] and warm > 100 and (api, other) == (0, 0) and len(texts) == 1


async def well_again(member):
    async with asyncio.timeout(20):
        while member.down:
            await asyncio.sleep(0.05)


async def test_what_ends_the_programs_engine_does_not_end_the_pages(folder, plain):
    async with opened(folder) as member:
        assert await said(member, "Hello", scope="api") == plain["Hello"]
        programs = member._programs.service()
        programs._manager.add_request([1, 2], max_new_tokens=4, temperature=0.0)
        async with asyncio.timeout(20):
            while not member._programs.down:
                await asyncio.sleep(0.02)
        assert member.down is None and await said(member, "Hello") == plain["Hello"]


async def test_a_cache_that_is_full_makes_room_and_tells_no_lies(folder):
    prompts = [f"{n} dogs in the park. " * 30 for n in range(8)]
    async with opened(folder, window=512, memory=0.0003) as member:
        assert member._page.service()._manager.batch_processor.cache.num_blocks < 30
        alone = [await said(member, text) for text in prompts]
        together = await asyncio.gather(*(said(member, text) for text in prompts))
    assert alone == together == generated(folder, map(says, prompts))


async def test_two_event_loops_may_use_one_member(member, plain):
    async def talk():
        return [await said(member, "Hello") for _ in range(3)]

    both = (asyncio.to_thread(asyncio.run, talk()) for _ in range(2))
    assert await asyncio.gather(*both) == [[plain["Hello"]] * 3] * 2


async def test_out_of_memory_fails_the_replies_under_way_and_the_member_comes_back(folder, plain):
    import torch

    fails = iter([False] * 9 + [True])

    def full(*_):
        if next(fails, False):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    async with opened(folder) as member:
        hook = member.model.register_forward_pre_hook(full)
        asked = (reply(member, text) for text in DOGS[:3])
        failures = await asyncio.gather(*asked, return_exceptions=True)
        hook.remove()
        await well_again(member)
        assert [await said(member, text) for text in DOGS[:3]] == [plain[t] for t in DOGS[:3]]

    told = "tiny: its engine died: CUDA out of memory. Tried to allocate 2 GiB"
    assert all(isinstance(f, MemberDown) and str(f) == told for f in failures)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_engine_that_cannot_start_is_an_error_of_the_member(folder, monkeypatch):
    from transformers.generation.continuous_batching.cache import PagedAttentionCache

    def full(*_, **__):
        raise RuntimeError("no room for the cache")

    monkeypatch.setattr(PagedAttentionCache, "__init__", full)
    with pytest.raises(MemberError, match="tiny: its engine does not start: no room for the cache"):
        load(folder)


async def test_an_engine_that_gives_no_token_is_not_waited_for_for_ever(folder, plain, monkeypatch):
    go = threading.Event()

    def wait(*_) -> None:
        go.wait(20)

    async with opened(folder) as member:
        hook = member.model.register_forward_pre_hook(wait)
        monkeypatch.setattr(continuous_batching, "MAX_SILENCE", 1.0)
        with pytest.raises(MemberDown, match="gave no token for 1 s"):
            await reply(member, "Hello")
        hook.remove()
        go.set()
        await well_again(member)
        assert await said(member, "Hello") == plain["Hello"]


def kill(member):
    """End the manager's thread from outside, without a word to anyone."""
    thread = member._page.service()._manager._generation_thread
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
    )


def poison(member):
    """A request that the manager's thread dies of, with an error."""
    member._page.service()._manager.add_request([1, 2, 3], max_new_tokens=4, temperature=0.0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("end", [kill, poison])
async def test_a_dead_manager_is_an_error_and_not_a_silence_and_comes_back(folder, plain, end):
    async with opened(folder) as member:
        began = time.monotonic()
        with pytest.raises(MemberDown, match="tiny: "):
            async with aclosing(member.stream(says("Hello"), LONG)) as pieces:
                await anext(pieces)
                end(member)
                async for _ in pieces:
                    pass
        assert time.monotonic() - began < 10 and member.down
        with pytest.raises(MemberDown):
            await reply(member, "Hello")
        await well_again(member)
        assert member.running == 0 and await said(member, "Hello") == plain["Hello"]


async def test_a_closed_member_is_down_and_its_streams_end(folder):
    async with opened(folder) as member:
        task = asyncio.create_task(reply(member, "Hello", LONG))
        while not member.running:
            await asyncio.sleep(0.01)
        await member.aclose()
        with pytest.raises(MemberDown, match="closed"):
            await task
        with pytest.raises(MemberDown, match="closed"):
            await reply(member, "Hello")
        assert member.down == "it was closed"


@pytest.mark.parametrize(
    "setting", [{"repetition_penalty": 1.2}, {"min_p": 0.1}, {"seed": 3}], ids=str
)
async def test_a_setting_that_it_cannot_honour_is_refused_at_load_and_per_request(
    folder, member, setting
):
    wrong, (name,) = Sampling(**setting), setting
    with pytest.raises(SamplingError, match=f'{name} .* engine = "generate"'):
        load(folder, sampling=wrong)
    with pytest.raises(SamplingError, match=name):
        await reply(member, "Hello", wrong)


def test_a_cache_that_holds_no_two_windows_is_an_error_of_the_member(folder):
    with pytest.raises(MemberError, match="is too little: its window needs"):
        load(folder, memory=1e-6)
