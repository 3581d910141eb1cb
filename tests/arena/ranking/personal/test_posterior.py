"""The posterior of one voter's few votes, against laws and against exact integration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.ranking.ballots import CHOICES, PairCounts
from arena.ranking.personal.posterior import posterior, tie_factor

NAMES = ("ash", "birch", "cedar", "elm")
ROWS = st.lists(
    st.tuples(st.permutations(NAMES), st.sampled_from(CHOICES), st.integers(1, 20)),
    min_size=1,
    max_size=12,
).map(lambda drawn: [(*names[:2], choice, n) for names, choice, n in drawn])
COMPARED = ROWS.filter(lambda rows: any(choice != "both_bad" for *_, choice, _ in rows))
MIRROR = {"left": "right", "right": "left", "tie": "tie", "both_bad": "both_bad"}


def by_name(found):
    low, high = found.interval()
    return dict(zip(found.names, zip(found.best, low, high, strict=True), strict=True))


@given(COMPARED)
def test_the_best_fit_lies_in_every_interval_and_their_mean_is_zero(rows):
    found = posterior(PairCounts.of(rows))
    narrow, wide = found.interval(0.9), found.interval(0.99)
    assert (wide[0] < narrow[0]).all() and (narrow[1] < wide[1]).all()
    assert (narrow[0] < found.best).all() and (found.best < narrow[1]).all()
    assert np.isfinite(wide).all()
    assert abs(found.weights @ found.best) < 1e-9 and found.weights.sum() == pytest.approx(1)


@given(COMPARED)
def test_sides_and_the_order_of_the_votes_do_not_matter(rows):
    mirrored = [(right, left, MIRROR[choice], n) for left, right, choice, n in rows[::-1]]
    first, second = (by_name(posterior(PairCounts.of(each))) for each in (rows, mirrored))
    assert first.keys() == second.keys()
    for name in first:
        assert first[name] == pytest.approx(second[name], abs=1e-6)


@given(COMPARED)
def test_both_bad_tells_nothing(rows):
    ranked = [row for row in rows if row[2] != "both_bad"]
    first, second = (by_name(posterior(PairCounts.of(each))) for each in (rows, ranked))
    assert {n: pytest.approx(v, abs=1e-9) for n, v in first.items()} == second


@given(COMPARED)
def test_three_times_as_many_even_votes_tell_more(rows):
    """Each contender's interval is the narrower one. (More wins of an undefeated one move the end
    that is open, so of other votes this is not so.)"""
    even = [*rows, *((*row[:2], MIRROR[row[2]], row[3]) for row in rows)]
    once, thrice = (
        posterior(PairCounts.of([(*row[:3], row[3] * times) for row in even])) for times in (1, 3)
    )
    widths = [high - low for low, high in (each.interval() for each in (once, thrice))]
    assert (widths[1] < widths[0]).all()


@given(COMPARED, st.integers(0, 3), st.integers(0, 3))
def test_one_more_win_does_not_lower_the_winner(rows, winner, loser):
    counts = PairCounts.of(rows)
    met = [name for name, n in zip(counts.names, counts.compared, strict=True) if n]
    won, lost = met[winner % len(met)], met[loser % len(met)]
    if won == lost:
        return
    more = [*rows, (won, lost, "left", 1)]
    before, after = (by_name(posterior(PairCounts.of(each))) for each in (rows, more))
    gap = [each[won][0] - each[lost][0] for each in (before, after)]
    # A vote that is no tie also makes all votes a little less sure.
    assert gap[1] > gap[0] - 0.05


def exact(counts, chance=0.95):
    """The interval of the first of two contenders about their mean, by summing up a fine grid."""
    axis = np.linspace(-12, 12, 1201)
    first, second = np.meshgrid(axis, axis, indexing="ij")
    points = counts.points / tie_factor(counts)
    log = -points[0, 1] * np.logaddexp(0, second - first)
    log -= points[1, 0] * np.logaddexp(0, first - second)
    for each in (first, second):
        log -= np.logaddexp(0, each) + np.logaddexp(0, -each)
    weight, value = np.exp(log - log.max()).ravel(), ((first - second) / 2).ravel()
    order = np.argsort(value)
    below = np.cumsum(weight[order]) / weight.sum()
    return np.interp([(1 - chance) / 2, (1 + chance) / 2], below, value[order])


@pytest.mark.parametrize(
    "rows",
    [
        [("a", "b", "left", 1)],
        [("a", "b", "left", 10)],
        [("a", "b", "left", 7), ("b", "a", "left", 3)],
        [("a", "b", "tie", 4), ("a", "b", "right", 6)],
        [("a", "b", "left", 60), ("b", "a", "left", 40)],
    ],
    ids=["one vote", "ten wins", "seven of ten", "with ties", "a hundred"],
)
def test_it_is_what_exact_integration_gives(rows):
    counts = PairCounts.of(rows)
    low, high = (end[0] for end in posterior(counts).interval())
    assert (low, high) == pytest.approx(exact(counts), abs=0.03 * (high - low))


def test_ties_make_votes_worth_more_up_to_a_limit():
    def factor(ties):
        return tie_factor(PairCounts.of([("a", "b", "tie", ties), ("a", "b", "left", 50)]))

    assert factor(0) == 1 > factor(10) > factor(40) and factor(10_000) == 0.3


def test_whom_nobody_compared_is_left_out_and_cannot_be_zero():
    counts = PairCounts.of([("a", "b", "left", 3), ("a", "c", "both_bad", 2)])
    assert posterior(counts).names == ("a", "b")
    with pytest.raises(ValueError, match="nobody"):
        posterior(counts, ("c",))
    with pytest.raises(ValueError, match="nobody"):
        posterior(PairCounts.of([("a", "b", "both_bad", 1)]))


def test_the_zero_is_the_mean_of_whom_it_is_about():
    counts = PairCounts.of([("a", "b", "left", 3), ("b", "c", "left", 2), ("c", "a", "tie", 1)])
    found = posterior(counts, ("a", "b"))
    assert found.weights.tolist() == pytest.approx([4 / 9, 5 / 9, 0])
    assert found.best @ found.weights == pytest.approx(0)
