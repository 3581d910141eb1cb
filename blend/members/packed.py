"""Matrices of a small model on a CPU, packed once as oneDNN wants them.

torch's own products take them as they lie, which is two to three times slower for a handful of
rows where its BLAS was not made for the processor. The packed copy costs as much memory again,
so large models, whose time goes into reading memory anyway, are left as they are.
"""

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

LARGEST = 256e6
"""Bytes of weights from which a model is left as it is."""
ROWS = 16
"""Conversations at once that the packing is made for; it serves any number up to MOST."""
MOST = 64
"""Rows above which torch's own product is used: oneDNN keeps programs for each number of rows that
it has met, two megabytes of them for an embedded model, and prompts come in every length."""
STEP = 8
"""Above ROWS their number is filled up to a multiple of this: 22 programs, not 64, are kept."""
SLACK = 1e-4
"""How far a packed product may be from torch's own, beside its largest value."""


def pack(model: "PreTrainedModel") -> int:
    """Have the linear layers of a float32 model on a CPU use packed copies; how many now do.

    Each is tried first; where oneDNN is missing or says something else, all stay as they are. The
    parameters stay in place, for whoever reads, copies or saves them.
    """
    import torch
    from torch import nn

    replaced = [m for m in model.modules() if "forward" in vars(m)]  # see blend.members.lean
    inside = {id(part) for whole in replaced for part in whole.modules()}
    layers = [m for m in model.modules() if type(m) is nn.Linear and id(m) not in inside]
    size = sum(layer.weight.numel() * layer.weight.itemsize for layer in layers)
    plain = all(m.weight.device.type == "cpu" and m.weight.dtype == torch.float32 for m in layers)
    if not plain or size > LARGEST or not torch.backends.mkldnn.is_available():
        return 0
    try:
        products = [packed(layer) for layer in layers]
    except (RuntimeError, AttributeError):  # another torch, another oneDNN
        return 0
    if not all(map(_same, layers, products)):
        return 0
    for layer, forward in zip(layers, products, strict=True):
        layer.forward = forward
    return len(layers)


def unpack(model: "PreTrainedModel") -> None:
    """Have every layer use torch's own product again."""
    for layer in model.modules():
        if isinstance(layer.__dict__.get("forward"), _Product):
            del layer.forward


class _Product:
    """x [..., inputs] → x Wᵀ + b, by the packed W. Never changes, so a copy is the same one."""

    def __init__(self, weight: "torch.Tensor", bias: "torch.Tensor | None", kept: bool = True):
        import torch

        plain = partial(torch.nn.functional.linear, weight=weight, bias=bias)
        self._plain = plain if kept else None
        self._pad = torch.nn.functional.pad
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight.detach(), ROWS)
        self._bias = bias
        self._times = torch.ops.mkldnn._linear_pointwise.default

    def __deepcopy__(self, memo: dict) -> "_Product":
        return self

    def __call__(self, x: "torch.Tensor") -> "torch.Tensor":
        rows = x.shape[-2]
        if rows > MOST and self._plain is not None:
            return self._plain(x)
        lacking = -rows % STEP if rows > ROWS else 0
        if not lacking:
            return self._times(x, self._weight, self._bias, "none", [], "")
        x = self._pad(x, (0, 0, 0, lacking))
        return self._times(x, self._weight, self._bias, "none", [], "")[..., :rows, :]


def packed(*layers: "torch.nn.Linear") -> _Product:
    """The product of one layer, or of several that share an input, their outputs side by side.

    Several have no product of torch's own to fall back to: never more than MOST rows.
    """
    import torch

    if len(layers) == 1:
        return _Product(layers[0].weight, layers[0].bias)
    biases = [layer.bias for layer in layers]
    bias = None if biases[0] is None else torch.cat(biases).detach()
    return _Product(torch.cat([layer.weight for layer in layers]), bias, kept=False)


def _same(layer: "torch.nn.Linear", product: _Product) -> bool:
    import torch

    # Not torch.rand: it would move the seed of whoever loads a model.
    x = torch.linspace(-1, 1, 3 * layer.in_features).view(1, 3, -1)
    right, ours = layer(x), product(x)
    return bool((right - ours).abs().max() <= SLACK * (1 + right.abs().max()))
