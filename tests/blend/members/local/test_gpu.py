"""Members on a GPU say what plain generate says there, share a prefix, and come back from death."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from generate_member import GREEDY, says
from paged_member import DOGS, found_prefixes, generated, kill, said, well_again
from tiny_models import SENTENCES

from blend.members import MemberDown, Sampling
from blend.members.local import devices
from blend.members.local.generate import Generate
from blend.members.local.paged import Paged

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here"),
]
LONG = " ".join(SENTENCES * 6)


@asynccontextmanager
async def opened(folder, engine=Paged, memory=0.5, **options):
    # float32: in bfloat16 a batch may choose another of two tokens that are as likely.
    options = {"device": "cuda", "dtype": "float32", "memory": memory} | options
    member = await asyncio.to_thread(engine.load, "tiny", str(folder), GREEDY, **options)
    try:
        yield member
    finally:
        await member.aclose()


def plain(folder, *texts):
    return generated(folder, map(says, texts), "cuda")


def test_the_engine_of_a_gpu_is_paged_where_the_model_can(folders):
    assert devices.paged_by_default(str(folders["llama"]))
    assert not devices.paged_by_default(str(folders["mamba"]))


@pytest.mark.parametrize("engine", [Paged, Generate])
@pytest.mark.parametrize("kind", ["llama", "qwen3", "gemma3_text"])
async def test_greedy_replies_at_once_are_those_of_plain_generate(folders, kind, engine):
    async with opened(folders[kind], engine) as member:
        replies = await asyncio.gather(*(said(member, text) for text in DOGS[:8]))
    assert replies == plain(folders[kind], *DOGS[:8])


async def test_a_history_is_found_by_the_page_and_by_no_program(folders):
    async with opened(folders["llama"]) as member:
        counts, texts = [], set()
        for scope in ("", "", "api", "api"):
            with found_prefixes() as found:
                texts.add(await said(member, LONG, scope=scope))
            counts.append(sum(found))

    cold, warm, *programs = counts
    assert cold == 0 and warm >= 256 and programs == [0, 0]
    assert [*texts] == plain(folders["llama"], LONG)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_manager_that_is_killed_comes_back(folders):
    async with opened(folders["llama"]) as member:
        kill(member)
        with pytest.raises(MemberDown):
            while True:
                await said(member, "Hello")
        await well_again(member)
        assert [await said(member, "Hello")] == plain(folders["llama"], "Hello")


async def test_bfloat16_replies_come_to_their_end(folders):
    sampled = Sampling(temperature=0.8, top_p=0.9, max_tokens=16)
    async with opened(folders["llama"], dtype="bfloat16") as member:
        asked = (said(member, f"{n} dogs", sampled) for n in range(8))
        assert len(await asyncio.gather(*asked)) == 8 and member.down is None
