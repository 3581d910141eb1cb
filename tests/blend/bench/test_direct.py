"""The yardstick: a member's own llama.cpp, asked with no more than is needed."""

import asyncio
import random
from pathlib import Path

import pytest

from blend.bench.direct import DirectLlama
from blend.bench.workload import Workload
from blend.command_line import CommandError
from blend.members import Sampling
from blend.members.served.llama_cpp import LlamaCpp

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def member():
    file = ROOT / "assets" / "models" / "smalltalk" / "smalltalk.gguf"
    made = LlamaCpp.load("talk", str(file), Sampling(max_tokens=24), window=512)
    yield made
    asyncio.run(made.aclose())


@pytest.fixture
def texts(member):
    return Workload(random.Random(1), [member])


@pytest.mark.parametrize("size", [1, 6])  # more than it has slots: they wait in the server
def test_it_counts_the_tokens_of_whole_replies(member, texts, size):
    rate = asyncio.run(DirectLlama(member).rate(texts, size, 24, 0.3))
    assert list(rate.tokens) == ["talk"] and rate.value > 20


def test_a_reply_goes_on_to_its_length(member):
    asked = {"prompt": [1, 2, 3], "n_predict": 300, "ignore_eos": True, "stream": True}

    async def whole() -> int:
        return sum([len(e["tokens"]) async for e in DirectLlama(member).events(asked)])

    assert asyncio.run(whole()) == 300


def test_a_refusal_is_an_error_and_no_figure(member):
    async def ask() -> None:
        async for _ in DirectLlama(member).events({"prompt": "Hi", "n_predict": "many"}):
            pass

    with pytest.raises(CommandError, match=r"^talk, llama\.cpp directly: HTTP/1\.1 "):
        asyncio.run(ask())
