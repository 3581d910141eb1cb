"""Tokens are drawn as transformers draws them, without its sorting."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from blend.members.dice import Dice, draw


def chances(logits, heat, top_k, top_p):
    """What transformers would draw by, [rows, vocabulary]."""
    for warper in TemperatureLogitsWarper(heat), TopKLogitsWarper(top_k), TopPLogitsWarper(top_p):
        logits = warper(None, logits)
    return logits.softmax(-1)


def drawn(logits, heat, top_k, top_p):
    rows = len(logits)
    return draw(
        logits,
        torch.full((rows,), heat),
        torch.full((rows,), top_k, dtype=torch.int32),
        torch.full((rows,), top_p),
    )


@pytest.mark.parametrize("heat", [0.3, 1.0, 2.0])
@pytest.mark.parametrize(("top_k", "top_p"), [(40, 1.0), (40, 0.9), (5, 0.7), (2, 0.99), (40, 0.2)])
def test_each_token_comes_as_often_as_transformers_would_have_it(heat, top_k, top_p):
    torch.manual_seed(1)
    logits = torch.randn(1, 40) * 2
    expected = chances(logits, heat, top_k, top_p)[0].double()

    tokens = drawn(logits.expand(20_000, -1), heat, top_k, top_p)

    counts, kept = torch.bincount(tokens, minlength=40), expected > 0
    assert counts[~kept].sum() == 0
    often = expected * 20_000 >= 5  # where chi-square's approximation holds
    if often.sum() > 1:
        total = expected[often].sum()
        scaled = expected[often] / total * counts[often].sum()
        assert chisquare(counts[often], scaled).pvalue > 1e-4


@settings(max_examples=60, deadline=None)
@given(
    spread=st.sampled_from([0.0, 0.1, 1.0, 4.0, 20.0]),
    heat=st.sampled_from([0.05, 0.7, 1.0, 3.0]),
    top_k=st.sampled_from([1, 2, 50, 64, 65, 1024, 1500, 3000]),
    top_p=st.sampled_from([0.01, 0.5, 0.95, 1.0]),
    seed=st.integers(0, 2**31),
)
def test_only_what_transformers_leaves_is_drawn_however_flat_it_is(
    spread, heat, top_k, top_p, seed
):
    torch.manual_seed(seed)
    logits = torch.randn(3, 3000) * spread + torch.rand(3, 3000) * 1e-3

    tokens = drawn(logits, heat, top_k, top_p)

    # Which of several equally likely tokens falls to the cut is nobody's business.
    left = chances(logits, heat, top_k, top_p + 1e-4 if top_p < 1 else 1.0)
    least = torch.where(left > 0, logits, torch.inf).amin(-1)
    assert (logits.gather(1, tokens[:, None])[:, 0] >= least - 1e-5).all()


def test_top_k_of_one_is_the_first_of_the_likeliest():
    logits = torch.tensor([[0.0, 3.0, 3.0, 1.0]]).expand(50, -1)

    assert drawn(logits, 1.0, 1, 1.0).tolist() == [1] * 50


def test_conversations_with_settings_of_their_own_share_a_batch():
    torch.manual_seed(2)
    logits = torch.zeros(3, 4)
    logits[:, 2] = 1.0

    tokens = torch.stack(
        [
            draw(
                logits,
                torch.tensor([1.0, 1e-3, 1.0]),
                torch.tensor([4, 4, 1], dtype=torch.int32),
                torch.tensor([1.0, 1.0, 1.0]),
            )
            for _ in range(200)
        ]
    )

    assert len(tokens[:, 0].unique()) == 4
    assert tokens[:, 1:].unique().tolist() == [2]


def test_logits_that_are_no_numbers_are_an_error_and_not_a_token():
    for bad in torch.nan, torch.inf:
        with pytest.raises(RuntimeError, match="finite"):
            drawn(torch.tensor([[0.0, bad]]), 1.0, 2, 1.0)
    with pytest.raises(RuntimeError, match="finite"):
        drawn(torch.tensor([[0.0, 1.0]]), 0.0, 2, 1.0)


def request(new=True, **settings):
    return SimpleNamespace(
        has_new_token=new, state=SimpleNamespace(logit_processor_kwargs=settings)
    )


def test_each_request_of_a_batch_that_gets_a_token_has_it_drawn_by_its_own_settings():
    dice, out = Dice(2), torch.zeros(1, 8, dtype=torch.int64)
    logits = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    batch = [request(top_k=1), request(new=False), request(temperature=1e-3)]

    dice.prepare_tensor_args(batch, None)
    assert dice(None, logits, None) is logits
    dice.sample(logits[None], out)
    assert out.tolist() == [[1, 0, 0, 0, 0, 0, 0, 0]]

    dice.prepare_tensor_args(batch[:1], None)
    dice.sample(-logits[None, :1], out)
    assert out[0, 0] == 0
