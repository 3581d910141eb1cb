"""Pools of members and what they reach: the oracle, Blended, the mean, the best single. Pure.

For losses L_m(x) in nats of members m on a reply x (both papers side by side):
    oracle   min_m L_m(x)                      the limit of arXiv 2512.23340: it peeks at the reply
    Blended  -log((1/N) Σ_m exp(-L_m(x)))      arXiv 2401.02994 as the probability model that it is
    mean     (1/N) Σ_m L_m(x)                  what one drawn member is worth, on average
so that on every reply oracle ≤ Blended ≤ mean, and Blended ≤ oracle + log N.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

PER_OCTAVE = 2
"""Steps of the frontier to a factor of two in parameters."""


@dataclass(frozen=True, slots=True, eq=False)
class Pools:
    """P pools of M members. member (P, M): who is in. parameters (P,): their total.

    missed: by how many nats oracle ≤ Blended ≤ mean and Blended ≤ oracle + log N were missed at
    most. The others (P, k) are sums over replies, one column a weighting of them (see `pools`).
    """

    member: np.ndarray
    parameters: np.ndarray
    oracle: np.ndarray
    blended: np.ndarray
    mean: np.ndarray
    best: np.ndarray
    missed: float

    @property
    def size(self) -> np.ndarray:
        """(P,) members of each pool."""
        return self.member.sum(axis=1)

    def __len__(self) -> int:
        return len(self.parameters)


def pool_losses(nats: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """oracle, Blended and mean (S,) of every reply, for the pool of all columns of nats (S, N)."""
    blended = math.log(nats.shape[1]) - np.logaddexp.reduce(-nats, axis=1)
    return nats.min(axis=1), blended, nats.mean(axis=1)


def pools(nats: np.ndarray, parameters: Sequence[int], weights: np.ndarray, largest: int) -> Pools:
    """Every pool of up to `largest` members, then greedy ones of more.

    nats (S, M). weights (S, k): each column is one weighting of the replies (a half of them, all).
    Beyond `largest`, each pool on the frontier of the first weighting grows by the member that
    lowers its oracle loss most, until all are in.
    """
    members, parameters = nats.shape[1], np.asarray(parameters)
    subsets = [s for size in range(1, largest + 1) for s in combinations(range(members), size)]
    member = np.zeros((len(subsets), members), bool)
    for mask, subset in zip(member, subsets, strict=True):
        mask[[*subset]] = True
    sums, missed = _sums(nats, member, weights)
    if largest < members:
        full = member.sum(axis=1) == largest
        starts = frontier(member @ parameters, sums[0][:, 0], full)
        grown = _greedy(nats, weights[:, 0], member[starts])
        more, missed_there = _sums(nats, grown, weights)
        member, missed = np.vstack([member, grown]), max(missed, missed_there)
        sums = np.concatenate([sums, more], axis=1)
    best = np.where(member[:, :, None], nats.T @ weights, np.inf).min(axis=1)
    return Pools(member, member @ parameters, *sums, best, missed)


def _sums(nats: np.ndarray, member: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """oracle, Blended and mean (3, P, k) of pools (P, M), and by how much the inequalities above
    are missed at most."""
    sums, missed = np.empty((3, len(member), weights.shape[1])), 0.0
    for n, mask in enumerate(member):
        oracle, blended, mean = each = pool_losses(nats[:, mask])
        sums[:, n] = np.stack(each) @ weights
        bound = oracle + math.log(mask.sum())
        for low, high in ((oracle, blended), (blended, mean), (blended, bound)):
            missed = max(missed, float((low - high).max()))
    return sums, missed


def frontier(parameters: np.ndarray, loss: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Of the pools `which` (P,) the one of least loss in each step of total parameters; indices."""
    steps = np.floor(PER_OCTAVE * np.log2(parameters)).astype(int)
    groups = (np.flatnonzero(which & (steps == step)) for step in np.unique(steps[which]))
    return np.array([group[loss[group].argmin()] for group in groups], dtype=int)


def _greedy(nats: np.ndarray, weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The masks (G, M) of all pools that those of `starts` grow into, one member at a time."""
    columns = np.ascontiguousarray(nats.T)
    masks: dict[bytes, np.ndarray] = {}
    for start in starts:
        mask = start.copy()
        least = columns[mask].min(axis=0)
        while not mask.all():
            rest = np.flatnonzero(~mask)
            minima = np.minimum(least, columns[rest])
            new = (minima @ weights).argmin()
            mask[rest[new]], least = True, minima[new]
            if mask.tobytes() in masks:
                break  # another start came through here
            masks[mask.tobytes()] = mask.copy()
    return np.array(list(masks.values()))
