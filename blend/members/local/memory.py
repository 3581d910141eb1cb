"""Who needs how much of a device's memory, worked out before anything is loaded."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

QUANTISED = {"4bit": 0.5 + 4 / 64, "8bit": 1.0}
"""Bytes a weight under bitsandbytes: NF4 keeps a float32 for every 64 of them."""
KEPT_WHOLE = ("embed", "wte", "wpe", "lm_head", "norm", "ln_")
"""Parts of the names of tensors that quantisation leaves as they are."""
USED = 0.9
"""The part of a device's free memory that is shared out; libraries take some for themselves."""
STEP = 4096
"""Tokens that a member on a GPU reads in one step at most, all its conversations together."""
ROWS = 256
"""Conversations that it writes for in one step at most."""
PROGRAMS = 8
"""Programs are answered apart from the page: in steps, and from a cache, of one part in so many."""
GROUND = 0.5e9
"""Bytes that a member takes before it does anything: kernels, graphs, what cannot be reckoned."""
LEAST, MOST = 2.25, 65
"""Windows of cache that a member needs, one of them for programs, and that it gets at most."""


@dataclass(frozen=True, slots=True)
class Size:
    """What one member needs: bytes of its weights, bytes of cache a token, tokens of its window.

    token is 0 for a model whose cache does not grow. beside: bytes that a step takes for each token
    in the cache. work: bytes that it takes whatever is in the cache.
    """

    weights: float
    token: float
    window: int
    beside: float = 0.0
    work: float = GROUND


@dataclass(frozen=True, slots=True)
class Share:
    """What a server may take of a device: bytes in all, and of them those of weights and cache."""

    device: str
    whole: float
    lasting: float


def weights(shapes: Mapping[str, Sequence[int]], item: int, quantise: str | None = None) -> float:
    """The bytes that tensors take once loaded, by name and shape; `item` bytes a number."""
    total = 0.0
    for name, shape in shapes.items():
        whole = len(shape) < 2 or any(part in name for part in KEPT_WHOLE)
        total += math.prod(shape) * (QUANTISED[quantise] if quantise and not whole else item)
    return total


def size(config: Any, item: int, weights: float = 0.0, window: int = 0) -> Size:
    """What a model needs by its shape. config: of its text part. item: bytes a number.

    A token takes its keys and values in all layers. Beside it, a step without flash attention takes
    keys and values of one layer, each head's own, and a column of the mask. Its work is the logits
    of ROWS conversations in float32, four times while they are sorted, the states, queries, keys
    and values of STEP tokens, and their mask; then the same for the programs' part.
    """
    queries = getattr(config, "num_attention_heads", None) or 0
    heads = getattr(config, "num_key_value_heads", None) or queries
    width = getattr(config, "head_dim", None) or (queries and config.hidden_size // queries)
    token = beside = 0.0
    if queries:
        token = 2.0 * config.num_hidden_layers * heads * width * item
        beside = (2 * queries + heads) * width * item + STEP * item + 16.0
    logits = ROWS * (config.hidden_size * item + 4 * 4 * config.vocab_size)
    states = STEP * item * (config.hidden_size + 3 * (queries + heads) * (width or 0))
    work = GROUND + (logits + states + STEP * STEP * item) * (1 + 1 / PROGRAMS)
    return Size(weights, token, window, beside, work)


def shares(
    free: float, sizes: Mapping[str, Size], given: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Gigabytes of cache for each member on one device, so that all their weights fit beside them.

    free: bytes before any of them is loaded. given: what the roster gives, which is kept.

    Every other member gets LEAST of its windows, and beyond that all get room for as many tokens: a
    uniform draw sends every conversation to every member as often, and all would wait for the one
    whose cache is full first. Raises MemoryError, with what is needed and what is there.
    """
    given = dict(given or {})
    growing = {name: size for name, size in sizes.items() if size.token}
    cost = {name: size.token + size.beside for name, size in growing.items()}
    least = {
        name: 1e9 * given[name] / size.token if name in given else LEAST * size.window
        for name, size in growing.items()
    }
    fixed = sum(size.weights + size.work for size in sizes.values())
    there, needed = free * USED, fixed + sum(least[name] * cost[name] for name in growing)
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
        name: min(least[name] + more, MOST * sizes[name].window) * sizes[name].token / 1e9
        for name in open_to
    }
