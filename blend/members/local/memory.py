"""Who needs how much of a device's memory, worked out before anything is loaded."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

QUANTISED = {"4bit": 0.5 + 4 / 64, "8bit": 1.0}
"""Bytes a weight under bitsandbytes: NF4 keeps a float32 for every 64 of them."""
KEPT_WHOLE = ("embed", "wte", "wpe", "lm_head", "norm", "ln_")
"""Parts of the names of tensors that quantisation leaves as they are."""
USABLE_PART = 0.9
"""The part of a device's free memory that is shared out; libraries take some for themselves."""
MAX_STEP_TOKENS = 4096
"""Tokens that a member on a GPU reads in one step at most, all requests together."""
MAX_STEP_REQUESTS = 256
"""Requests that it writes for in one step at most."""
PROGRAM_PARTS = 8
"""One part in so many of the steps and of the cache is for programs."""
BASE_BYTES = 0.5e9
"""Bytes that a member takes before it does anything: kernels, graphs, and what is unknown."""
MIN_WINDOWS, MAX_WINDOWS = 2.25, 65
"""Windows of cache that a member needs, one of them for programs, and that it gets at most."""


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """What one member needs: bytes of its weights, and tokens of its window.

    kv_per_token: bytes of cache; 0 for a model whose cache does not grow. overhead_per_token: bytes
    that a step takes for each token in the cache. workspace: bytes that it takes in any case.
    """

    weights: float
    kv_per_token: float
    window: int
    overhead_per_token: float = 0.0
    workspace: float = BASE_BYTES


@dataclass(frozen=True, slots=True)
class DeviceShare:
    """What a server may take of a device: bytes in all, and the part of weights and cache."""

    device: str
    total: float
    resident: float


def weight_bytes(
    shapes: Mapping[str, Sequence[int]], item: int, quantise: str | None = None
) -> float:
    """The bytes that tensors take once loaded, by name and shape; `item` bytes a number."""
    total = 0.0
    for name, shape in shapes.items():
        whole = len(shape) < 2 or any(part in name for part in KEPT_WHOLE)
        total += math.prod(shape) * (QUANTISED[quantise] if quantise and not whole else item)
    return total


def estimate(config: Any, item: int, weights: float = 0.0, window: int = 0) -> MemoryEstimate:
    """What a model needs, by its shape. config: of its text part. item: bytes a number.

    A token takes its keys and values in all layers; a step without flash attention also takes keys
    and values of one layer, each head's own, and a column of the mask. The workspace holds logits
    in float32 for each request, four times while they are sorted, states, queries, keys and values
    for each token of a step, and their mask; then the same for the programs' part.
    """
    queries = getattr(config, "num_attention_heads", None) or 0
    heads = getattr(config, "num_key_value_heads", None) or queries
    width = getattr(config, "head_dim", None) or (queries and config.hidden_size // queries)
    per_token = overhead = 0.0
    if queries:
        per_token = 2.0 * config.num_hidden_layers * heads * width * item
        overhead = (2 * queries + heads) * width * item + MAX_STEP_TOKENS * item + 16.0
    logits = MAX_STEP_REQUESTS * (config.hidden_size * item + 4 * 4 * config.vocab_size)
    states = MAX_STEP_TOKENS * item * (config.hidden_size + 3 * (queries + heads) * (width or 0))
    workspace = BASE_BYTES + (logits + states + MAX_STEP_TOKENS * MAX_STEP_TOKENS * item) * (
        1 + 1 / PROGRAM_PARTS
    )
    return MemoryEstimate(weights, per_token, window, overhead, workspace)


def allocate_cache(
    free: float, sizes: Mapping[str, MemoryEstimate], given: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Gigabytes of cache for each member on one device, so that all their weights fit beside them.

    free: bytes before any of them is loaded. given: what the roster gives, which is kept.

    Every other member gets MIN_WINDOWS of its windows, and beyond that all get room for as many
    tokens: a uniform draw sends every conversation to every member as often, and all would wait for
    the one whose cache is full first. Raises MemoryError, with what is needed and what is there.
    """
    given = dict(given or {})
    growing = {name: size for name, size in sizes.items() if size.kv_per_token}
    cost = {name: size.kv_per_token + size.overhead_per_token for name, size in growing.items()}
    least = {
        name: 1e9 * given[name] / size.kv_per_token if name in given else MIN_WINDOWS * size.window
        for name, size in growing.items()
    }
    fixed = sum(size.weights + size.workspace for size in sizes.values())
    there, needed = free * USABLE_PART, fixed + sum(least[name] * cost[name] for name in growing)
    if needed > there:
        names = ", ".join(f"{name} {size.weights / 1e9:,.1f}" for name, size in sizes.items())
        raise MemoryError(
            f"the members on one device need {needed / 1e9:,.1f} GB, caches included, and"
            f" {there / 1e9:,.1f} GB of it can be had (weights in GB: {names}): quantise some,"
            " shorten a `window`, or leave one out"
        )
    open_to = [name for name in growing if name not in given]
    more = (there - needed) / sum(cost[name] for name in open_to) if open_to else 0.0
    return given | {
        name: min(least[name] + more, MAX_WINDOWS * sizes[name].window)
        * sizes[name].kv_per_token
        / 1e9
        for name in open_to
    }
