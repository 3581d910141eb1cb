"""Packed matrices say what torch's own products say, and are used only where they do."""

import copy

import pytest
import tiny
import torch
from transformers import AutoModelForCausalLM

from blend.members import packed


@pytest.fixture
def read(folders):
    def read(kind, **how):
        return AutoModelForCausalLM.from_pretrained(folders[kind], **how).eval()

    return read


@pytest.mark.parametrize("kind", tiny.PAGED)
def test_a_packed_model_says_the_same_at_any_number_of_rows(read, kind):
    plain, quick = read(kind, dtype=torch.float32), read(kind, dtype=torch.float32)

    assert packed.pack(quick) > 0

    for rows in 1, 5, 64, 65:
        ids = torch.arange(rows)[None] % plain.config.vocab_size
        torch.testing.assert_close(quick(ids).logits, plain(ids).logits, rtol=1e-3, atol=1e-4)


def test_the_parameters_stay_as_they_were(read):
    quick = read("llama", dtype=torch.float32)
    before = {name: value.clone() for name, value in quick.state_dict().items()}

    packed.pack(quick)

    assert before.keys() == quick.state_dict().keys()
    assert all(torch.equal(value, before[name]) for name, value in quick.state_dict().items())


def test_a_copy_can_be_unpacked_while_the_model_stays_packed(read):
    quick = read("llama", dtype=torch.float32)
    layers = packed.pack(quick)

    twin = copy.deepcopy(quick)
    packed.unpack(twin)

    ours = [m for m in quick.modules() if "forward" in m.__dict__]
    assert len(ours) == layers and not [m for m in twin.modules() if "forward" in m.__dict__]
    ids = torch.tensor([[1, 2, 3]])
    torch.testing.assert_close(twin(ids).logits, quick(ids).logits, rtol=1e-3, atol=1e-4)


def test_other_numbers_and_large_models_are_left_as_they_are(read, monkeypatch):
    assert packed.pack(read("llama", dtype=torch.bfloat16)) == 0
    monkeypatch.setattr(packed, "LARGEST", 1000)
    assert packed.pack(read("llama", dtype=torch.float32)) == 0


def test_a_product_that_says_something_else_is_not_used(read, monkeypatch):
    monkeypatch.setattr(packed._Product, "__call__", lambda self, x: x.new_zeros(1))

    assert packed.pack(read("llama", dtype=torch.float32)) == 0
