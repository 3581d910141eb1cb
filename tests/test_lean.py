"""A model in fewer steps says what it says in more, and others are left alone."""

import copy

import pytest

torch = pytest.importorskip("torch")

from blend.members import Sampling, lean, packed, weights  # noqa: E402
from blend.members.attention import attend_apart  # noqa: E402


def model(folders, kind, **how):
    loaded = weights.load("tiny", str(folders[kind]), Sampling(), device="cpu", **how)
    attend_apart(loaded.model)
    return loaded.model


def written(model, rows):
    """What it makes of some tokens, each of a conversation of its own."""
    ends = torch.arange(rows + 1)
    batch = {"cu_seq_lens_q": ends, "cu_seq_lens_k": ends, "cache": lean._Echo()}
    ids = torch.arange(rows)[None] % model.config.vocab_size
    with torch.no_grad():
        out = model(
            ids, position_ids=ids + 5, logits_to_keep=torch.arange(rows), use_cache=False, **batch
        )
    return out.logits


@pytest.mark.parametrize("kind", ["llama", "qwen3"])
@pytest.mark.parametrize("stored", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("rows", [1, 5, packed.ROWS + 1, packed.MOST, packed.MOST + 1])
def test_it_says_the_same(folders, kind, stored, rows):
    usual = model(folders, kind).to(stored).float()
    slim = copy.deepcopy(usual)

    assert lean.slim(slim)
    assert torch.allclose(written(slim, rows), written(usual, rows), atol=1e-4)


def test_one_that_is_slim_stays_as_it_is(folders):
    usual = model(folders, "llama")
    lean.slim(usual)
    first = usual.forward

    assert lean.slim(usual) and usual.forward is first


def test_what_is_taken_back_is_gone_and_copies_can_be_told_apart(folders):
    usual = model(folders, "llama")
    lean.slim(usual)
    twin = copy.deepcopy(usual)
    lean.unslim(twin)

    assert "forward" in vars(usual) and "forward" not in vars(twin)


def test_its_matrices_are_packed_once(folders):
    usual = model(folders, "llama")
    lean.slim(usual)

    assert packed.pack(usual) == 0


@pytest.mark.parametrize(("kind", "how"), [("gpt_neox", {}), ("llama", {"dtype": "bfloat16"})])
def test_others_are_left_alone(folders, kind, how):
    assert not lean.slim(model(folders, kind, **how))


def test_a_layer_that_is_not_what_is_known_here_is_left_alone(folders):
    other = model(folders, "llama")
    with torch.no_grad():
        other.get_decoder().layers[1].forward = lambda x, **_: x

    assert not lean.slim(other)
