"""What each member is worth to a blend: Shapley values of the ratings of its parts."""

import math
from collections.abc import Mapping

import numpy as np

from arena.parts import Game, Part


def shapley(whole: Part, sets: Game) -> dict[tuple[str, str], Mapping[str, float]] | None:
    """Each member's Shapley value as weights of ratings; None where the sets do not tell it.

    A blend of nobody is worth the mean of its members alone, so the values add up to what the
    blend is above that. Weighted least squares over the sets that fought, weight
    (N - 1) / (C(N, s) s (N - s)): the Shapley value itself where all fought (Charnes et al. 1988;
    Lundberg and Lee 2017).
    """
    order = sorted(whole.members)
    n = len(order)
    singles = [sets[one] for member in order if (one := frozenset([member])) in sets]
    some = [members for members in sets if 0 < len(members) < n]
    has = np.array([[member in members for member in order] for members in some], float)
    if len(singles) < n or np.linalg.matrix_rank(np.vstack([has, np.ones(n)])) < n:
        return None
    size = has.sum(1)
    ways = np.array([math.comb(n, int(s)) for s in size])
    root = np.sqrt((n - 1) / (ways * size * (n - size)))[:, None]
    # Minimise |root (has·φ - y)|² under Σφ = total: y and total are differences to nobody.
    top = np.hstack([2 * (root * has).T @ (root * has), np.ones((n, 1))])
    bottom = np.append(np.ones(n), 0.0)[None]
    inverse = np.linalg.inv(np.vstack([top, bottom]))[:n]
    of_sets, of_total = inverse[:, :n] @ (2 * (root**2 * has).T), inverse[:, n]
    nobody = of_sets.sum(1) + of_total
    found = {}
    for i, member in enumerate(order):
        weights = {sets[members]: float(w) for members, w in zip(some, of_sets[i], strict=True)}
        weights[whole.name] = weights.get(whole.name, 0.0) + float(of_total[i])
        for single in singles:
            weights[single] -= float(nobody[i]) / n
        found[member] = weights
    return found
