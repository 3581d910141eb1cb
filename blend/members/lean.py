"""The layers of a small Llama or Qwen3 on a CPU, in half as many steps.

A step that writes one token for a few conversations is a millisecond of products and two of calls:
transformers multiplies by seven matrices a layer, turns queries and keys in ten operations, and
goes through a dozen modules. Here the matrices that share an input are one, and what is left is
written down in a row. More rows than packed products take go the usual way, through the module.
"""

from typing import TYPE_CHECKING, Any

from blend.members.attention import by_conversation
from blend.members.packed import LARGEST, MOST, SLACK, packed

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

KINDS = ("LlamaDecoderLayer", "Qwen3DecoderLayer")
"""The layers that are known here to the last operation."""


def slim(model: "PreTrainedModel") -> int:
    """Have the layers of a float32 model take fewer steps; how many now do.

    Each is tried first, and where one says something else, all stay as they are. Call it once the
    model attends by conversation. The parameters stay in place.
    """
    import torch

    layers = [m for m in model.modules() if type(m).__name__ in KINDS]
    size = sum(w.numel() * w.itemsize for w in model.parameters())
    plain = all(w.device.type == "cpu" and w.dtype == torch.float32 for w in model.parameters())
    apart = model.config._attn_implementation == "flash_apart"
    if not layers or not plain or not apart or size > LARGEST:
        return 0
    if model.config.hidden_act != "silu" or not torch.backends.mkldnn.is_available():
        return 0
    shared = _Angles()
    try:
        slimmer = [_Layer(layer, shared) for layer in layers]
        same = all(_same(model, *pair) for pair in zip(layers, slimmer, strict=True))
    except (RuntimeError, AttributeError, TypeError):  # another torch, another transformers
        return 0
    if not same:
        return 0
    for layer, forward in zip(layers, slimmer, strict=True):
        layer.forward = forward
    return len(layers)


def unslim(model: "PreTrainedModel") -> None:
    """Have every layer go the usual way again."""
    for layer in model.modules():
        if isinstance(layer.__dict__.get("forward"), _Layer):
            del layer.forward


class _Angles:
    """The cosines and sines of a step, as all its layers want them; made by the first of them."""

    def __init__(self) -> None:
        self._of: object = None
        self._made: tuple[torch.Tensor, torch.Tensor] | None = None

    def of(self, turned: "tuple[torch.Tensor, torch.Tensor]") -> "tuple[torch.Tensor, ...]":
        """Cosines [tokens, 1, width], and sines, of which the first half is negative."""
        if self._of is not turned or self._made is None:
            cos, sin = turned
            half = sin.shape[-1] // 2
            signed = sin.clone()
            signed[..., :half].neg_()
            self._made = cos[0].unsqueeze(1), signed[0].unsqueeze(1)
            self._of = turned
        return self._made


class _Layer:
    """Stands for one decoder layer's forward. Never changes, so a copy is the same one."""

    def __init__(self, layer: Any, shared: _Angles):
        import torch

        attention, mlp = layer.self_attn, layer.mlp
        self._usual = layer.forward
        self._shared = shared
        self._rms = torch.nn.functional.rms_norm
        self._silu = torch.nn.functional.silu
        self.layer_idx = attention.layer_idx
        self._scaling = attention.scaling
        self._width = attention.head_dim
        self._asking = attention.q_proj.out_features // self._width
        self._keys = attention.k_proj.out_features // self._width
        self._inner = mlp.gate_proj.out_features
        self._before = _norm(layer.input_layernorm)
        self._after = _norm(layer.post_attention_layernorm)
        self._heads = self._of_heads(attention)
        self._qkv = packed(attention.q_proj, attention.k_proj, attention.v_proj)
        self._out = packed(attention.o_proj)
        self._gate_up = packed(mlp.gate_proj, mlp.up_proj)
        self._down = packed(mlp.down_proj)

    def __deepcopy__(self, memo: dict) -> "_Layer":
        return self

    def _of_heads(self, attention: Any) -> "tuple[torch.Tensor, float] | None":
        """Qwen3 norms every head of its queries and keys: the gains [heads, width], and ε."""
        import torch

        if not hasattr(attention, "q_norm"):
            return None
        (q, eps), (k, _) = _norm(attention.q_norm), _norm(attention.k_norm)
        return torch.cat([q.expand(self._asking, -1), k.expand(self._keys, -1)]), eps

    def __call__(
        self,
        hidden_states: "torch.Tensor",
        attention_mask: None = None,
        position_embeddings: "tuple[torch.Tensor, torch.Tensor] | None" = None,
        **batch: Any,
    ) -> "torch.Tensor":
        """[1, tokens, hidden] → the same shape."""
        x, rows = hidden_states, hidden_states.shape[1]
        if rows > MOST or x.shape[0] > 1 or position_embeddings is None:
            return self._usual(x, attention_mask, position_embeddings=position_embeddings, **batch)
        gain, eps = self._before
        heads = self._qkv(self._rms(x, gain.shape, gain, eps)).view(rows, -1, self._width)
        turning = heads[:, : self._asking + self._keys]
        if self._heads is not None:
            gains, small = self._heads
            turning = self._rms(turning, (self._width,), None, small) * gains
        cos, sin = self._shared.of(position_embeddings)
        turned = (turning * cos).addcmul_(turning.roll(self._width // 2, -1), sin)
        said, _ = by_conversation(
            self,
            turned[:, : self._asking].transpose(0, 1).unsqueeze(0),
            turned[:, self._asking :].transpose(0, 1).unsqueeze(0),
            heads[:, self._asking + self._keys :].transpose(0, 1).unsqueeze(0),
            None,
            self._scaling,
            **batch,
        )
        x = x + self._out(said.reshape(1, rows, -1))
        gain, eps = self._after
        both = self._gate_up(self._rms(x, gain.shape, gain, eps))
        opened = self._silu(both[..., : self._inner]).mul_(both[..., self._inner :])
        return self._down(opened).add_(x)


def _norm(module: Any) -> "tuple[torch.Tensor, float]":
    return module.weight, module.variance_epsilon


class _Echo:
    """In place of a cache: what was read is what is asked."""

    def update(self, key: Any, value: Any, layer_idx: int, kwargs: dict) -> tuple[Any, Any]:
        return key, value


def _same(model: "PreTrainedModel", layer: Any, slim: _Layer) -> bool:
    """Whether a layer says the same either way, for two tokens of one and one of another."""
    import torch

    x = torch.linspace(-1, 1, 3 * layer.hidden_size).view(1, 3, -1)
    turned = model.get_decoder().rotary_emb(x, position_ids=torch.tensor([[3, 4, 9]]))
    bounds = torch.tensor([0, 2, 3])
    for ends in (bounds, torch.arange(4)):
        batch = {"cu_seq_lens_q": ends, "cu_seq_lens_k": ends, "cache": _Echo()}
        with torch.no_grad():
            right = layer(x, position_embeddings=turned, **batch)
            ours = slim(x, position_embeddings=turned, **batch)
        if not (right - ours).abs().max() <= SLACK * (1 + right.abs().max()):
            return False
    return True
