"""Who meets whom: as often as the policy says, on either side as often, from the first battle."""

import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from arena.ranking.ballots import PairCounts
from arena.ranking.pairing import POLICIES, Pairing, draw, pair_probabilities

NAMES = st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=9, unique=True)


def fair(counts, expected):
    """Whether the counts are as near to what was expected as all but one in 50,000 samples are."""
    return chisquare([counts[cell] for cell in expected], [*expected.values()]).pvalue > 1 / 50_000


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(POLICIES), NAMES)
def test_the_chances_of_all_pairs_sum_to_one(policy, names):
    focus, *others = names

    pairs = pair_probabilities(policy, focus, others, None)

    assert sum(pairs.values()) == pytest.approx(1)
    assert all(a != b and {a, b} <= set(names) for a, b in pairs)


@settings(deadline=None, max_examples=50)
@given(NAMES)
def test_the_focus_meets_every_other_and_nobody_else_fights(names):
    focus, *others = names

    pairs = pair_probabilities("focus", focus, others, None)

    assert {frozenset(pair) for pair in pairs} == {frozenset((focus, other)) for other in others}
    assert set(pairs.values()) == {1 / len(others)}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    "counts", [None, PairCounts.of([]), PairCounts.of([], ["blend", "a", "b"])]
)
def test_a_fresh_install_draws(policy, counts):
    """Weights that are nothing, or 0/0, at the first battle left others' arenas unable to start."""
    pairs = pair_probabilities(policy, "blend", ["a", "b"], counts)

    assert len(set(pairs.values())) == 1
    assert draw(pairs, policy, random.Random(1)).chance == next(iter(pairs.values()))


def test_adaptive_by_hand():
    """Pair ab: 3 wins, 1 tie and the phantoms; ac and bc: the phantoms only."""
    counts = PairCounts.of([("a", "b", "left", 3), ("b", "a", "tie", 1)])

    pairs = pair_probabilities("adaptive", "a", ["b", "c"], counts)

    mean = (3 + 1 + 0.5) / 6
    spread = (3 + 1 + 0.25) / 6 - mean**2
    known = (spread / 6) ** 0.5 - (spread / 7) ** 0.5
    fresh = (0.25 / 2) ** 0.5 - (0.25 / 3) ** 0.5
    assert pairs["a", "b"] == pytest.approx(0.2 / 3 + 0.8 * known / (known + 2 * fresh))


def test_both_bad_is_no_reason_to_meet_again_and_again():
    counts = PairCounts.of(
        [("a", "b", "both_bad", 500), ("a", "c", "tie", 9), ("b", "c", "left", 9)]
    )

    pairs = pair_probabilities("adaptive", "a", ["b", "c"], counts)

    assert min(pairs, key=pairs.get) == ("a", "b")


def test_a_newcomer_is_met_more_than_others():
    counts = PairCounts.of([("a", "b", "left", 50), ("b", "a", "left", 40)])

    pairs = pair_probabilities("adaptive", "a", ["b", "new"], counts)

    assert pairs["a", "new"] == pairs["b", "new"] > 4 * pairs["a", "b"]


@pytest.mark.parametrize("policy", POLICIES)
def test_pairs_and_sides_are_drawn_as_often_as_said(policy):
    counts = PairCounts.of([("blend", "a", "left", 9), ("a", "b", "tie", 2)])
    pairs, rng = pair_probabilities(policy, "blend", ["a", "b", "c"], counts), random.Random(7)

    seen = Counter((p.left, p.right) for p in (draw(pairs, policy, rng) for _ in range(6000)))

    expected = {side: 3000 * n for (a, b), n in pairs.items() for side in ((a, b), (b, a))}
    assert fair(seen, expected)


def test_a_pairing_tells_nothing_about_the_next():
    rng, pairs = random.Random(8), pair_probabilities("focus", "blend", ["a", "b"], None)
    drawn = [draw(pairs, "focus", rng) for _ in range(4001)]

    def opponent(pairing):
        return ({pairing.left, pairing.right} - {"blend"}).pop()

    repeats = Counter(
        ((p.left == "blend") == (q.left == "blend"), opponent(p) == opponent(q))
        for p, q in pairwise(drawn)
    )

    cells = [(side, who) for side in (True, False) for who in (True, False)]
    assert fair(repeats, dict.fromkeys(cells, 1000))


def test_one_other_is_met_for_certain_and_nobody_is_an_error():
    pairs = pair_probabilities("focus", "blend", ["a"], None)
    assert draw(pairs, "focus", random.Random(1)) in (
        Pairing("blend", "a", 1.0, "focus"),
        Pairing("a", "blend", 1.0, "focus"),
    )
    with pytest.raises(ValueError, match="nobody to meet"):
        pair_probabilities("focus", "blend", [], None)
