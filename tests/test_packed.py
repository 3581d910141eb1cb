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


@pytest.mark.parametrize("stored", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kind", tiny.PAGED)
def test_a_packed_model_says_the_same_at_any_number_of_rows(read, kind, stored):
    plain = read(kind, dtype=torch.float32).to(stored).float()
    quick = copy.deepcopy(plain)

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
    monkeypatch.setattr(packed._Whole, "__call__", lambda self, x: x.new_zeros(1))

    assert packed.pack(read("llama", dtype=torch.float32)) == 0


def test_half_precision_is_for_weights_that_lose_nothing_by_it():
    layer = torch.nn.Linear(8, 4)
    stored = torch.nn.Linear(8, 4, bias=False)
    with torch.no_grad():
        stored.weight.copy_(stored.weight.bfloat16())
        layer.weight.fill_(0.1)

    assert isinstance(packed.packed(layer), packed._Whole)
    assert isinstance(packed.packed(stored), packed._Half)
    assert isinstance(packed.packed(stored, stored), packed._Half)
    with torch.no_grad():
        stored.weight[0, 0] = 1e6  # beyond half precision
    assert isinstance(packed.packed(stored), packed._Whole)


def test_without_fbgemm_onednn_packs(monkeypatch):
    def missing(*_):
        raise RuntimeError("no FBGEMM")

    monkeypatch.setattr(packed._Half, "__init__", missing)
    assert isinstance(packed.packed(torch.nn.Linear(2, 2).bfloat16().float()), packed._Whole)
