"""Who meets whom, on which side, and with which probability.

A policy turns names into the chance of every pair; `draw` takes one. The chance of the drawn pair
is stored with the battle: one over it undoes uneven pairing later (`arena.reweighted`).
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from arena.ballot import Counts

POLICIES = ("focus", "round_robin", "adaptive")

FLOOR = 0.2
"""The share of adaptive draws that is spread evenly, so that no pair is ever given up."""

Chances = Mapping[tuple[str, str], float]
"""The chance of each pair that may meet; they sum to one."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two contenders by side. `chance` is that of the pair, whichever side each one is on."""

    left: str
    right: str
    chance: float
    policy: str


def chances(policy: str, focus: str, others: Sequence[str], counts: Counts | None) -> Chances:
    """The chance of each pair under one of POLICIES; `counts`, by name, are read by adaptive only.

    Raises ValueError where there is nobody to meet, or somebody would be met twice as often.
    """
    if not others:
        raise ValueError(f"{focus} has nobody to meet: name at least one other contender")
    if focus in others:
        raise ValueError(f"{focus} cannot meet itself: take it out of the other contenders")
    if twice := sorted({name for name in others if others.count(name) > 1}):
        raise ValueError(f"{twice[0]} is named twice among the contenders: name each one once")
    if policy == "focus":
        return {(focus, other): 1 / len(others) for other in others}
    pairs = list(combinations((focus, *others), 2))
    if policy == "round_robin":
        return dict.fromkeys(pairs, 1 / len(pairs))
    if policy == "adaptive":
        return _adaptive(pairs, counts or Counts.of([]))
    raise ValueError(f"pairs are drawn by {', '.join(POLICIES)}, not by {policy!r}")


def draw(chances: Chances, policy: str, rng: random.Random) -> Pairing:
    """One pair by its chance; sides by a fair coin."""
    (pair,) = rng.choices(list(chances), list(chances.values()))
    sides = list(pair)
    rng.shuffle(sides)
    return Pairing(*sides, chance=chances[pair], policy=policy)


def _adaptive(pairs: Sequence[tuple[str, str]], counts: Counts) -> Chances:
    """Chatbot Arena's rule (arXiv 2403.04132): P ∝ √(Σ/n) - √(Σ/(n+1)), by how much one more vote
    would narrow what is known of the pair; above a floor.

    Σ is the variance of the pair's scores, n its votes. Two phantom votes, a win and a loss, are
    in both: at the first vote of a fresh install all pairs are alike, and nothing is 0/0.
    """
    index = {name: i for i, name in enumerate(counts.names)}
    left, right, tie = np.moveaxis(counts.table, 2, 0)[:3]
    won, tied, met = left + right.T, tie + tie.T, counts.table.sum(2)
    met = met + met.T
    gains = []
    for a, b in pairs:
        wins = ties = n = losses = 0.0
        if a in index and b in index:
            i, j = index[a], index[b]
            wins, losses, ties, n = won[i, j], won[j, i], tied[i, j], met[i, j]
        compared = wins + losses + ties + 2
        mean = (wins + 1 + ties / 2) / compared
        variance = (wins + 1 + ties / 4) / compared - mean**2
        n += 2
        gains.append(math.sqrt(variance / n) - math.sqrt(variance / (n + 1)))
    total = sum(gains)
    even = FLOOR / len(pairs)
    return {
        pair: even + (1 - FLOOR) * float(gain / total)
        for pair, gain in zip(pairs, gains, strict=True)
    }
