"""What a model has read, kept within bounded bytes and found again by the tokens it begins with."""

import copy
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any


class PrefixCache:
    """Caches of a model by the ids they hold; where room is needed the least recently used goes.

    A cache of keys and values (transformers' plain DynamicCache) is cropped to what it has in
    common with a new prompt. Any other, such as a state that has taken in all its tokens, is found
    only where all of its ids begin the prompt. limit: bytes of all that is kept; what a running
    request holds does not count.
    """

    def __init__(self, limit: float):
        self.limit = limit
        self.bytes: float = 0
        self._entries: OrderedDict[tuple[int, ...], tuple[Any, float]] = OrderedDict()
        self._lock = threading.Lock()

    def holds(self, ids: Sequence[int]) -> bool:
        """Whether all of these ids are there already."""
        with self._lock:
            return self._longest(ids)[0] == len(ids)

    def get(self, ids: Sequence[int]) -> tuple[int, Any]:
        """How many of the ids are cached, and a cache of just these, which is the caller's own.

        At least the last id is left to read, since the next token is foretold by reading.
        """
        with self._lock:
            common, kept = self._longest(ids[:-1])
            if not common:
                return 0, None
            if 2 * common > len(kept):  # a system message in common is no use of a conversation
                self._entries.move_to_end(kept)
            return common, _copy(self._entries[kept][0], len(kept) - common)

    def _longest(self, ids: Sequence[int]) -> tuple[int, tuple[int, ...]]:
        """How many ids at most are in one of the caches, and all ids of that."""
        found = 0, ()
        for kept, (cache, _) in self._entries.items():
            common = _common(kept, ids)
            if common > found[0] and (common == len(kept) or _croppable(cache)):
                found = common, kept
        return found

    def put(self, ids: Sequence[int], cache: Any) -> None:
        """Keep a cache that nobody will write to any more, unless it is larger than the limit."""
        ids, size = tuple(ids), _size(cache)
        with self._lock:
            if size > self.limit or not ids:
                return
            for kept in list(self._entries):
                if kept == ids or (_croppable(cache) and kept == ids[: len(kept)]):
                    self.bytes -= self._entries.pop(kept)[1]
            while self._entries and self.bytes + size > self.limit:
                self.bytes -= self._entries.popitem(last=False)[1][1]
            self._entries[ids] = cache, size
            self.bytes += size

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self.bytes = 0


def is_recurrent(cache: Any) -> bool:
    """Whether a cache is more than keys and values: a state that has taken in all its tokens."""
    layers = getattr(cache, "layers", ())
    return not layers or any(hasattr(layer, "recurrent_states") for layer in layers)


def _common(kept: Sequence[int], ids: Sequence[int]) -> int:
    """How many ids two sequences begin with together."""
    pairs = enumerate(zip(kept, ids, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(kept), len(ids)))


def _croppable(cache: Any) -> bool:
    from transformers.cache_utils import DynamicLayer

    # By its type, not by `is_croppable`: a sliding window claims it and refuses once it is full.
    layers = getattr(cache, "layers", ())
    return bool(layers) and all(type(layer) is DynamicLayer for layer in layers)


def _copy(cache: Any, surplus: int) -> Any:
    """The same without its last `surplus` tokens; growing it leaves the kept one as it was."""
    if not _croppable(cache):
        return copy.deepcopy(cache)  # states are written in place
    # A plain layer makes new tensors whenever it grows: only the layers themselves must be copied.
    own = copy.copy(cache)
    own.layers = [copy.copy(layer) for layer in cache.layers]
    if surplus:
        own.crop(-surplus)
    return own


def _size(cache: Any) -> float:
    """The bytes of all tensors in a cache, each storage once; no end of them where none is seen."""
    stores: dict[int, int] = {}
    for layer in getattr(cache, "layers", ()):
        for value in vars(layer).values():
            for tensor in value.values() if isinstance(value, dict) else (value,):
                if hasattr(tensor, "untyped_storage"):
                    store = tensor.untyped_storage()
                    stores[store.data_ptr()] = store.nbytes()
    return sum(stores.values()) or float("inf")
