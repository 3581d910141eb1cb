"""Who meets whom, on which side, and with which probability.

A policy turns names into the chance of every pair; `draw` takes one. The chance of the drawn pair
is stored with the battle: one over it undoes uneven pairing later (`ratings.weighted_ratings`).
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from arena.ranking.ballots import PairCounts

POLICIES = ("focus", "round_robin", "adaptive")

FLOOR = 0.2
"""The share of adaptive draws that is spread evenly, so that no pair is ever given up."""

PairProbabilities = Mapping[tuple[str, str], float]
"""The chance of each pair that may meet; they sum to one."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two contenders by side. `chance` is that of the pair, whichever side each one is on; None
    where they were not drawn."""

    left: str
    right: str
    chance: float | None
    policy: str


def pair_probabilities(
    policy: str, focus: str, others: Sequence[str], counts: PairCounts | None
) -> PairProbabilities:
    """The chance of each pair under one of POLICIES; `counts`, by name, are read by adaptive only.

    Names differ. Raises ValueError where there is nobody to meet.
    """
    if not others:
        raise ValueError(f"{focus} has nobody to meet: name at least one other contender")
    if policy == "focus":
        return {(focus, other): 1 / len(others) for other in others}
    pairs = list(combinations((focus, *others), 2))
    if policy == "round_robin":
        return dict.fromkeys(pairs, 1 / len(pairs))
    return _adaptive(pairs, counts or PairCounts.of([]))


def draw(chances: PairProbabilities, policy: str, rng: random.Random) -> Pairing:
    """One pair by its chance; sides by a fair coin."""
    (pair,) = rng.choices(list(chances), list(chances.values()))
    sides = list(pair)
    rng.shuffle(sides)
    return Pairing(*sides, chance=chances[pair], policy=policy)


def _adaptive(pairs: Sequence[tuple[str, str]], counts: PairCounts) -> PairProbabilities:
    """Chatbot Arena's rule (arXiv 2403.04132): P ∝ √(Σ/n) - √(Σ/(n+1)), by how much one more vote
    would narrow what is known of the pair; above a floor.

    Σ is the variance of the pair's scores, n its votes. Two phantom votes, a win and a loss, are
    in both: at the first vote of a fresh install all pairs are alike, and nothing is 0/0.
    """
    # Who has no votes yet is the row of zeros behind the others.
    k = len(counts.names)
    table = np.pad(counts.table, ((0, 1), (0, 1), (0, 0)))
    index = {name: i for i, name in enumerate(counts.names)}
    a, b = np.array([[index.get(name, k) for name in pair] for pair in pairs]).T
    met = table[a, b] + table[b, a]
    wins, ties = table[a, b, 0] + table[b, a, 1], met[:, 2]
    compared = met[:, :3].sum(1) + 2
    mean = (wins + 1 + ties / 2) / compared
    variance = (wins + 1 + ties / 4) / compared - mean**2
    n = met.sum(1) + 2
    gain = np.sqrt(variance / n) - np.sqrt(variance / (n + 1))
    shares = FLOOR / len(pairs) + (1 - FLOOR) * gain / gain.sum()
    return dict(zip(pairs, shares.tolist(), strict=True))
