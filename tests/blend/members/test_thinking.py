"""Every engine tells thoughts apart, also where its template opens them."""

import asyncio

import pytest
from fake_zerogpu import Fork
from llama_member import SMALLTALK
from tiny_models import TEMPLATE

from blend.members import Sampling
from blend.members.gpu_call import GpuLease
from blend.members.local.generate import Generate
from blend.members.local.paged import Paged
from blend.members.reply import stream_reply
from blend.members.served.llama_cpp import LlamaCpp
from blend.members.zerogpu import ZeroGpu
from blend.message import Message
from blend.roster import read

ASKED = [Message("user", "Hello there, how are you?")]
GREEDY = Sampling(temperature=0.0, max_tokens=12)
SWITCHED = TEMPLATE.replace(
    "'<|assistant|>' }}{% endif",
    "'<|assistant|>' }}{% if enable_thinking is not defined or enable_thinking %}{{ '<think>' }}"
    "{% endif %}{% endif",
)


def lent(name, folder, sampling, **how):
    return ZeroGpu(Generate.load(name, folder, sampling, **how), GpuLease(Fork(), device="cpu"))


def gguf(name, folder, sampling, device="", **how):
    return LlamaCpp.load(name, SMALLTALK, sampling, **how)


ENGINES = {"generate": Generate.load, "paged": Paged.load, "zerogpu": lent, "llama_cpp": gguf}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_block_that_the_template_opens_is_a_thought_and_without_thinking_all_is_reply(
    folders, engine
):
    async def parted(thinking: bool) -> tuple[str, str]:
        how = {"device": "cpu", "threads": 1, "template": SWITCHED, "thinking": thinking}
        load = ENGINES[engine]
        member = await asyncio.to_thread(load, "tiny", str(folders["llama"]), GREEDY, **how)
        pieces = [piece async for piece in stream_reply(member, ASKED, GREEDY)]
        await member.aclose()
        return "".join(p.thought for p in pieces), "".join(pieces)

    on, off = (asyncio.run(parted(thinking)) for thinking in (True, False))
    assert on[0].strip() and on[1] == "" and off[0] == "" and off[1]


@pytest.mark.parametrize("name", ["small", "modern"])
def test_shipped_models_that_could_think_do_not(name):
    asked = {spec.name: spec.options.get("thinking") for spec in read(name).members}
    assert {asked[name] for name in asked if name.startswith("qwen3")} == {False}
