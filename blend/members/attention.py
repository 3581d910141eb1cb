"""Attention for a paged member on a CPU: in a batch, every conversation looks at itself only."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

PLAIN = ("llama", "mistral", "qwen2", "qwen3", "smollm3", "gpt_neox", "phi3", "olmo2", "granite")
"""Models whose attention is nothing but scaled dot products, so that ours can take its place."""


def by_conversation(
    module: "torch.nn.Module",
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    attention_mask: None,
    scaling: float | None = None,
    **batch: Any,
) -> "tuple[torch.Tensor, None]":
    """Attention over a batch in which every conversation looks at itself only.

    The manager's own way on a CPU is one attention over all conversations with the others masked
    out: 16 long ones then cost 16 times what they need, and the mask takes tens of megabytes.
    Shapes: query [1, heads, asked, width], key and value [1, fewer heads, read, width].
    """

    key, value = batch["cache"].update(key, value, layer_idx=module.layer_idx, kwargs=batch)
    if query.shape[2] == len(batch["cu_seq_lens_q"]) - 1:
        done = _all_writing(query, key, value, batch, scaling)
        if done is not None:
            return done, None
    return _one_by_one(query, key, value, batch, scaling), None


def _all_writing(
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    batch: dict[str, Any],
    scaling: float | None,
) -> "torch.Tensor | None":
    """Attention where each asks with one token: all at once, the shorter ones padded.

    [1, conversations, heads, width]; None where the padding would be most of it.
    """
    from torch.nn.functional import scaled_dot_product_attention as attend

    places, seen = _padding(batch)
    if places is None:
        return None
    count, longest = seen.shape[0], seen.shape[-1]
    heads, shared = key.shape[1], query.shape[1] // key.shape[1]
    k = key[0].index_select(1, places).view(heads, count, longest, -1).transpose(0, 1)
    v = value[0].index_select(1, places).view(heads, count, longest, -1).transpose(0, 1)
    # The heads that share a key ask it together, as if they were tokens.
    q = query[0].transpose(0, 1).reshape(count, heads, shared, -1)
    return attend(q, k, v, attn_mask=seen, scale=scaling).reshape(1, count, heads * shared, -1)


def _padding(batch: dict[str, Any]) -> "tuple[torch.Tensor | None, torch.Tensor | None]":
    """Where each conversation's keys lie, padded to the longest, and which of them are its own.

    Reckoned once a step, by the first layer, and kept with the cache for the others.
    """
    import torch

    asked = batch["cu_seq_lens_q"]
    kept = getattr(batch["cache"], "padding", None)
    if kept is not None and kept[0] is asked:
        return kept[1:]
    bounds = batch["cu_seq_lens_k"].long()
    first, lengths = bounds[:-1, None], bounds.diff()[:, None]
    longest, total = int(lengths.max()), int(bounds[-1])
    found = None, None
    if len(lengths) * longest <= 2 * total:
        steps = torch.arange(longest)
        places = (first + torch.minimum(steps, lengths - 1)).view(-1)
        found = places, (steps < lengths)[:, None, None]
    batch["cache"].padding = asked, *found
    return found


def _one_by_one(
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    batch: dict[str, Any],
    scaling: float | None,
) -> "torch.Tensor":
    """Attention of any batch, [1, tokens, heads, width]."""
    from torch.nn.functional import scaled_dot_product_attention as attend

    shared = query.shape[1] // key.shape[1]
    done = query.new_empty(query.shape)
    asked, read = batch["cu_seq_lens_q"].tolist(), batch["cu_seq_lens_k"].tolist()
    for (a, b), (c, d) in zip(pairwise(asked), pairwise(read), strict=True):
        q, k, v = query[:, :, a:b], key[:, :, c:d], value[:, :, c:d]
        if b - a == 1:  # the heads that share a key ask it together, as if they were tokens
            one = attend(q.reshape(1, k.shape[1], shared, -1), k, v, scale=scaling)
            done[:, :, a:b] = one.reshape(q.shape)
            continue
        if shared > 1:
            k, v = k.repeat_interleave(shared, 1), v.repeat_interleave(shared, 1)
        past = d - c - (b - a)
        seen = q.new_ones(b - a, d - c, dtype=bool).tril_(past) if past else None
        done[:, :, a:b] = attend(q, k, v, attn_mask=seen, is_causal=seen is None, scale=scaling)
    return done.transpose(1, 2)


def attend_apart(model: "PreTrainedModel") -> None:
    """Have a model on a CPU attend by conversation, where its attention is of the plain kind."""
    from transformers import AttentionInterface

    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    plain = kinds == {"full_attention"} and not getattr(config, "sliding_window", None)
    if plain and model.config._attn_implementation == "sdpa" and model.config.model_type in PLAIN:
        # The manager makes a mask for every attention that has no "flash" in its name.
        AttentionInterface.register("flash_apart", by_conversation)
        model.config._attn_implementation = "flash_apart"
