"""Every engine tells thoughts apart, also where its template opens them."""

import asyncio

import pytest
from fake_zerogpu import Fork
from llama_member import SMALLTALK
from tiny_models import TEMPLATE

from blend.members import MemberError, Sampling
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
HERE = {"device": "cpu", "threads": 1}
OPENS = "'<|assistant|>' }}{% endif"
OPENED = TEMPLATE.replace(OPENS, "'<|assistant|><think>' }}{% endif")
SWITCHED = TEMPLATE.replace(
    OPENS,
    "'<|assistant|>' }}{% if enable_thinking is not defined or enable_thinking %}{{ '<think>' }}"
    "{% endif %}{% endif",
)


def lent(name, folder, sampling, **how):
    return ZeroGpu(Generate.load(name, folder, sampling, **how), GpuLease(Fork(), device="cpu"))


def gguf(name, folder, sampling, device="", **how):
    return LlamaCpp.load(name, SMALLTALK, sampling, **how)


ENGINES = {"generate": Generate.load, "paged": Paged.load, "zerogpu": lent, "llama_cpp": gguf}


@pytest.fixture(params=ENGINES)
def parted(request, folders):
    """Called with options: the thought and the reply of one request to each of the engines."""

    def call(**how) -> tuple[str, str]:
        member = ENGINES[request.param]("tiny", str(folders["llama"]), GREEDY, **HERE, **how)

        async def talk():
            pieces = [piece async for piece in stream_reply(member, ASKED, GREEDY)]
            await member.aclose()
            return "".join(p.thought for p in pieces), "".join(pieces)

        return asyncio.run(talk())

    return call


def test_a_block_that_the_template_opens_is_a_thought_and_without_thinking_all_is_reply(parted):
    thought, reply = parted(template=OPENED)
    assert thought.strip() and reply == ""
    on, off = (parted(template=SWITCHED, thinking=thinking) for thinking in (True, False))
    assert parted(template=SWITCHED) == on == (on[0], "") and on[0]
    assert off[0] == "" and off[1]


def test_a_template_that_knows_no_switch_is_told_at_load(folders):
    with pytest.raises(MemberError, match=r"^tiny: its chat template has no switch for thoughts"):
        Generate.load("tiny", str(folders["llama"]), GREEDY, **HERE, thinking=False)


@pytest.mark.parametrize("name", ["small", "modern"])
def test_shipped_models_that_could_think_do_not(name):
    asked = {spec.name: spec.options.get("thinking") for spec in read(name).members}
    assert {asked[name] for name in asked if name.startswith("qwen3")} == {False}
