"""Members on a GPU say what plain generate says there, share a prefix, and come back from death."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import pytest
from test_paged import found_prefixes, kill, shown
from tiny import SENTENCES

from blend.conversation import Message
from blend.members import MemberDown, Sampling, devices
from blend.members.generate import Generate
from blend.members.paged import Paged

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here"),
]
GREEDY = Sampling(temperature=0.0, max_tokens=16)
LONG = Message("user", " ".join(SENTENCES * 6))


@asynccontextmanager
async def opened(folder, engine=Paged, memory=0.5, **options):
    # float32: in bfloat16 a batch may choose another of two tokens that are as likely.
    options = {"device": "cuda", "dtype": "float32", "memory": memory} | options
    member = await asyncio.to_thread(engine.load, "tiny", str(folder), GREEDY, **options)
    try:
        yield member
    finally:
        await member.aclose()


async def reply(member, *messages, scope="", sampling=GREEDY):
    async with aclosing(member.stream(messages, sampling, scope)) as pieces:
        return shown([piece async for piece in pieces])


def plain(folder, *histories):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, device_map="cuda")
    tokenizer, said = AutoTokenizer.from_pretrained(folder), []
    for history in histories:
        chat = [{"role": m.role, "content": m.text} for m in history]
        ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt")
        out = model.generate(**ids.to("cuda"), max_new_tokens=16, do_sample=False)
        new = out[0, ids["input_ids"].shape[1] :]
        said.append(shown(tokenizer.decode(new, skip_special_tokens=True)))
    return said


def test_the_engine_of_a_gpu_is_paged_where_the_model_can(folders):
    assert devices.paged_by_default(str(folders["llama"]))
    assert not devices.paged_by_default(str(folders["mamba"]))


@pytest.mark.parametrize("engine", [Paged, Generate])
@pytest.mark.parametrize("kind", ["llama", "qwen3", "gemma3_text"])
def test_greedy_replies_at_once_are_those_of_plain_generate(folders, kind, engine):
    asked = [Message("user", f"{n} dogs in the park, " * (1 + 3 * n)) for n in range(8)]

    async def talk():
        async with opened(folders[kind], engine) as member:
            return await asyncio.gather(*(reply(member, message) for message in asked))

    assert asyncio.run(talk()) == plain(folders[kind], *([message] for message in asked))


def test_a_history_is_found_by_the_page_and_by_no_program(folders):
    async def talk():
        async with opened(folders["llama"]) as member:
            counts, said = [], set()
            for scope in ("", "", "api", "api"):
                with found_prefixes() as found:
                    said.add(await reply(member, LONG, scope=scope))
                counts.append(sum(found))
            return counts, said

    (cold, warm, *programs), said = asyncio.run(talk())
    assert cold == 0 and warm >= 256 and programs == [0, 0]
    assert [*said] == plain(folders["llama"], [LONG])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_manager_that_is_killed_comes_back(folders):
    hello = Message("user", "Hello")

    async def talk():
        async with opened(folders["llama"]) as member:
            kill(member)
            with pytest.raises(MemberDown):
                while True:
                    await reply(member, hello)
            async with asyncio.timeout(30):
                while member.down:
                    await asyncio.sleep(0.05)
            return await reply(member, hello)

    assert [asyncio.run(talk())] == plain(folders["llama"], [hello])


def test_bfloat16_replies_come_to_their_end(folders):
    sampled = Sampling(temperature=0.8, top_p=0.9, max_tokens=16)

    async def talk():
        async with opened(folders["llama"], dtype="bfloat16") as member:
            asked = (
                reply(member, Message("user", f"{n} dogs"), sampling=sampled) for n in range(8)
            )
            return await asyncio.gather(*asked), member.down

    said, down = asyncio.run(talk())
    assert len(said) == 8 and down is None
