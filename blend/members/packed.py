"""Matrices of a small model on a CPU, packed once as a quicker product wants them.

torch's own products take them as they lie, which is two to three times slower for a handful of
rows where its BLAS was not made for the processor. FBGEMM's packed copies are in half precision and
its sums in single, so that nothing is lost of weights that were stored in 16 bits, and a step reads
half the memory; others are packed as oneDNN wants them. The copy costs memory, so large models,
whose time goes into reading it anyway, are left as they are.
"""

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    Product = "_Half | _Whole"

LARGEST = 256e6
"""Bytes of weights from which a model is left as it is."""
ROWS = 16
"""Conversations at once that oneDNN's packing is made for; it serves any number up to MOST."""
MOST = 64
"""Rows above which oneDNN gives way to torch's own product: it keeps programs for each number of
rows that it has met, megabytes of them, and prompts come in every length."""
STEP = 8
"""Above ROWS their number is filled up to a multiple of this: 22 programs, not 64, are kept."""
TINY = 2.0**-25
"""By how much a weight may differ in half precision: what is left of those close to 0."""
SLACK = 1e-4
"""How far a packed product may be from torch's own, beside its largest value."""


def pack(model: "PreTrainedModel") -> int:
    """Have the linear layers of a float32 model on a CPU use packed copies; how many now do.

    Each is tried first; where nothing packs or one says something else, all stay as they are. The
    parameters stay in place, for whoever reads, copies or saves them.
    """
    import torch
    from torch import nn

    replaced = [m for m in model.modules() if "forward" in vars(m)]  # see blend.members.lean
    inside = {id(part) for whole in replaced for part in whole.modules()}
    layers = [m for m in model.modules() if type(m) is nn.Linear and id(m) not in inside]
    size = sum(layer.weight.numel() * layer.weight.itemsize for layer in layers)
    plain = all(m.weight.device.type == "cpu" and m.weight.dtype == torch.float32 for m in layers)
    if not plain or size > LARGEST:
        return 0
    try:
        products = [packed(layer) for layer in layers]
    except (RuntimeError, AttributeError):  # another torch, another processor
        return 0
    if not all(map(_same, layers, products)):
        return 0
    for layer, forward in zip(layers, products, strict=True):
        layer.forward = forward
    return len(layers)


def unpack(model: "PreTrainedModel") -> None:
    """Have every layer use torch's own product again."""
    for layer in model.modules():
        if isinstance(layer.__dict__.get("forward"), _Half | _Whole):
            del layer.forward


class _Half:
    """x [..., inputs] → x Wᵀ + b, by FBGEMM's W of half precision. Never changes, so a copy is the
    same one. Raises RuntimeError where the processor or the build has no FBGEMM."""

    most = float("inf")

    def __init__(self, weight: "torch.Tensor", bias: "torch.Tensor | None"):
        import torch

        # Else every call looks for a method of this name in the script and throws when it is not
        # there, twice: a third of the call.
        torch.ScriptObject.__torch_function__ = torch._C._disabled_torch_function_impl
        self._packed = torch.ops.quantized.linear_prepack_fp16(weight.detach(), bias)
        times = torch.ops.quantized.linear_dynamic_fp16.default
        self._times = getattr(times, "_op", times)  # without a look for tracers at each call

    def __deepcopy__(self, memo: dict) -> "_Half":
        return self

    def __call__(self, x: "torch.Tensor") -> "torch.Tensor":
        return self._times(x, self._packed)


class _Whole:
    """The same by oneDNN's W of single precision.

    kept: whether the matrix is there for torch's own product of more than MOST rows. Raises
    RuntimeError where there is no oneDNN.
    """

    def __init__(self, weight: "torch.Tensor", bias: "torch.Tensor | None", kept: bool):
        import torch

        self.most = float("inf") if kept else MOST
        self._plain = partial(torch.nn.functional.linear, weight=weight, bias=bias)
        self._pad = torch.nn.functional.pad
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight.detach(), ROWS)
        self._bias = bias
        self._times = torch.ops.mkldnn._linear_pointwise.default
        if not kept:
            del self._plain

    def __deepcopy__(self, memo: dict) -> "_Whole":
        return self

    def __call__(self, x: "torch.Tensor") -> "torch.Tensor":
        rows = x.shape[-2]
        if rows > MOST:
            return self._plain(x)
        lacking = -rows % STEP if rows > ROWS else 0
        if not lacking:
            return self._times(x, self._weight, self._bias, "none", [], "")
        x = self._pad(x, (0, 0, 0, lacking))
        return self._times(x, self._weight, self._bias, "none", [], "")[..., :rows, :]


def packed(*layers: "torch.nn.Linear") -> "Product":
    """The product of one layer, or of several that share an input, their outputs side by side.

    most: the rows that it takes. Raises RuntimeError where nothing packs.
    """
    import torch

    weight, bias = layers[0].weight, layers[0].bias
    if len(layers) > 1:
        weight = torch.cat([layer.weight for layer in layers])
        bias = None if bias is None else torch.cat([layer.bias for layer in layers]).detach()
    if bool(((weight.half().float() - weight).abs() <= TINY).all()):
        with suppress(RuntimeError):  # no FBGEMM
            return _Half(weight, bias)
    return _Whole(weight, bias, kept=len(layers) == 1)


def _same(layer: "torch.nn.Linear", product: "Product") -> bool:
    import torch

    # Not torch.rand: it would move the seed of whoever loads a model.
    x = torch.linspace(-1, 1, 3 * layer.in_features).view(1, 3, -1)
    right, ours = layer(x), product(x)
    return bool((right - ours).abs().max() <= SLACK * (1 + right.abs().max()))
