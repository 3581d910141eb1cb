"""What contenders are made of, and what each member is worth: the definition, by any game."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.models import Contender
from arena.ranking.ablation.composition import Composition, coalitions, compositions, shapley


def test_a_contenders_config_tells_its_part():
    def member(name, **more):
        return {"name": name, "weights": "1", "sampling": {"top_p": 0.9, "seed": None}} | more

    copies = [member(f"a #{n}", of="a", copy=n, sampling={"top_p": 0.9, "seed": n}) for n in (1, 2)]
    made = [
        Contender("1", "Blended", {"members": [member("a"), member("b")], "policy": "uniform"}),
        Contender("2", "2 × a", {"members": copies, "policy": "uniform"}),
        Contender("3", "a", {"members": [member("a")], "policy": {"name": "uniform"}}),
        Contender("4", "made up", {"simulated": True}),
        Contender("5", "elsewhere", {"members": [member("b")]}),
    ]
    labels = {"1": "Blended", "2": "2 × a", "3": "a", "4": "made up"}
    blended, twins, single = compositions(made, labels)

    assert len(blended.members) == 2 and blended.copies == 0
    assert twins.members == single.members and twins.copies == 2
    assert single.policy == "uniform" and single.members < blended.members


def test_the_game_of_a_blend_is_what_draws_like_it_or_is_alone():
    def part(name: str, policy: str = "uniform", copies: int = 0) -> Composition:
        return Composition(name, frozenset((m, "1") for m in name.rstrip("!")), policy, copies)

    whole = part("abc")
    rated = [whole, part("ab"), part("bc", "thompson"), part("a!", copies=2), part("d"), part("c")]
    rated[-1] = Composition("c", rated[-1].members, "thompson")
    assert sorted(coalitions(whole, rated).values()) == ["ab", "abc", "c"]


def whole(n: int) -> Composition:
    return Composition("all", frozenset((f"m{i}", "") for i in range(n)), "uniform")


def defined(n: int, worth: dict) -> dict:
    """The mean, over all orders, of what a member adds; nobody is worth the mean of the singles."""
    members = sorted(whole(n).members)
    worth = worth | {frozenset(): np.mean([worth[frozenset([m])] for m in members])}
    gains = {member: [] for member in members}
    for order in permutations(members):
        for place, member in enumerate(order):
            before = frozenset(order[:place])
            gains[member].append(worth[before | {member}] - worth[before])
    return {member: np.mean(each) for member, each in gains.items()}


@given(st.integers(2, 4), st.randoms(use_true_random=False))
def test_with_every_set_a_shapley_value_is_the_definition(n, random):
    members = sorted(whole(n).members)
    sets = [frozenset(some) for k in range(1, n + 1) for some in combinations(members, k)]
    worth = {some: random.uniform(-100, 100) for some in sets}
    names = {some: str(i) for i, some in enumerate(sets[:-1])} | {whole(n).members: "all"}
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
