"""The fewest votes that change the top, against trying them all."""

import itertools

import numpy as np
import pytest

from arena.ranking.ballots import CHOICES, PairCounts
from arena.ranking.bradley_terry import fit_strengths
from arena.ranking.robustness import RankFlip, fewest_flips


def test_two_contenders_are_half_the_lead():
    found = fewest_flips(PairCounts.of([("a", "b", "left", 30), ("b", "a", "left", 21)]))
    assert found == RankFlip("a", "b", 5, 51)
    assert found.sentence().startswith("5 votes of 51 (9.80%), turned against a, would put b on")


def test_a_tie_is_worth_half_a_win():
    assert fewest_flips(PairCounts.of([("a", "b", "tie", 10), ("b", "a", "right", 1)])).votes == 1
    assert (
        fewest_flips(PairCounts.of([("a", "b", "tie", 40), ("a", "b", "both_bad", 7)])).votes == 1
    )


def fewest(counts):
    """By trying every way to turn ever more votes."""
    left, right, tie = np.moveaxis(counts.table, 2, 0)[:3]
    won, tied = left + right.T, np.triu(tie + tie.T)
    k = len(won)
    top = np.argmax(fit_strengths(counts.points[None], None)[0, :k])
    kinds = [(i, j, 1.0, int(won[i, j])) for i, j in itertools.permutations(range(k), 2)]
    kinds += [(i, j, 0.5, int(tied[i, j])) for i, j in itertools.combinations(range(k), 2)]
    kinds += [(j, i, 0.5, int(tied[i, j])) for i, j in itertools.combinations(range(k), 2)]
    for number in range(1, 6):
        for turned in itertools.combinations_with_replacement(range(len(kinds)), number):
            points = counts.points.copy()
            for kind in set(turned):
                i, j, worth, there = kinds[kind]
                if turned.count(kind) > there:
                    break
                points[i, j] -= worth * turned.count(kind)
                points[j, i] += worth * turned.count(kind)
            else:
                xi = fit_strengths(points[None], None)[0, :k]
                if xi.max() > xi[top]:
                    return number
    return None


@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_smallest_number(seed):
    rng = np.random.default_rng(seed)
    table = np.zeros((3, 3, len(CHOICES)))
    table[:, :, :3] = rng.integers(0, 9, (3, 3, 3))
    for i in range(3):
        table[i, i] = 0
    counts = PairCounts(tuple("abc"), table)
    best = fewest(counts)
    assert best is None or fewest_flips(counts).votes == best


def test_with_many_votes_the_first_guess_is_refined():
    rows = [("a", "b", "left", 5300), ("b", "a", "left", 4700), ("b", "c", "left", 9000)]
    counts = PairCounts.of([*rows, ("c", "b", "left", 4000), ("a", "c", "left", 100)])
    found = fewest_flips(counts)
    assert (found.top, found.challenger) == ("a", "b")
    assert 300 <= found.votes <= 400


@pytest.mark.parametrize("rows", [[], [("a", "b", "both_bad", 9)]])
def test_without_comparisons_there_is_no_top(rows):
    assert fewest_flips(PairCounts.of(rows, ["a", "b"])) is None
    assert fewest_flips(PairCounts.of([], ["a"])) is None


def test_an_undefeated_top_can_still_fall():
    found = fewest_flips(PairCounts.of([("a", "b", "left", 40), ("b", "c", "left", 30)]))
    assert (found.top, found.challenger) == ("a", "b") and 10 < found.votes <= 21


def test_a_group_that_never_met_the_top_is_no_rival():
    """Without this c, which nobody of a's group met, would need fewer votes than b."""
    apart = [("a", "b", "left", 40), ("a", "b", "right", 20), ("c", "d", "tie", 1)]
    found = fewest_flips(PairCounts.of(apart))
    assert (found.top, found.challenger, found.votes) == ("a", "b", 11)
