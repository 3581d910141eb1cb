"""Attention of a batch in groups says what it says conversation by conversation."""

from itertools import accumulate
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import scaled_dot_product_attention

from blend.members.looking import SPARE, _alike, looking

HEADS, KEYS, WIDTH = 4, 2, 8


def batch(asked, past):
    """Conversations that have `past` places in a cache, `asked` tokens more, anywhere in it."""
    lengths = [a + p for a, p in zip(asked, past, strict=True)]
    places = torch.randperm(sum(lengths) + 7)[: sum(lengths)].split(lengths)
    views = {0: tuple(torch.randn(sum(lengths) + 7, KEYS, WIDTH) for _ in range(2))}
    cache = SimpleNamespace(
        cache_allocators={"full_attention": SimpleNamespace(_kv_token_views=views)}
    )
    ends = torch.tensor([0, *accumulate(lengths)])
    return {
        "cache": cache,
        "cu_seq_lens_q": torch.tensor([0, *accumulate(asked)]),
        "cu_seq_lens_k": {"full_attention": ends},
        "read_index": [torch.cat(places)],
        "write_index": [torch.cat([p[-a:] for p, a in zip(places, asked, strict=True)])],
    }


def one_by_one(batch, query):
    """[tokens, heads · width], each conversation's own, as a mask says what it may see."""
    (keys, values), said = batch["cache"].cache_allocators["full_attention"]._kv_token_views[0], []
    asked, ends = batch["cu_seq_lens_q"].tolist(), batch["cu_seq_lens_k"]["full_attention"].tolist()
    for n in range(len(asked) - 1):
        own = batch["read_index"][0][ends[n] : ends[n + 1]]
        q = query[asked[n] : asked[n + 1]].transpose(0, 1)
        k, v = (x[own].transpose(0, 1).repeat_interleave(HEADS // KEYS, 0) for x in (keys, values))
        seen = torch.ones(q.shape[1], k.shape[1], dtype=bool).tril(k.shape[1] - q.shape[1])
        said.append(scaled_dot_product_attention(q, k, v, attn_mask=seen).transpose(0, 1))
    return torch.cat(said).flatten(1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([1, 1, 1, 2, 9]), st.sampled_from([0, 1, 3, 40, 300, 900])),
        min_size=1,
        max_size=8,
    ).filter(lambda some: any(past for _, past in some)),
    st.integers(0, 2**31),
)
def test_whatever_the_lengths_each_sees_its_own_and_no_more(conversations, seed):
    torch.manual_seed(seed)
    asked, past = zip(*conversations, strict=True)
    made = batch(asked, past)
    query, key, value = (torch.randn(sum(asked), n, WIDTH) for n in (HEADS, KEYS, KEYS))

    said = looking(made, sum(asked)).attend(0, query, key, value, None)

    assert torch.allclose(said, one_by_one(made, query), atol=1e-5)


def test_it_is_reckoned_once_for_all_layers_of_a_step():
    made = batch([1, 1], [3, 5])
    assert looking(made, 2) is looking(made, 2)
    assert looking(made, 2) is not looking(made | {"cu_seq_lens_q": torch.arange(3)}, 2)


@pytest.mark.parametrize("strange", [{"full_attention", "sliding_attention"}, {"other"}, set()])
def test_a_cache_of_another_kind_is_left_alone(strange):
    made = batch([1], [3])
    made["cache"].cache_allocators = dict.fromkeys(strange, SimpleNamespace())
    assert looking(made, 1) is None


def test_a_batch_of_which_nothing_was_cached_is_left_alone():
    assert looking(batch([4], [0]) | {"read_index": [torch.tensor([])]}, 4) is None


def test_those_of_like_lengths_go_together():
    assert [*_alike([0, 1, 2], [100, 90, 110])] == [[0, 1, 2]]
    assert [*_alike([0, 2, 3], [40, 0, 40 + 2 * SPARE, 41])] == [[2], [0, 3]]
    assert [*_alike([], [5])] == []
