"""A small Llama or Qwen3 on a CPU in half as many steps: its layers, and what calls them.

More rows than the packed products take go the usual way, through transformers' modules.
"""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from blend.members.layer import Angles, Layer, Norm
from blend.members.packed import LARGEST, SLACK, packed

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

KINDS = ("LlamaForCausalLM", "Qwen3ForCausalLM")
"""The models that are known here to the last operation."""


def slim(model: "PreTrainedModel") -> bool:
    """Have a float32 model take fewer steps; whether it now does.

    It is tried first: where it says something else, it stays as it is. Call it once the model
    attends by conversation. The parameters stay in place.
    """
    import torch

    if isinstance(model.__dict__.get("forward"), _Model):
        return True  # a service that is started anew on the same model
    if type(model).__name__ not in KINDS or model.config.hidden_act != "silu":
        return False
    size = sum(w.numel() * w.itemsize for w in model.parameters())
    plain = all(w.device.type == "cpu" and w.dtype == torch.float32 for w in model.parameters())
    if not plain or size > LARGEST or model.config._attn_implementation != "flash_apart":
        return False
    try:
        slimmer = _Model(model)
        if not _same(model, slimmer):
            return False
    except (RuntimeError, AttributeError, TypeError):  # another torch, another transformers
        return False
    model.forward = slimmer
    return True


def unslim(model: "PreTrainedModel") -> None:
    """Have it go the usual way again."""
    if isinstance(model.__dict__.get("forward"), _Model):
        del model.forward


class _Model:
    """Stands for a model's forward, for a manager's batches. Never changes: a copy is the same."""

    def __init__(self, model: Any):
        import torch

        decoder = model.get_decoder()
        self._usual = model.forward
        self._layers = [Layer(layer) for layer in decoder.layers]
        self._embed = torch.nn.functional.embedding
        self._vectors = decoder.embed_tokens.weight
        self._angles = Angles(decoder.rotary_emb, model.config.max_position_embeddings)
        self._norm = Norm(decoder.norm)
        self._vocabulary = packed(model.lm_head)
        self._most = min(part.most for part in (*self._layers, self._vocabulary))

    def __deepcopy__(self, memo: dict) -> "_Model":
        return self

    def __call__(
        self,
        input_ids: "torch.Tensor | None" = None,
        attention_mask: "torch.Tensor | None" = None,
        position_ids: "torch.Tensor | None" = None,
        logits_to_keep: "int | torch.Tensor" = 0,
        **batch: Any,
    ) -> Any:
        """Tokens and places [1, tokens]; logits [1, kept, vocabulary] of the tokens to keep."""
        whole = isinstance(logits_to_keep, int)
        if whole or batch.get("cache") is None or input_ids.shape[1] > self._most:
            return self._usual(
                input_ids, attention_mask, position_ids, logits_to_keep=logits_to_keep, **batch
            )
        x = self._embed(input_ids, self._vectors)
        angles = self._angles(x, position_ids)
        x = x[0]
        for layer in self._layers:
            x = layer(x, angles, batch)
        logits = self._vocabulary(self._norm(x[logits_to_keep]))
        return SimpleNamespace(logits=logits.unsqueeze(0))


class _Echo:
    """In place of a cache: what was read is what is asked."""

    def update(self, key: Any, value: Any, layer_idx: int, kwargs: dict) -> tuple[Any, Any]:
        return key, value


def _same(model: "PreTrainedModel", slim: _Model) -> bool:
    """Whether it says the same either way, for two tokens of one and one of another."""
    import torch

    asked = torch.tensor([[1, 0, 2]])
    bounds = torch.tensor([0, 2, 3])
    for ends in (bounds, torch.arange(4)):
        batch = {"cu_seq_lens_q": ends, "cu_seq_lens_k": ends, "cache": _Echo()}
        batch |= {"position_ids": torch.tensor([[3, 4, 9]]), "logits_to_keep": torch.arange(3)}
        with torch.no_grad():
            right = model(asked, use_cache=False, **batch).logits
            ours = slim(asked, **batch).logits
        if not (right - ours).abs().max() <= SLACK * (1 + right.abs().max()):
            return False
    return True
