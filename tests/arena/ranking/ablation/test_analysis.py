"""What the votes say of a blend taken apart: against a game whose worth is known."""

from itertools import combinations

import numpy as np
import pytest

from arena.ranking.ablation.analysis import analyse_blend
from arena.ranking.ablation.composition import Composition
from arena.ranking.ablation.format import notes
from arena.ranking.ballots import PairCounts
from arena.ranking.ratings import SCALE, bradley_terry

MEMBERS = "abc"
WORTH = {"a": 60.0, "b": 0.0, "c": -60.0}


def part(name: str, members: str, policy: str = "uniform", copies: int = 0) -> Composition:
    return Composition(name, frozenset((m, "1") for m in members), policy, copies)


def subsets(members: str = MEMBERS) -> list[Composition]:
    sets = (some for n in range(1, len(members) + 1) for some in combinations(members, n))
    return [part("".join(some), "".join(some)) for some in sets]


def worth(members: str) -> float:
    """Points: the mean of the members, 40 for two and 70 for three, and 15 for a and b together."""
    mean = np.mean([WORTH[m] for m in members])
    return float(
        mean + {1: 0, 2: 40, 3: 70}[len(members)] + 15 * ("a" in members and "b" in members)
    )


def board(values: dict[str, float], votes: float = 4000.0):
    """Ratings of expected counts: every pair met `votes` times, ended as the values say."""
    names = sorted(values)
    table = np.zeros((len(names), len(names), 4))
    for i, left in enumerate(names):
        for j, right in enumerate(names):
            if i < j:
                p = 1 / (1 + np.exp(-(values[left] - values[right]) / SCALE))
                table[i, j, :2] = votes * p, votes * (1 - p)
    return bradley_terry(PairCounts(tuple(names), table))


def whole_game():
    return board({each.name: worth(each.name) for each in subsets()})


def test_a_game_whose_worth_is_known():
    """Shapley values add up to the lead over the members' mean; test_composition has their law."""
    found = analyse_blend(whole_game(), subsets(), "abc")
    assert found.exact and found.blend == "abc"
    total = sum(each.shapley.value for each in found.contributions)
    assert total == pytest.approx(worth("abc") - 0.0, abs=1.0)
    by = {each.member: each for each in found.contributions}
    assert all(each.shapley.low < each.shapley.value < each.shapley.high for each in by.values())
    assert by["a"].left_out.value == pytest.approx(worth("abc") - worth("bc"), abs=1)
    rating = {n: (many, round(points.value)) for n, (many, points) in found.sizes.items()}
    assert [many for many, _ in rating.values()] == [3, 3, 1]
    assert rating[3][1] - rating[1][1] == pytest.approx(85, abs=2)
    assert found.best[0] == "a"
    assert found.best[1].value == pytest.approx(worth("abc") - 60, abs=1)
    assert found.best[1].low < 25 < found.best[1].high
    gains = {(pair.a, pair.b): pair.gain for pair in found.pairs}
    assert set(gains) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert gains["a", "b"].value == pytest.approx(55, abs=1)
    assert gains["a", "c"].value == pytest.approx(40, abs=1)


def test_where_not_all_subsets_fought_the_best_fit_is_told_as_one():
    some = [each for each in subsets() if each.name != "ab"]
    found = analyse_blend(board({each.name: worth(each.name) for each in some}), some, "abc")
    assert not found.exact and "Not every subset fought" in notes(found)[-1]
    assert {each.member for each in found.contributions if each.shapley} == set(MEMBERS)
    only = [each for each in subsets() if each.name in ("a", "abc")]
    found = analyse_blend(board({"a": 60.0, "abc": 85.0}), only, "abc")
    assert all(each.shapley is None for each in found.contributions)
    assert "Too few parts" in notes(found)[-1]


def test_copies_are_told_against_their_member_and_the_blend():
    known = {each.name: worth(each.name) for each in subsets()}
    made = [*subsets(), part("3 × a", "a", copies=3)]
    found = analyse_blend(board(known | {"3 × a": 60.0}), made, "abc")
    over_member, blend_over = found.copies["3 × a"]
    assert over_member.low < 0 < over_member.high
    assert blend_over.value == pytest.approx(25, abs=1) and blend_over.low > 0
    assert found.sizes[1][0] == 3


def test_the_interval_of_the_lead_over_the_best_holds_between_equals():
    rng, held = np.random.default_rng(1), 0
    names = ["abc", "a", "b", "c"]
    pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    for _ in range(200):
        table = np.zeros((4, 4, 4))
        for i, j in pairs:
            won = rng.binomial(200, 0.5)
            table[i, j, :2] = won, 200 - won
        ratings = bradley_terry(PairCounts(tuple(names), table))
        lead = analyse_blend(ratings, [part(n, n) for n in names], "abc").best[1]
        held += lead.low <= 0 <= lead.high
    assert held >= 188


def test_only_what_draws_alike_is_one_game():
    made = [*subsets(), part("robin", "ab", "round-robin")]
    values = {each.name: worth(each.name) for each in subsets()} | {"robin": 300.0}
    assert analyse_blend(board(values), made, "abc").sizes[2][0] == 3
    assert analyse_blend(board(values), made).blend == "abc"
    assert analyse_blend(board({"a": 0.0, "b": 1.0}), subsets(), "abc") is None
