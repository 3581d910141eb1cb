"""Shares of a device: all fit, all hold as many tokens, and what cannot be is said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_shapes import SHAPES

from blend.members.local import memory
from blend.members.local.memory import (
    MAX_WINDOWS,
    MIN_WINDOWS,
    USABLE_PART,
    MemoryEstimate,
    allocate_cache,
    weight_bytes,
)

SEVEN = MemoryEstimate(14.5e9, 131_072, 4096, 20e3, 1e9)
THREE = {
    "a": SEVEN,
    "b": MemoryEstimate(15.2e9, 57_344, 4096, 10e3, 1.2e9),
    "c": MemoryEstimate(18.5e9, 172_032, 8192, 30e3, 1.5e9),
}


def taken(members, given_out):
    """Bytes of all members with these caches, and their tokens by name."""
    held = {
        name: 1e9 * given_out.get(name, 0) / size.kv_per_token
        for name, size in members.items()
        if size.kv_per_token
    }
    caches = sum(
        held[name] * (members[name].kv_per_token + members[name].overhead_per_token)
        for name in held
    )
    return sum(size.weights + size.workspace for size in members.values()) + caches, held


def test_three_sevens_fit_a_card_of_eighty_and_hold_as_many_tokens():
    given_out = allocate_cache(80e9, THREE)
    used, held = taken(THREE, given_out)
    assert used == pytest.approx(80e9 * USABLE_PART)
    assert held["a"] == pytest.approx(held["b"]) == pytest.approx(held["c"] - MIN_WINDOWS * 4096)
    assert held["a"] > 12 * 3000


def test_what_the_roster_gives_is_kept_and_the_rest_shared():
    given_out = allocate_cache(80e9, THREE, {"b": 2.0})
    assert given_out["b"] == 2.0
    assert given_out["a"] > allocate_cache(80e9, THREE)["a"]
    assert given_out["c"] > allocate_cache(80e9, THREE)["c"]


def test_a_cache_does_not_grow_beyond_use():
    assert allocate_cache(1e12, {"a": SEVEN})["a"] == pytest.approx(
        MAX_WINDOWS * 4096 * 131_072 / 1e9
    )


def test_what_does_not_fit_is_said_with_what_is_needed_and_there():
    with pytest.raises(
        MemoryError, match=r"need 5\d\.\d GB, .* 36\.0 GB .* a 14\.5, b 15\.2, c 18\.5"
    ):
        allocate_cache(40e9, THREE)


sizes = st.builds(
    MemoryEstimate,
    st.floats(0, 40e9),
    st.sampled_from([0.0, 12e3, 131e3, 1e6]),
    st.integers(64, 32_768),
    st.floats(0, 50e3),
    st.floats(0, 2e9),
)


@settings(max_examples=300)
@given(st.floats(1e9, 200e9), st.dictionaries(st.sampled_from("abcd"), sizes, min_size=1))
def test_shares_never_ask_for_more_than_there_is(free, members):
    least = {
        name: MIN_WINDOWS * s.window * s.kv_per_token / 1e9
        for name, s in members.items()
        if s.kv_per_token
    }
    try:
        given_out = allocate_cache(free, members)
    except MemoryError:
        assert taken(members, least)[0] > free * USABLE_PART
        return
    assert taken(members, given_out)[0] <= max(free * USABLE_PART, 0) * (1 + 1e-9)
    assert set(given_out) == set(least)
    assert all(given_out[name] >= least[name] * (1 - 1e-9) for name in least)


@pytest.mark.parametrize("name", [n for n, s in SHAPES.items() if s["model_type"] != "gptj"])
def test_what_the_manager_reckons_fits_into_what_is_reckoned_here(name):
    import torch
    from transformers import AutoConfig, ContinuousBatchingConfig
    from transformers.generation.continuous_batching.cache import PagedAttentionMemoryHandler

    config = AutoConfig.for_model(**SHAPES[name])
    config._attn_implementation = "sdpa"  # which takes more than flash attention
    told = ContinuousBatchingConfig(
        page_size=256,
        num_blocks=256,
        max_batch_tokens=memory.MAX_STEP_TOKENS,
        max_requests_per_batch=memory.MAX_STEP_REQUESTS,
        max_memory_percent=1.0,
        use_async_batching=False,
    )
    size = memory.estimate(config, 2)
    page = int(256 * size.kv_per_token)
    handler = PagedAttentionMemoryHandler(
        config=config,
        cb_config=told,
        dtype=torch.bfloat16,
        bytes_per_sector=page,
        tokens_per_sector=256,
        bytes_per_block=page,
        attn_types=["full_attention"],
        model_supports_logits_to_keep=True,
    )

    theirs = handler.compute_memory_footprint(memory.MAX_STEP_TOKENS, 256)

    ours = 256 * (page + 256 * size.overhead_per_token) + size.workspace
    assert theirs < ours < 1.5 * theirs


def test_quantised_weights_are_a_fraction_and_the_rest_stays_whole():
    shapes = {
        "model.embed_tokens.weight": (1000, 64),
        "model.layers.0.mlp.up_proj.weight": (64, 64),
        "model.norm.weight": (64,),
    }
    assert weight_bytes(shapes, 2) == 128_000 + 8192 + 128
    assert weight_bytes(shapes, 2, "8bit") == 128_000 + 4096 + 128
    assert weight_bytes(shapes, 2, "4bit") == 128_000 + 2048 + 256 + 128
