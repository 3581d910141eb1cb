"""A paged engine that dies, hangs, is closed or does not start: an error, and it comes back."""

import asyncio
import threading
import time
from contextlib import aclosing

import pytest
from generate_member import LONG, says
from paged_member import DOGS, kill, load, opened, said, well_again
from replies import reply

from blend.members import MemberDown, MemberError
from blend.members.local import continuous_batching

pytestmark = pytest.mark.anyio


async def test_what_ends_the_programs_engine_does_not_end_the_pages(folder, plain):
    async with opened(folder) as member:
        assert await said(member, "Hello", scope="api") == plain["Hello"]
        programs = member._programs.service()
        programs._manager.add_request([1, 2], max_new_tokens=4, temperature=0.0)
        async with asyncio.timeout(20):
            while not member._programs.down:
                await asyncio.sleep(0.02)
        assert member.down is None and await said(member, "Hello") == plain["Hello"]


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
