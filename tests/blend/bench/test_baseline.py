"""The yardstick: the member's own weights under transformers' own generate."""

import asyncio
import random

import pytest

from blend.bench import random_models
from blend.bench.baseline import GenerateBaseline
from blend.bench.workload import Workload


@pytest.mark.parametrize("shape", ["llama-tiny", "gpt-j-tiny"])
def test_it_has_the_members_tensors_and_runs_beside_it(shape):
    member = random_models.make_member("m", shape, threads=1)
    plain, texts = GenerateBaseline(member), Workload(random.Random(1), [member])
    own = {weight.data_ptr() for weight in member.model.parameters()}
    assert {weight.data_ptr() for weight in plain._model.parameters()} == own
    assert plain.bytes == sum(w.numel() * 4 for w in member.model.parameters())

    rate, several = (asyncio.run(plain.rate(texts, size, 8, 0.05)) for size in (1, 2))
    assert rate.tokens["m"] % 8 == 0 and rate.value > 0
    assert several is None
    asyncio.run(member.aclose())
