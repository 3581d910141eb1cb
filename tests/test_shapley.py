"""Shapley values as weights of ratings: the definition, by the worth of any game."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.parts import Part
from arena.shapley import shapley


def whole(n: int) -> Part:
    return Part("all", frozenset((f"m{i}", "") for i in range(n)), "uniform")


def subsets(n: int):
    members = sorted(whole(n).members)
    return [frozenset(some) for k in range(1, n + 1) for some in combinations(members, k)]


def defined(n: int, worth: dict) -> dict:
    """The mean, over all orders, of what a member adds; nobody is worth the mean of the singles."""
    members = sorted(whole(n).members)
    worth = worth | {frozenset(): np.mean([worth[frozenset([m])] for m in members])}
    found = {}
    for member in members:
        gains = []
        for order in permutations(members):
            before = frozenset(order[: order.index(member)])
            gains.append(worth[before | {member}] - worth[before])
        found[member] = np.mean(gains)
    return found


@given(st.integers(2, 4), st.randoms(use_true_random=False))
def test_with_every_set_it_is_the_definition(n, random):
    worth = {some: random.uniform(-100, 100) for some in subsets(n)}
    names = {some: str(i) for i, some in enumerate(subsets(n)[:-1])} | {whole(n).members: "all"}
    points = {names[some]: worth[some] for some in worth}

    for member, weights in shapley(whole(n), names).items():
        value = sum(weight * points[name] for name, weight in weights.items())
        assert value == pytest.approx(defined(n, worth)[member], abs=1e-6)
        assert sum(weights.values()) == pytest.approx(0, abs=1e-9)


def test_singles_and_the_whole_alone_share_the_rest_evenly():
    names = {frozenset([m]): m[0] for m in whole(3).members} | {whole(3).members: "all"}
    points = {"m0": 30.0, "m1": 0.0, "m2": 0.0, "all": 40.0}
    found = {
        member[0]: sum(w * points[name] for name, w in weights.items())
        for member, weights in shapley(whole(3), names).items()
    }
    assert found == pytest.approx({"m0": 30.0, "m1": 0.0, "m2": 0.0})


def test_too_few_sets_tell_nothing():
    assert shapley(whole(3), {whole(3).members: "all"}) is None
    one = frozenset([("m0", "")])
    assert shapley(whole(3), {one: "m0", whole(3).members: "all"}) is None
