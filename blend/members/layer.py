"""One layer of a small Llama or Qwen3 on a CPU, in half as many steps.

A step that writes one token for a few conversations is a millisecond of products and two of calls:
transformers multiplies by seven matrices a layer, turns queries and keys in ten operations, and
goes through a dozen modules. Here the matrices that share an input are one, and what is left is
written down in a row.
"""

from typing import TYPE_CHECKING, Any

from blend.members.attention import by_conversation
from blend.members.looking import looking
from blend.members.packed import packed

if TYPE_CHECKING:
    import torch


PLACES = 8192
"""Places of a text whose angles are kept, where they depend on nothing else."""


class Angles:
    """Cosines and sines of places, as layers want them: [tokens, 1, width], and the first half of
    the sines negative."""

    def __init__(self, rotary: Any, window: int):
        import torch

        self._turn = rotary.forward
        self._kept: tuple[torch.Tensor, torch.Tensor] | None = None
        if getattr(rotary, "rope_type", None) == "default":
            places = torch.arange(min(window, PLACES))[None]
            self._kept = _signed(*self._turn(torch.zeros(1), position_ids=places))

    def __call__(
        self, x: "torch.Tensor", places: "torch.Tensor"
    ) -> "tuple[torch.Tensor, torch.Tensor]":
        """places: [1, tokens]. x gives the kind of numbers."""
        if self._kept is not None and int(places.max()) < len(self._kept[0]):
            cos, sin = self._kept
            return cos.index_select(0, places[0]), sin.index_select(0, places[0])
        return _signed(*self._turn(x, position_ids=places))


def _signed(cos: "torch.Tensor", sin: "torch.Tensor") -> "tuple[torch.Tensor, torch.Tensor]":
    half = sin.shape[-1] // 2
    signed = sin[0].clone()
    signed[..., :half].neg_()
    return cos[0].unsqueeze(1), signed.unsqueeze(1)


class Layer:
    """Stands for one decoder layer. most: the rows that its products take."""

    def __init__(self, layer: Any):
        import torch

        attention, mlp = layer.self_attn, layer.mlp
        self._part = torch.split_with_sizes
        self._rms = torch.nn.functional.rms_norm
        self._silu = torch.nn.functional.silu
        self.layer_idx = attention.layer_idx
        self._scaling = attention.scaling
        self._width = attention.head_dim
        self._asking = attention.q_proj.out_features // self._width
        self._keys = attention.k_proj.out_features // self._width
        self._before = Norm(layer.input_layernorm)
        self._after = Norm(layer.post_attention_layernorm)
        self._heads = self._of_heads(attention)
        self._qkv = packed(attention.q_proj, attention.k_proj, attention.v_proj)
        self._out = packed(attention.o_proj)
        self._gate_up = packed(mlp.gate_proj, mlp.up_proj)
        self._down = packed(mlp.down_proj)
        self.most = min(p.most for p in (self._qkv, self._out, self._gate_up, self._down))

    def _of_heads(self, attention: Any) -> "tuple[torch.Tensor, float] | None":
        """Qwen3 norms every head of its queries and keys: the gains [heads, width], and ε."""
        import torch

        if not hasattr(attention, "q_norm"):
            return None
        q, k = attention.q_norm.weight, attention.k_norm.weight
        gains = torch.cat([q.expand(self._asking, -1), k.expand(self._keys, -1)])
        return gains, attention.q_norm.variance_epsilon

    def __call__(
        self, x: "torch.Tensor", angles: "tuple[torch.Tensor, torch.Tensor]", batch: dict[str, Any]
    ) -> "torch.Tensor":
        """[tokens, hidden] → the same shape. batch: what a manager tells attention."""
        rows, asking = len(x), self._asking
        heads = self._qkv(self._before(x)).view(rows, -1, self._width)
        turning, value = self._part(heads, (asking + self._keys, self._keys), 1)
        if self._heads is not None:
            gains, small = self._heads
            turning = self._rms(turning, (self._width,), None, small) * gains
        cos, sin = angles
        turned = (turning * cos).addcmul_(turning.roll(self._width // 2, -1), sin)
        query, key = self._part(turned, (asking, self._keys), 1)
        step = looking(batch, rows)
        if step is not None:
            said = step.attend(self.layer_idx, query, key, value, self._scaling)
        else:
            parts = (part.transpose(0, 1).unsqueeze(0) for part in (query, key, value))
            said, _ = by_conversation(self, *parts, None, self._scaling, **batch)
        x = x + self._out(said.reshape(rows, -1))
        gate, up = self._gate_up(self._after(x)).chunk(2, -1)
        return self._down(self._silu(gate).mul_(up)).add_(x)


class Norm:
    """x [tokens, hidden] over its root mean square, in half the steps of torch's: the mean of the
    squares is a product."""

    def __init__(self, module: Any):
        import torch

        self._gain = module.weight
        self._share = torch.full((len(module.weight), 1), 1 / len(module.weight))
        self._small = torch.full((1, 1), module.variance_epsilon)
        self._sum = torch.addmm

    def __call__(self, x: "torch.Tensor") -> "torch.Tensor":
        return self._sum(self._small, x.square(), self._share).rsqrt_().mul(x).mul_(self._gain)
