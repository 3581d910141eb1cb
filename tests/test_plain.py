"""The yardstick: the member's own weights under transformers' own generate."""

import asyncio
import random

import pytest

from blend.bench import shapes
from blend.bench.plain import Plain
from blend.bench.script import script


@pytest.mark.parametrize("shape", ["llama-tiny", "mamba-tiny"])
def test_it_has_the_members_tensors_and_runs_beside_it(shape):
    member = shapes.member("m", shape, threads=1)
    plain = Plain(member)
    texts = script({"m": member}, 8, random.Random(1))

    own = {weight.data_ptr() for weight in member.model.parameters()}
    assert {weight.data_ptr() for weight in plain._model.parameters()} == own
    rate, first = plain.rate(texts, 8, 0.05), plain.first(texts)
    assert rate.tokens % 8 == 0 and rate.per_second > 0
    assert first.prompt > 800 and first.cached == 0
    asyncio.run(member.aclose())
