"""Pools of members and what they reach: the oracle, Blended, the mean, the best single. Pure.

For losses L_m(x) in nats of members m on a reply x (both papers side by side):
    oracle   min_m L_m(x)                      the limit of arXiv 2512.23340: it peeks at the reply
    Blended  -log((1/N) Σ_m exp(-L_m(x)))      arXiv 2401.02994 as the probability model that it is
    mean     (1/N) Σ_m L_m(x)                  what one drawn member is worth, on average
so that on every reply oracle ≤ Blended ≤ mean, and Blended ≤ oracle + log N.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

BLOCK = 4096
"""Replies reckoned at a time: memory is bounded, whatever their number."""
PER_OCTAVE = 2
"""Steps of the frontier to a factor of two in parameters."""


@dataclass(frozen=True, slots=True, eq=False)
class Pools:
    """P pools of M members. member (P, M): who is in. parameters (P,): their total.

    The others (P, k) are sums over replies, one column a weighting of them (see `pools`).
    """

    member: np.ndarray
    parameters: np.ndarray
    oracle: np.ndarray
    blended: np.ndarray
    mean: np.ndarray
    best: np.ndarray

    @property
    def size(self) -> np.ndarray:
        return self.member.sum(axis=1)

    def __len__(self) -> int:
        return len(self.parameters)


def of_each(nats: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """oracle, Blended and mean (S,) of every reply, for the pool of all columns of nats (S, N)."""
    blended = math.log(nats.shape[1]) - np.logaddexp.reduce(-nats, axis=1)
    return nats.min(axis=1), blended, nats.mean(axis=1)


def pools(nats: np.ndarray, parameters: Sequence[int], weights: np.ndarray, largest: int) -> Pools:
    """Every pool of up to `largest` members, then greedy ones of more.

    nats (S, M). weights (S, k): each column weighs the replies in one way (one half of them, the
    other). Beyond `largest`, each pool on the frontier of the first weighting grows by the member
    that lowers its oracle loss most, until all are in.
    """
    members = nats.shape[1]
    small = np.array(list(subsets(members, min(largest, members))))
    oracle, blended = np.zeros((2, len(small), weights.shape[1]))
    for start in range(0, len(nats), BLOCK):
        rows = slice(start, start + BLOCK)
        _add(oracle, blended, np.ascontiguousarray(nats[rows].T), weights[rows], largest)
    grown = (
        _greedy(nats, parameters, weights[:, :1], small, oracle[:, 0]) if largest < members else []
    )
    member = np.vstack([small, *([grown] if len(grown) else [])])
    for mask in grown:
        least, mixed, _ = of_each(nats[:, mask])
        oracle = np.vstack([oracle, least @ weights])
        blended = np.vstack([blended, mixed @ weights])
    each = nats.T @ weights
    mean = member @ each / member.sum(axis=1, keepdims=True)
    best = np.where(member[:, :, None], each, np.inf).min(axis=1)
    return Pools(member, member @ np.asarray(parameters), oracle, blended, mean, best)


def subsets(members: int, largest: int) -> Iterator[np.ndarray]:
    """The masks (M,) of every subset of 1 … `largest`, in the order of `_add`."""
    stack = [()]
    while stack:
        chosen = stack.pop()
        after = range(chosen[-1] + 1 if chosen else 0, members)
        for new in after:
            mask = np.zeros(members, bool)
            mask[[*chosen, new]] = True
            yield mask
        if len(chosen) + 1 < largest:
            stack += [(*chosen, new) for new in after]


def _add(
    oracle: np.ndarray, blended: np.ndarray, nats: np.ndarray, weights: np.ndarray, largest: int
) -> None:
    """Add the sums of some replies, nats (M, S), for every subset in the order of `subsets`.

    A subset is its parent and one member more: all children of a parent are reckoned at once.
    """
    members, replies = nats.shape
    largest = min(largest, members)
    stack = [(0, 0, np.full(replies, np.inf), np.full(replies, -np.inf))]
    at = 0
    while stack:
        first, size, least, chance = stack.pop()
        mins = np.minimum(least, nats[first:])
        sums = np.logaddexp(chance, -nats[first:])
        here = slice(at, at + members - first)
        oracle[here] += mins @ weights
        blended[here] += (math.log(size + 1) - sums) @ weights
        at = here.stop
        if size + 1 < largest:
            stack += [(first + n + 1, size + 1, mins[n], sums[n]) for n in range(members - first)]


def frontier(parameters: np.ndarray, loss: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Of the pools `which` (P,) the one of least loss in each step of total parameters; indices."""
    steps = np.floor(PER_OCTAVE * np.log2(parameters)).astype(int)
    found = []
    for step in np.unique(steps[which]):
        inside = np.flatnonzero(which & (steps == step))
        found.append(inside[loss[inside].argmin()])
    return np.array(found, dtype=int)


def _greedy(
    nats: np.ndarray,
    parameters: Sequence[int],
    weights: np.ndarray,
    small: np.ndarray,
    loss: np.ndarray,
) -> np.ndarray:
    """The masks (G, M) of the pools that the largest of the frontier's grow into."""
    full = small.sum(axis=1) == small.sum(axis=1).max()
    starts = frontier(small @ np.asarray(parameters), loss, full)
    columns = np.ascontiguousarray(nats.T)
    found: dict[bytes, np.ndarray] = {}
    for start in starts:
        mask = small[start].copy()
        least = columns[mask].min(axis=0)
        while not mask.all():
            rest = np.flatnonzero(~mask)
            mins = np.minimum(least, columns[rest])
            new = (mins @ weights)[:, 0].argmin()
            mask[rest[new]], least = True, mins[new]
            if mask.tobytes() in found:
                break  # from here on another start has been this way
            found[mask.tobytes()] = mask.copy()
    return np.array(list(found.values()))
