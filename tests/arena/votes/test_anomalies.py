"""Tests on a visitor's votes as a whole: whom they find, and whom they leave alone."""

import numpy as np
import pytest
from ballot_rows import ballots_of
from scipy.stats import binomtest, combine_pvalues

from arena.ranking.ballots import CHOICES, Ballots
from arena.votes.anomalies import LEVEL, benjamini_hochberg, one_sided, surprising

K = 6


def crowd(rng, people, each, ties=0.2, lean=0.0, always_left=0, contrary=0, step=0.5):
    """Ballots of visitors at known strengths; the first ones always vote left, the next against."""
    n = people * each
    visitor = np.tile(np.arange(people), each)
    left = rng.integers(0, K, n)
    right = (left + rng.integers(1, K, n)) % K
    chance = 1 / (1 + np.exp(-(step * (right - left) + lean)))
    better = rng.random(n) < chance
    choice = np.where(better, 0, 1)
    choice[visitor < always_left + contrary] = (right > left)[visitor < always_left + contrary]
    choice[rng.random(n) < ties] = CHOICES.index("tie")
    choice[visitor < always_left] = 0
    return Ballots(tuple("abcdef"), left, right, choice, visitor)


def test_a_lean_that_all_share_is_nobodys_fault():
    p = one_sided(crowd(np.random.default_rng(2), 500, 1000, lean=0.3, always_left=10))
    assert (p[10:] < LEVEL).mean() <= 0.005 and (p[:10] < LEVEL).all()


def test_it_is_the_exact_test():
    votes = [("a", "b", "left", "v")] * 15 + [("b", "a", "right", "v")] * 3
    votes += [("a", "b", "left", "w"), ("a", "b", "tie", "x")]
    p = one_sided(ballots_of(votes))
    assert p == pytest.approx([binomtest(15, 18).pvalue, 1, 1])


def test_the_papers_test_finds_who_votes_against_what_everybody_sees():
    ballots = crowd(np.random.default_rng(3), 400, 100, contrary=10, step=1.5)
    found = benjamini_hochberg(surprising(ballots))
    assert found[:10].all()
    assert found[10:].mean() <= 0.005


def test_the_papers_test_overlooks_who_always_votes_left():
    """Left votes are common, so none of them is surprising: that is why there is a side test."""
    ballots = crowd(np.random.default_rng(4), 400, 100, always_left=20)
    assert not benjamini_hochberg(surprising(ballots)).any()
    assert (one_sided(ballots)[:20] < LEVEL).all()


def test_the_papers_statistic_by_hand():
    votes = [("a", "b", "left", "v"), ("b", "a", "left", "v"), ("b", "a", "tie", "w")]
    votes += [("a", "b", "both_bad", "w"), ("a", "b", "right", "w")]
    upwards = combine_pvalues([2 / 3, 4 / 4]).pvalue, combine_pvalues([1.0, 1.0]).pvalue
    downwards = combine_pvalues([2 / 3, 2 / 4]).pvalue, combine_pvalues([1.0, 1 / 2]).pvalue
    ten = [min(1, 10 * min(a, b)) for a, b in zip(upwards[::-1], downwards[::-1], strict=True)]
    assert surprising(ballots_of(votes)) == pytest.approx(ten)


@pytest.mark.parametrize(
    ("p", "found"),
    [
        ([0.01, 0.04, 0.03, 0.5], [True, False, False, False]),
        ([0.01, 0.035, 0.03, 0.9], [True, True, True, False]),
        ([], []),
    ],
)
def test_benjamini_and_hochberg(p, found):
    assert benjamini_hochberg(np.array(p)).tolist() == found


def test_nobody_voted():
    empty = ballots_of([], ["a", "b"])
    assert len(one_sided(empty)) == len(surprising(empty)) == 0
