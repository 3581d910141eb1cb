"""Many conversations on a real, tiny, random model: none mixes, none hangs, cancelling frees."""

import asyncio

import pytest
from counted import Counted
from generate_member import LONG, says, shown
from paged_member import DOGS, HELLO, found_prefixes, generated, load, opened, said
from replies import reply

from blend.members import MemberError, Piece, Sampling, SamplingError
from blend.members.local.batching_config import CPU_STEP_TOKENS
from blend.message import Message

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def shared(folder):
    """One member for all tests that leave it well."""
    member = load(folder)
    yield member
    asyncio.run(member.aclose())


@pytest.fixture
def member(shared):
    return Counted(shared)


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
