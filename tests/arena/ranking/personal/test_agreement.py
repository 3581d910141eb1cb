"""How far one visitor agrees with all others."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arena.ranking.ballots import CHOICES, Ballots, PairCounts
from arena.ranking.personal.agreement import compare_tastes, rate_others, wilson_interval
from arena.ranking.ratings import bradley_terry
from blend.evaluation.shares import wilson_bounds

NAMES = ("a", "b", "c")
OTHERS = bradley_terry(
    PairCounts.of(
        [
            *(("a", "b", "left", 300), ("b", "a", "left", 100), ("b", "c", "left", 300)),
            *(("c", "b", "left", 100), ("a", "c", "left", 360), ("c", "a", "left", 40)),
        ]
    )
)


def ballots(votes):
    """Of (left, right, choice, visitor)."""
    return Ballots(NAMES, *np.array(votes, np.int32).T)


@given(st.integers(0, 500), st.integers(0, 500))
@example(0, 235)
@example(235, 0)
def test_wilsons_interval_is_that_of_the_experiments(hits, more):
    n = hits + more
    low, high = wilson_interval(hits, n)
    assert 0 <= low <= (hits / n if n else 0.5) <= high <= 1
    if n:
        bounds = np.clip(wilson_bounds(np.array(hits / n), np.array(n)), 0, 1)
        assert (low, high) == pytest.approx(tuple(bounds.tolist()), abs=1e-6)


def test_decisive_votes_are_held_against_what_the_others_foretell():
    own = PairCounts.of([("a", "b", "left", 6), ("c", "a", "left", 3), ("b", "c", "tie", 9)])
    found = compare_tastes(own, OTHERS)
    assert (found.agreed, found.foretold, found.enough) == (6, 9, False)
    assert (found.low, found.high) == wilson_interval(6, 9)


def test_a_contender_whom_no_other_judged_foretells_nothing():
    own = PairCounts.of([("a", "new", "left", 20), ("a", "b", "left", 2)])
    found = compare_tastes(own, OTHERS)
    assert (found.agreed, found.foretold) == (2, 2) and "new" not in found.tastes


def test_the_reverse_taste_is_told_and_the_same_is_not():
    reverse = [("b", "a", "left", 30), ("c", "b", "left", 30), ("c", "a", "left", 36)]
    found = compare_tastes(PairCounts.of(reverse), OTHERS)
    assert (found.tastes["a"], found.tastes["c"]) == (-1, 1) and found.enough
    same = [("a", "b", "left", 22), ("b", "a", "left", 8), ("b", "c", "left", 22)]
    found = compare_tastes(PairCounts.of([*same, ("c", "b", "left", 8)]), OTHERS)
    assert found.tastes == {"a": 0, "b": 0, "c": 0}


def test_few_votes_tell_no_taste():
    assert compare_tastes(PairCounts.of([("c", "a", "left", 9)]), OTHERS).tastes == {}
    assert compare_tastes(PairCounts.of([]), OTHERS).tastes == {}
    no_board = bradley_terry(PairCounts.of([]))
    nobody = compare_tastes(PairCounts.of([("a", "b", "left", 30)]), no_board)
    assert (nobody.tastes, nobody.foretold) == ({}, 0)


@given(
    st.lists(
        st.tuples(*(st.integers(0, 2),) * 2, st.integers(0, 3), st.integers(0, 4)).filter(
            lambda vote: vote[0] != vote[1]
        ),
        min_size=1,
        max_size=30,
    )
)
def test_all_others_are_all_votes_but_ones_own(votes):
    everybody = ballots(votes)
    for visitor in (0, 4):
        rows = [(NAMES[a], NAMES[b], CHOICES[c], 1) for a, b, c, v in votes if v != visitor]
        rest = PairCounts.of(rows, NAMES)
        others = rate_others(everybody, visitor)
        assert (others.counts.table == rest.table).all()
        expected = {row.name: row.rating for row in bradley_terry(rest).rows}
        assert {row.name: row.rating for row in others.rows} == pytest.approx(expected)
    assert rate_others(everybody, None).counts.total == len(votes)


def test_ones_own_votes_do_not_make_the_board_that_one_is_held_against():
    votes = [(0, 1, CHOICES.index("left"), 0)] * 12 + [
        (0, 1, CHOICES.index("right"), n) for n in (1, 2)
    ]
    own = PairCounts.of([("a", "b", "left", 12)])
    assert compare_tastes(own, rate_others(ballots(votes), 0)).agreed == 0
    assert compare_tastes(own, rate_others(ballots(votes), None)).agreed == 12
