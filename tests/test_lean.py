"""A layer in fewer steps says what it says in more, and others are left alone."""

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
    """What the layers make of some rows, each a conversation of its own."""
    hidden = model.config.hidden_size
    x = torch.linspace(-2, 2, rows * hidden).view(1, rows, hidden)
    turned = model.get_decoder().rotary_emb(x, position_ids=torch.arange(rows)[None] + 5)
    ends = torch.arange(rows + 1)
    for layer in model.get_decoder().layers:
        batch = {"cu_seq_lens_q": ends, "cu_seq_lens_k": ends, "cache": lean._Echo()}
        x = layer(x, position_embeddings=turned, **batch)
    return x


@pytest.mark.parametrize("kind", ["llama", "qwen3"])
@pytest.mark.parametrize("rows", [1, 5, packed.ROWS + 1, packed.MOST, packed.MOST + 1])
def test_it_says_the_same(folders, kind, rows):
    usual = model(folders, kind)
    slim = copy.deepcopy(usual)

    assert lean.slim(slim) == usual.config.num_hidden_layers
    with torch.no_grad():
        assert torch.allclose(written(slim, rows), written(usual, rows), atol=1e-4)


def test_what_is_taken_back_is_gone_and_copies_can_be_told_apart(folders):
    usual = model(folders, "llama")
    lean.slim(usual)
    twin = copy.deepcopy(usual)
    lean.unslim(twin)

    assert not any("forward" in vars(m) for m in twin.modules())
    assert sum("forward" in vars(m) for m in usual.modules()) == usual.config.num_hidden_layers


def test_the_matrices_of_its_layers_are_packed_once(folders):
    usual = model(folders, "llama")
    lean.slim(usual)

    assert packed.pack(usual) == 1  # that of the vocabulary


@pytest.mark.parametrize(("kind", "how"), [("gpt_neox", {}), ("llama", {"dtype": "bfloat16"})])
def test_others_are_left_alone(folders, kind, how):
    assert lean.slim(model(folders, kind, **how)) == 0


def test_a_layer_that_is_not_what_is_known_here_is_left_alone(folders):
    other = model(folders, "llama")
    with torch.no_grad():
        other.get_decoder().layers[1].forward = lambda x, **_: x

    assert lean.slim(other) == 0
