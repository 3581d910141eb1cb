"""Random weights in the shape of real models: as large as their names say, and they stream."""

import asyncio
import re
from contextlib import aclosing
from dataclasses import replace

import pytest

from blend.bench import random_models
from blend.message import Message

BILLIONS = re.compile(r"-([\d.]+)b$")


@pytest.mark.parametrize("name", [name for name in random_models.SHAPES if BILLIONS.search(name)])
def test_a_shape_has_the_weights_of_its_name(name):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    kind, sizes = random_models.SHAPES[name]
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **sizes))
    billions = sum(weight.numel() for weight in model.parameters()) / 1e9
    assert billions == pytest.approx(float(BILLIONS.search(name)[1]), rel=0.15)


@pytest.mark.parametrize("name", [name for name in random_models.SHAPES if name.endswith("-tiny")])
def test_a_tiny_one_streams_as_many_tokens_as_it_is_asked_for(name):
    member = random_models.make_member("m", name, threads=1)
    member.ends = frozenset()
    sampling = replace(random_models.SAMPLING, max_tokens=20)

    async def run():
        async with aclosing(member.stream([Message("user", "Hello")], sampling)) as pieces:
            said = [piece async for piece in pieces]
        await member.aclose()
        return said

    said = asyncio.run(run())
    assert said[-1].usage.completion_tokens == sampling.max_tokens
    assert len(said) > 1  # a quick one's tokens come several at a time
