"""What the conversations of a batch look at, each at itself: those that write a token together.

Conversations of about the same length are attended to at once, padded; one that reads more than a
token is by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import torch

SPARE = 512
"""Places of padding that cost less than another group of conversations."""


class Group(NamedTuple):
    """Conversations that write one token each and are about as long as one another.

    rows: [conversations], where their tokens are in the batch; None where they are all of it, in
    its order. read: [conversations · longest], where their keys lie, the shorter ones padded.
    lacking: 0 for what is its own and −∞ for padding, None without any.
    """

    rows: "torch.Tensor | None"
    read: "torch.Tensor"
    lacking: "torch.Tensor | None"


class Reader(NamedTuple):
    """A conversation that has tokens first to last of the batch; read: [places] of its keys."""

    first: int
    last: int
    read: "torch.Tensor"


class Looking:
    """What each conversation of a batch looks at, reckoned once for all layers.

    views: by layer, the cached keys and values [places, heads, width]. write: [tokens], where the
    new ones go.
    """

    def __init__(
        self,
        views: "Mapping[int, tuple[torch.Tensor, torch.Tensor]]",
        write: "torch.Tensor",
        groups: Sequence[Group],
        readers: Sequence[Reader],
    ):
        from torch.nn.functional import scaled_dot_product_attention

        self._views = views
        self._write = write
        self._groups = groups
        self._readers = readers
        self._attend = scaled_dot_product_attention

    def attend(
        self,
        layer: int,
        query: "torch.Tensor",
        key: "torch.Tensor",
        value: "torch.Tensor",
        scaling: float | None,
    ) -> "torch.Tensor":
        """[tokens, heads, width], and fewer heads of keys and values → [tokens, heads · width]."""
        keys, values = self._views[layer]
        keys.index_copy_(0, self._write, key)
        values.index_copy_(0, self._write, value)
        if self._groups and self._groups[0].rows is None:
            return self._written(self._groups[0], query, keys, values, scaling)
        said = query.new_empty(len(query), query[0].numel())
        for group in self._groups:
            some = query.index_select(0, group.rows)
            said.index_copy_(0, group.rows, self._written(group, some, keys, values, scaling))
        for first, last, read in self._readers:
            k, v = (x.index_select(0, read).transpose(0, 1).unsqueeze(0) for x in (keys, values))
            asked = query[first:last].transpose(0, 1).unsqueeze(0)
            own = read_by(asked, k, v, scaling).transpose(1, 2)
            said[first:last] = own.reshape(last - first, -1)
        return said

    def _written(
        self,
        group: Group,
        query: "torch.Tensor",
        keys: "torch.Tensor",
        values: "torch.Tensor",
        scaling: float | None,
    ) -> "torch.Tensor":
        shape = len(query), -1, *keys.shape[1:]
        k = keys.index_select(0, group.read).view(shape).transpose(1, 2)
        v = values.index_select(0, group.read).view(shape).transpose(1, 2)
        # The heads that share a key ask it together, as if they were tokens.
        q = query.reshape(len(query), keys.shape[1], -1, keys.shape[2])
        said = self._attend(q, k, v, attn_mask=group.lacking, scale=scaling)
        return said.reshape(len(query), -1)


def looking(batch: "dict[str, Any]", tokens: int) -> Looking | None:
    """What the conversations of a batch look at; None where nothing was cached before, and where
    the cache is not of the kind that is known here.

    Reckoned by the first layer, and kept with the cache for the others.
    """
    asked, cache = batch["cu_seq_lens_q"], batch["cache"]
    kept = getattr(cache, "looking", None)
    if kept is None or kept[0] is not asked:
        kept = cache.looking = asked, _looking(batch, tokens)
    return kept[1]


def _looking(batch: "dict[str, Any]", tokens: int) -> Looking | None:
    import torch

    allocators = getattr(batch["cache"], "cache_allocators", {})
    views = [getattr(one, "_kv_token_views", None) for one in allocators.values()]
    if [*allocators] != ["full_attention"] or views[0] is None:
        return None
    read, write = batch["read_index"][0], batch["write_index"][0]
    bounds = batch["cu_seq_lens_k"]["full_attention"].long()
    asked, places = batch["cu_seq_lens_q"].tolist(), bounds.tolist()
    if len(read) != places[-1] or len(write) != tokens or asked[-1] != tokens:
        return None
    readers, writers = [], []
    for n, (first, last) in enumerate(pairwise(asked)):
        if last - first == 1:
            writers.append(n)
        else:
            readers.append(Reader(first, last, read[places[n] : places[n + 1]]))
    lengths = bounds.diff()
    groups = []
    for members in _alike(writers, lengths.tolist()):
        every = len(members) == len(asked) - 1
        which = torch.tensor(members)
        first, length = ((x if every else x[which])[:, None] for x in (bounds[:-1], lengths))
        steps = torch.arange(int(length.max()))
        padded = (first + torch.minimum(steps, length - 1)).view(-1)
        lacking = torch.where(steps < length, 0.0, -torch.inf)[:, None, None]
        rows = None if every else torch.tensor([asked[n] for n in members])
        whole = len(steps) * len(members) == int(length.sum())
        groups.append(Group(rows, read[padded], None if whole else lacking))
    return Looking(views[0], write, groups, readers)


def _alike(writers: list[int], lengths: list[int]) -> Iterator[list[int]]:
    """The writers in groups of like lengths, each in the order of the batch."""
    group: list[int] = []
    longest = own = 0
    for n in sorted(writers, key=lambda n: -lengths[n]):
        length = lengths[n]
        if group and longest * (len(group) + 1) - own - length > max(SPARE, own // 4):
            yield sorted(group)
            group, own = [], 0
        longest = length if not group else longest
        group.append(n)
        own += length
    if group:
        yield sorted(group)


def read_by(
    query: "torch.Tensor", key: "torch.Tensor", value: "torch.Tensor", scaling: float | None
) -> "torch.Tensor":
    """One conversation, the last tokens of what it reads: [1, heads, asked, width]."""
    from torch.nn.functional import scaled_dot_product_attention as attend

    asked, shared = query.shape[2], query.shape[1] // key.shape[1]
    if asked == 1:  # the heads that share a key ask it together, as if they were tokens
        one = attend(query.reshape(1, key.shape[1], shared, -1), key, value, scale=scaling)
        return one.reshape(query.shape)
    if shared > 1:
        key, value = key.repeat_interleave(shared, 1), value.repeat_interleave(shared, 1)
    past = key.shape[2] - asked
    seen = query.new_ones(asked, past + asked, dtype=bool).tril_(past) if past else None
    return attend(query, key, value, attn_mask=seen, is_causal=seen is None, scale=scaling)
