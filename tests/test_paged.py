"""Many conversations on a real, tiny, random model: none mixes, none hangs, cancelling frees."""

import asyncio
import ctypes
import logging
import re
import threading
import time
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import replace

import pytest
from counted import Counted
from tiny import TEMPLATE

from blend.conversation import Message
from blend.members import MemberDown, MemberError, Piece, Sampling, SamplingError, service
from blend.members.paged import Paged
from blend.members.service import BATCH

GREEDY = Sampling(temperature=0.0, max_tokens=16)
LONG = Sampling(temperature=0.0, max_tokens=400)


@pytest.fixture(scope="module")
def folder(folders):
    return folders["llama"]


def load(folder, **options):
    options = {"device": "cpu", "threads": 1} | options
    return Paged.load("tiny", str(folder), options.pop("sampling", GREEDY), **options)


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


async def reply(member, text, sampling=GREEDY):
    async with aclosing(member.stream(says(text), sampling)) as pieces:
        return [piece async for piece in pieces]


def plain(folder, prompts, sampling=GREEDY):
    """What plain generate says to the same ids, for each of the prompts."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    said = []
    for text in prompts:
        chat = [{"role": "user", "content": text}]
        ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt")
        out = model.generate(**ids, max_new_tokens=sampling.max_tokens, do_sample=False)
        new = out[0, ids["input_ids"].shape[1] :]
        said.append(shown(tokenizer.decode(new, skip_special_tokens=True)))
    return said


def shown(text):
    """A random model begins with spaces, and ends in halves of characters: three are held back."""
    return "".join(text).lstrip().rstrip("\ufffd")


def test_a_greedy_reply_is_that_of_plain_generate(folder):
    async def talk():
        async with opened(folder) as member:
            return await reply(member, "Hello there, my dog!")

    pieces = asyncio.run(talk())

    assert [shown(pieces)] == plain(folder, ["Hello there, my dog!"])
    # How many there are depends on how busy the machine is.
    assert all(isinstance(piece, Piece) for piece in pieces)
    assert pieces[-1].usage.finish in ("stop", "length")
    assert pieces[-1].usage.completion_tokens <= 16


def test_sixteen_at_once_run_together_and_none_mixes(folder):
    prompts = [f"{n} dogs in the park, " * (1 + 3 * n) for n in range(16)]

    async def talk():
        async with opened(folder) as member:
            replies = await asyncio.gather(*(reply(member, text) for text in prompts))
            return [shown(pieces) for pieces in replies], member.peak, member.running

    replies, peak, running = asyncio.run(talk())

    assert replies == plain(folder, prompts)
    assert peak >= 12 and running == 0


def test_the_first_prompt_of_all_may_be_longer_than_a_step(folder):
    text = "dog " * (BATCH * 3 // 4)

    async def talk():
        async with opened(folder, window=2 * BATCH) as member:
            pieces = await reply(member, text)
            return pieces[-1].usage, member.down

    usage, down = asyncio.run(talk())
    assert usage.prompt_tokens > BATCH and usage.completion_tokens > 0 and down is None


def test_a_greedy_request_beside_sampled_ones_harms_none(folder):
    hot = Sampling(temperature=1.3, top_p=0.9, top_k=40, max_tokens=40)
    coldest = Sampling(temperature=1e-30, max_tokens=16)

    async def talk():
        async with opened(folder) as member:
            sampled = [reply(member, f"{n} dogs", hot) for n in range(8)]
            greedy, cold, *rest = await asyncio.gather(
                reply(member, "Hello"), reply(member, "Hello", coldest), *sampled
            )
            return shown(greedy), shown(cold), [pieces[-1].usage.finish for pieces in rest]

    greedy, cold, ends = asyncio.run(talk())

    assert [greedy, cold] == plain(folder, ["Hello"]) * 2
    assert len(ends) == 8 and set(ends) <= {"stop", "length"}


def test_a_cancelled_reply_frees_its_place_and_the_next_one_works(folder):
    async def talk():
        async with opened(folder) as member:
            tasks = [asyncio.create_task(reply(member, f"{n} dogs", LONG)) for n in range(6)]
            while member.running < 6:
                await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            left = member.running
            again = await reply(member, "Hello")
            service = member._page.service()
            scheduler = service._manager.batch_processor.scheduler
            return left, len(scheduler.active_requests), len(service._waiting), shown(again)

    assert asyncio.run(talk()) == (0, 0, 0, *plain(folder, ["Hello"]))


def test_a_history_that_was_warmed_is_found_again(folder):
    history = [*says("My dog likes the park. " * 12), Message("assistant", "Hello there. " * 12)]

    async def talk():
        async with opened(folder) as member:
            await member.warm(history)
            with found_prefixes() as found:
                async with aclosing(member.stream([*history, *says("And?")], GREEDY)) as pieces:
                    return found, [piece async for piece in pieces][-1].usage

    (found,), usage = asyncio.run(talk())

    assert usage.prompt_tokens - 40 < found < usage.prompt_tokens


def test_another_scope_neither_finds_nor_leaves_what_the_page_has_read(folder):
    asked = says("My dog likes the park. " * 12)

    async def talk():
        async with opened(folder) as member:
            counts, said = [], set()
            for scope in ("api", "api", "", "", "api", "other"):
                with found_prefixes() as found:
                    async with aclosing(member.stream(asked, GREEDY, scope)) as pieces:
                        said.add(shown([piece async for piece in pieces]))
                counts.append(sum(found))
            return counts, said

    (*cold, warm, api, other), said = asyncio.run(talk())
    assert cold == [0, 0, 0] and warm > 100 and (api, other) == (0, 0) and len(said) == 1


def test_what_ends_the_programs_engine_does_not_end_the_pages(folder):
    async def talk():
        async with opened(folder) as member:
            async with aclosing(member.stream(says("Hello"), GREEDY, "api")) as pieces:
                first = shown([piece async for piece in pieces])
            programs = member._programs.service()
            programs._manager.add_request([1, 2], max_new_tokens=4, temperature=0.0)
            async with asyncio.timeout(20):
                while not member._programs.down:
                    await asyncio.sleep(0.02)
            return first, member.down, shown(await reply(member, "Hello"))

    (expected,) = plain(folder, ["Hello"])
    assert asyncio.run(talk()) == (expected, None, expected)


def test_a_reply_has_what_the_window_leaves_of_its_tokens(folder):
    async def talk():
        async with opened(folder, window=96) as member:
            member.ends = frozenset()
            long = replace(GREEDY, max_tokens=5_000)
            async with aclosing(member.stream(says("Hello"), long)) as pieces:
                return [piece async for piece in pieces][-1].usage

    usage = asyncio.run(talk())
    assert usage.prompt_tokens + usage.completion_tokens == 96 and usage.finish == "length"


def test_a_cache_that_is_full_makes_room_and_tells_no_lies(folder):
    prompts = [f"{n} dogs in the park. " * 30 for n in range(8)]

    async def talk():
        async with opened(folder, window=512, memory=0.0003) as member:
            assert member._page.service()._manager.batch_processor.cache.num_blocks < 30
            alone = [shown(await reply(member, text)) for text in prompts]
            together = await asyncio.gather(*(reply(member, text) for text in prompts))
            return alone, [shown(pieces) for pieces in together]

    expected = plain(folder, prompts)
    assert asyncio.run(talk()) == (expected, expected)


def test_a_stop_string_ends_the_reply(folder):
    whole = plain(folder, ["Hello there, my dog!"])[0]
    stop = whole[6:9]

    async def talk():
        async with opened(folder) as member:
            pieces = await reply(member, "Hello there, my dog!", replace(GREEDY, stop=(stop,)))
            return "".join(pieces), pieces[-1].usage.finish, member.running

    assert asyncio.run(talk()) == (whole[: whole.index(stop)], "stop", 0)


def test_two_event_loops_may_use_one_member(folder):
    member = load(folder)

    async def talk():
        return [shown(await reply(member, "Hello")) for _ in range(3)]

    async def both():
        return await asyncio.gather(*(asyncio.to_thread(asyncio.run, talk()) for _ in range(2)))

    assert asyncio.run(both()) == [plain(folder, ["Hello"]) * 3] * 2
    asyncio.run(member.aclose())


def test_out_of_memory_fails_the_replies_under_way_and_the_member_comes_back(folder):
    import torch

    prompts, fails = ["Hello", "dogs in the park " * 20, "My dog"], iter([False] * 9 + [True])

    def full(*_):
        if next(fails, False):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    async def talk():
        async with opened(folder) as member:
            hook = member.model.register_forward_pre_hook(full)
            asked = (reply(member, text) for text in prompts)
            failures = await asyncio.gather(*asked, return_exceptions=True)
            hook.remove()
            async with asyncio.timeout(20):
                while member.down:
                    await asyncio.sleep(0.05)
            again = [shown(await reply(member, text)) for text in prompts]
            return failures, again, member.running

    failures, again, running = asyncio.run(talk())

    told = "tiny: its engine died: CUDA out of memory. Tried to allocate 2 GiB"
    assert all(isinstance(f, MemberDown) and str(f) == told for f in failures)
    assert again == plain(folder, prompts) and running == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_engine_that_cannot_start_is_an_error_of_the_member(folder, monkeypatch):
    from transformers.generation.continuous_batching.cache import PagedAttentionCache

    def full(*_, **__):
        raise RuntimeError("no room for the cache")

    monkeypatch.setattr(PagedAttentionCache, "__init__", full)
    with pytest.raises(MemberError, match="tiny: its engine does not start: no room for the cache"):
        load(folder)


def test_an_engine_that_gives_no_token_is_not_waited_for_for_ever(folder, monkeypatch):
    go = threading.Event()

    def wait(*_) -> None:
        go.wait(20)

    async def talk():
        async with opened(folder) as member:
            hook = member.model.register_forward_pre_hook(wait)
            monkeypatch.setattr(service, "PATIENCE", 1.0)
            with pytest.raises(MemberDown, match="gave no token for 1 s"):
                await reply(member, "Hello")
            hook.remove()
            go.set()
            async with asyncio.timeout(20):
                while member.down:
                    await asyncio.sleep(0.05)
            return shown(await reply(member, "Hello"))

    assert [asyncio.run(talk())] == plain(folder, ["Hello"])


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
def test_a_dead_manager_is_an_error_and_not_a_silence_and_comes_back(folder, end):
    async def talk():
        async with opened(folder) as member:
            began = time.monotonic()
            with pytest.raises(MemberDown, match="tiny: "):
                async with aclosing(member.stream(says("Hello"), LONG)) as pieces:
                    async for _ in pieces:
                        end(member)
            took, reason = time.monotonic() - began, member.down
            with pytest.raises(MemberDown):
                await reply(member, "Hello")
            while member.down:
                await asyncio.sleep(0.05)
            return took, reason, member.running, shown(await reply(member, "Hello"))

    took, reason, running, again = asyncio.run(talk())

    assert took < 10 and reason and running == 0
    assert [again] == plain(folder, ["Hello"])


def test_a_closed_member_is_down_and_its_streams_end(folder):
    async def talk():
        async with opened(folder) as member:
            task = asyncio.create_task(reply(member, "Hello", LONG))
            while not member.running:
                await asyncio.sleep(0.01)
            await member.aclose()
            with pytest.raises(MemberDown, match="closed"):
                await task
            with pytest.raises(MemberDown, match="closed"):
                await reply(member, "Hello")
            return member.down

    assert asyncio.run(talk()) == "it was closed"


@pytest.mark.parametrize(
    "setting", [{"repetition_penalty": 1.2}, {"min_p": 0.1}, {"seed": 3}], ids=str
)
def test_a_setting_that_it_cannot_honour_is_refused_at_load_and_per_request(folder, setting):
    wrong = Sampling(**setting)

    with pytest.raises(SamplingError, match=f'{next(iter(setting))} .* engine = "generate"'):
        load(folder, sampling=wrong)

    async def talk():
        async with opened(folder) as member:
            with pytest.raises(SamplingError, match=next(iter(setting))):
                await reply(member, "Hello", wrong)
            return shown(await reply(member, "Hello"))

    assert [asyncio.run(talk())] == plain(folder, ["Hello"])


def test_the_digest_follows_what_the_replies_come_from(folder):
    members = [load(folder), load(folder, window=256), load(folder, template=TEMPLATE + " ")]

    first, windowed, rewritten = (member.digest for member in members)

    assert first == windowed != rewritten
    for member in members:
        asyncio.run(member.aclose())


def test_what_cannot_be_loaded_is_an_error_of_the_member(folder, tmp_path):
    with pytest.raises(MemberError, match=r"tiny: .* cannot be loaded"):
        load(tmp_path)
    with pytest.raises(MemberError, match="window 9,999 is more than the 1,024"):
        load(folder, window=9999)
    with pytest.raises(MemberError, match="is too little: its window needs"):
        load(folder, memory=1e-6)
    with pytest.raises(SamplingError, match="max_tokens 400 does not fit a window of 256"):
        load(folder, window=256, sampling=LONG)
