"""What contenders are made of, which are parts of a blend, and what each member is worth to it."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from arena.models import Contender


@dataclass(frozen=True, slots=True)
class Composition:
    """A contender's make-up. members: what each is, by name and all that changes its replies.
    copies: where it is so many copies of its one member."""

    name: str
    members: frozenset[tuple[str, str]]
    policy: str
    copies: int = 0

    def within(self, whole: "Composition") -> bool:
        """Whether it is made of nothing but members of that one."""
        return self.members <= whole.members


Coalitions = Mapping[frozenset, str]
"""The name of the contender of each set of members."""


def compositions(contenders: Iterable[Contender], labels: Mapping[str, str]) -> list[Composition]:
    """The make-up of the contenders that have a name on the board; others are left out."""
    return [
        _composition(labels[each.id], each.config)
        for each in contenders
        if each.id in labels and each.config.get("members")
    ]


def _composition(name: str, config: Mapping) -> Composition:
    members = set()
    for member in config["members"]:
        settings = {k: v for k, v in member.items() if k not in ("name", "copy", "of")}
        if "of" in member:  # a copy is its member, but for its seed
            settings["sampling"] = {**settings.get("sampling", {}), "seed": None}
        members.add((member.get("of", member["name"]), json.dumps(settings, sort_keys=True)))
    policy = config.get("policy", "uniform")
    policy = policy if isinstance(policy, str) else policy["name"]
    copies = len(config["members"]) if "of" in config["members"][0] else 0
    return Composition(name, frozenset(members), policy, copies)


def coalitions(whole: Composition, rated: Iterable[Composition]) -> Coalitions:
    """The sets of the blend's members that fought under its policy, or alone; copies are apart."""
    return {
        part.members: part.name
        for part in rated
        if part.within(whole)
        and not part.copies
        and (len(part.members) == 1 or part.policy == whole.policy)
    } | {whole.members: whole.name}


def shapley(
    whole: Composition, sets: Coalitions
) -> dict[tuple[str, str], Mapping[str, float]] | None:
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
    values = {}
    for i, member in enumerate(order):
        weights = {sets[members]: float(w) for members, w in zip(some, of_sets[i], strict=True)}
        weights[whole.name] = weights.get(whole.name, 0.0) + float(of_total[i])
        for single in singles:
            weights[single] -= float(nobody[i]) / n
        values[member] = weights
    return values
