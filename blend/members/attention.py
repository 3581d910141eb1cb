"""Attention for a paged member on a CPU: in a batch, every conversation looks at itself only."""

from collections.abc import Mapping
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
    step = writing(batch, query.shape[2])
    if step is not None:
        parts = (x[0].transpose(0, 1) for x in (query, key, value))
        said = step.attend(module.layer_idx, *parts, scaling)
        return said.view(1, query.shape[2], query.shape[1], -1), None
    key, value = batch["cache"].update(key, value, layer_idx=module.layer_idx, kwargs=batch)
    return _one_by_one(query, key, value, batch, scaling), None


class Writing:
    """A step in which every conversation writes one token: made once, for all layers.

    views: by layer, the cached keys and values [places, heads, width]. write: [conversations],
    where the new ones go. read: [conversations · longest], where those of each conversation lie,
    the shorter ones padded. lacking: 0 for what is its own and −∞ for padding, None without any.
    """

    def __init__(
        self,
        views: "Mapping[int, tuple[torch.Tensor, torch.Tensor]]",
        write: "torch.Tensor",
        read: "torch.Tensor",
        lacking: "torch.Tensor | None",
    ):
        from torch.nn.functional import scaled_dot_product_attention

        self._views = views
        self._write = write
        self._read = read
        self._lacking = lacking
        self._attend = scaled_dot_product_attention

    def attend(
        self,
        layer: int,
        query: "torch.Tensor",
        key: "torch.Tensor",
        value: "torch.Tensor",
        scaling: float | None,
    ) -> "torch.Tensor":
        """[conversations, heads, width], and fewer heads of keys and values → [conversations,
        heads · width]."""
        keys, values = self._views[layer]
        keys.index_copy_(0, self._write, key)
        values.index_copy_(0, self._write, value)
        count, heads, width = key.shape
        shape = count, -1, heads, width
        k = keys.index_select(0, self._read).view(shape).transpose(1, 2)
        v = values.index_select(0, self._read).view(shape).transpose(1, 2)
        # The heads that share a key ask it together, as if they were tokens.
        q = query.reshape(count, heads, -1, width)
        return self._attend(q, k, v, attn_mask=self._lacking, scale=scaling).reshape(count, -1)


def writing(batch: "dict[str, Any]", tokens: int) -> Writing | None:
    """The step of a batch where all of it writes; None where somebody reads more than a token,
    where padding would be most of it, and where the cache is not of the kind that is known here.

    Reckoned by the first layer, and kept with the cache for the others.
    """
    asked = batch["cu_seq_lens_q"]
    if tokens != len(asked) - 1:
        return None
    cache = batch["cache"]
    kept = getattr(cache, "writing", None)
    if kept is None or kept[0] is not asked:
        kept = cache.writing = asked, _writing(batch)
    return kept[1]


def _writing(batch: "dict[str, Any]") -> Writing | None:
    import torch

    allocators = getattr(batch["cache"], "cache_allocators", {})
    views = [getattr(one, "_kv_token_views", None) for one in allocators.values()]
    if [*allocators] != ["full_attention"] or views[0] is None:
        return None
    read, write = batch["read_index"][0], batch["write_index"][0]
    bounds = batch["cu_seq_lens_k"]["full_attention"].long()
    first, lengths = bounds[:-1, None], bounds.diff()[:, None]
    longest, total = int(lengths.max()), int(bounds[-1])
    if len(read) != total or len(lengths) * longest > 2 * total:
        return None
    if len(lengths) * longest == total:
        return Writing(views[0], write, read, None)
    steps = torch.arange(longest)
    places = (first + torch.minimum(steps, lengths - 1)).view(-1)
    lacking = torch.where(steps < lengths, 0.0, -torch.inf)[:, None, None]
    return Writing(views[0], write, read[places], lacking)


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
