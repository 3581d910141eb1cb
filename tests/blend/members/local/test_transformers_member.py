"""A transformers model without an engine gets the one that suits it."""

import asyncio
import logging

import pytest

from blend.members import Sampling
from blend.members.local import devices
from blend.members.local.generate import Generate
from blend.members.local.paged import Paged
from blend.members.local.transformers_member import TransformersMember


def engine(folder, sampling: Sampling) -> type:
    how = {"device": "cpu", "threads": 1, "memory": 0.1}
    member = TransformersMember.load("tiny", str(folder), sampling, **how)
    asyncio.run(member.aclose())
    return type(member)


def test_a_cpu_gets_generate_and_a_gpu_paged_where_model_and_sampling_can(folders, monkeypatch):
    warm = Sampling(temperature=0.7, max_tokens=8)
    assert engine(folders["llama"], warm) is Generate
    monkeypatch.setattr(devices, "paged_by_default", lambda *_, **__: True)
    assert engine(folders["llama"], warm) is Paged
    assert engine(folders["llama"], Sampling(max_tokens=8, seed=3)) is Generate


@pytest.mark.parametrize("kind", ["mamba", "gpt_neox"])
def test_what_cannot_be_batched_after_all_is_written_by_generate(
    folders, kind, monkeypatch, caplog
):
    monkeypatch.setattr(devices, "paged_by_default", lambda *_, **__: True)
    with caplog.at_level(logging.WARNING):
        found = engine(folders[kind], Sampling(max_tokens=8))

    said = [record.getMessage() for record in caplog.records if record.name.startswith("blend")]
    if found is Generate:  # GPT-NeoX can in some releases
        (line,) = said
        assert line.startswith("tiny: ") and 'engine = "generate"' in line
    assert found is Generate or kind == "gpt_neox"
