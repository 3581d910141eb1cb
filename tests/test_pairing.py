"""Who meets whom: every single as often as the others, on either side as often."""

import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.pairing import Pairing, draw

NAMES = st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=9, unique=True)
BEYOND = {1: 18.2, 3: 24.5, 5: 29.3, 7: 33.7}
"""Chi-square beyond which one in 50,000 fair samples falls, by degrees of freedom."""


def chi_square(counts, cells):
    expected = sum(counts.values()) / cells
    return sum((n - expected) ** 2 / expected for n in counts.values()) + expected * (
        cells - len(counts)
    )


def opponent(pairing):
    return ({pairing.left, pairing.right} - {"blend"}).pop()


@settings(deadline=None, max_examples=50)
@given(NAMES, st.integers())
def test_the_focus_meets_a_single(names, seed):
    focus, *singles = names

    pairing = draw(focus, singles, random.Random(seed))

    assert focus in (pairing.left, pairing.right)
    assert ({pairing.left, pairing.right} - {focus}) <= set(singles)
    assert pairing.left != pairing.right
    assert pairing.policy == "focus"


@settings(deadline=None, max_examples=50)
@given(NAMES, st.integers())
def test_the_chances_of_all_pairs_sum_to_one(names, seed):
    focus, *singles = names

    assert draw(focus, singles, random.Random(seed)).chance * len(singles) == pytest.approx(1)


@settings(deadline=None, max_examples=50)
@given(NAMES, st.integers())
def test_a_seed_repeats_its_draw(names, seed):
    focus, *singles = names

    first, again = (draw(focus, singles, random.Random(seed)) for _ in range(2))

    assert first == again


@pytest.mark.parametrize("k", [1, 2, 4])
def test_pairs_and_sides_are_drawn_evenly(k):
    rng, singles = random.Random(7), [f"single{i}" for i in range(k)]

    seen = Counter(draw("blend", singles, rng) for _ in range(4000))

    assert chi_square(seen, 2 * k) < BEYOND[2 * k - 1]


def test_a_pairing_tells_nothing_about_the_next():
    rng = random.Random(8)
    drawn = [draw("blend", ["a", "b"], rng) for _ in range(4001)]

    repeats = Counter(
        (p.left == q.left == "blend" or p.right == q.right == "blend", opponent(p) == opponent(q))
        for p, q in pairwise(drawn)
    )

    assert chi_square(repeats, 4) < BEYOND[3]


def test_one_single_is_met_for_certain():
    assert draw("blend", ["a"], random.Random(1)) in (
        Pairing("blend", "a", 1.0, "focus"),
        Pairing("a", "blend", 1.0, "focus"),
    )


@pytest.mark.parametrize(
    ("singles", "why"),
    [([], "nobody to meet"), (["a", "blend"], "cannot meet itself"), (["a", "a"], "named twice")],
)
def test_a_draw_that_makes_no_sense_is_refused(singles, why):
    with pytest.raises(ValueError, match=why):
        draw("blend", singles, random.Random(1))
