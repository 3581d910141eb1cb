"""How different replies are: known values, and nothing between copies of one member."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blend.evaluation.diversity import (
    MIN_BATTLES,
    battle_distances,
    loss_correlations,
    new_bigrams,
    pair_distances,
    pearson,
    self_bleu_distance,
)

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=9).map(" ".join)


def test_self_bleu_by_hand():
    cat = "the cat sat on the mat"
    assert self_bleu_distance(cat, cat) == 0
    # 5 of 6 words, then (3 + 1) / (5 + 1), (2 + 1) / (4 + 1), (1 + 1) / (3 + 1)
    expected = (5 / 6 * 4 / 6 * 3 / 5 * 2 / 4) ** 0.25
    assert self_bleu_distance("the cat sat on a mat", cat) == pytest.approx(1 - expected)
    # One way all is there but the text is short, the other 4 of 6, 4 of 6, 3 of 5, 2 of 4.
    short, long = math.exp(1 - 6 / 4), (4 / 6 * 4 / 6 * 3 / 5 * 2 / 4) ** 0.25
    assert self_bleu_distance("the cat sat on", cat) == pytest.approx(1 - (short + long) / 2)
    assert self_bleu_distance("dogs bark", "the cat sat") == 1
    empty = [self_bleu_distance(*pair) for pair in (("", ""), ("", "a"), ("a", ""))]
    assert empty == [0, 1, 1]


@given(TEXTS, TEXTS)
def test_distances_are_fair_to_both_sides_and_stay_in_range(a, b):
    for distance in (self_bleu_distance, new_bigrams):
        assert distance(a, b) == distance(b, a) and -1e-9 <= distance(a, b) <= 1
    assert self_bleu_distance(a, a) == pytest.approx(0)


def spoken(words: str, rng: random.Random) -> list[list[str]]:
    return [[" ".join(rng.choices(words.split(), k=8)) for _ in "12"] for _ in range(60)]


def test_two_of_a_kind_are_not_beyond_themselves_and_others_are():
    rng = random.Random(1)
    same, other = "the cat sat on a mat", "dogs bark at every passing car"
    replies = {"a": spoken(same, rng), "b": spoken(same, rng), "c": spoken(other, rng)}
    for distance in (self_bleu_distance, new_bigrams):
        by = {(pair.a, pair.b): pair for pair in pair_distances(replies, distance)}
        assert by["a", "b"].beyond.low < 0 < by["a", "b"].beyond.high
        assert by["a", "c"].beyond.low > 0
        assert list(by)[-1] == ("a", "b")


def test_losses_that_go_together():
    rng = np.random.default_rng(1)
    base = rng.normal(size=400)
    losses = {"a": base, "b": base + rng.normal(size=400), "c": rng.normal(size=400)}
    found = loss_correlations(losses)
    assert found["a", "b"].low < 1 / math.sqrt(2) < found["a", "b"].high
    assert found["a", "c"].low < 0 < found["a", "c"].high


def test_a_correlation_of_nothing_is_not_a_number():
    assert math.isnan(pearson(np.ones(9), np.arange(9.0)).value)
    some = pearson(np.array([1.0, 2, 3, np.nan, 5]), np.array([1.0, 2, 3, 4, 5]))
    assert (some.value, some.high) == pytest.approx((1, 1), abs=1e-6)


WORDS = {"a": list("klmno"), "b": list("vwxyz"), "c": list("vwxyz")}


def battles(rng, count, members="abc"):
    """First replies; each member writes words of its own, c the same as b."""
    for _ in range(count):
        left, right = rng.choice(list(members), 2)
        yield left, right, *(" ".join(rng.choice(WORDS[m], 8)) for m in (left, right))


def test_in_battles_members_of_other_words_differ_beyond_chance_and_others_do_not():
    pairs = battle_distances(battles(np.random.default_rng(1), 600))
    found = {(p.a, p.b): p for p in pairs}
    assert found["a", "b"].beyond.low > 0.1 and found["a", "c"].beyond.low > 0.1
    assert found["b", "c"].beyond.low < 0 < found["b", "c"].beyond.high
    assert found["b", "c"].between.value > 0.1  # and yet no two replies are the same
    assert (pairs[-1].a, pairs[-1].b) == ("b", "c")  # the most different come first


def test_its_interval_holds():
    """Of b and c, who are one: 95 of 100 intervals hold nothing."""
    rng, held = np.random.default_rng(3), 0
    for _ in range(200):
        (pair,) = battle_distances(battles(rng, 200, "bc"), lambda x, y: float(x[0] != y[0]))
        held += pair.beyond.low <= 0 <= pair.beyond.high
    assert 0.91 * 200 <= held <= 0.99 * 200


@pytest.mark.parametrize("replies", [[], [("a", "b", "x", "y")] * (MIN_BATTLES - 1)])
def test_of_few_battles_nothing_is_said(replies):
    assert battle_distances(replies) == ()


def test_without_the_same_member_on_both_sides_chance_is_not_known():
    assert battle_distances([("a", "b", "x y", "z")] * MIN_BATTLES) == ()
