"""Attention for a paged member on a CPU: in a batch, every conversation looks at itself only."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from blend.members.looking import looking, read_by

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
    step = looking(batch, query.shape[2])
    if step is not None:
        parts = (x[0].transpose(0, 1) for x in (query, key, value))
        said = step.attend(module.layer_idx, *parts, scaling)
        return said.view(1, query.shape[2], query.shape[1], -1), None
    key, value = batch["cache"].update(key, value, layer_idx=module.layer_idx, kwargs=batch)
    return _one_by_one(query, key, value, batch, scaling), None


def _one_by_one(
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    batch: dict[str, Any],
    scaling: float | None,
) -> "torch.Tensor":
    """Attention of any batch, [1, tokens, heads, width]."""
    done = query.new_empty(query.shape)
    asked, read = batch["cu_seq_lens_q"].tolist(), batch["cu_seq_lens_k"].tolist()
    for (a, b), (c, d) in zip(pairwise(asked), pairwise(read), strict=True):
        done[:, :, a:b] = read_by(query[:, :, a:b], key[:, :, c:d], value[:, :, c:d], scaling)
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
