"""The axis that rows share: exact places, round marks, intervals that leave it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.pages.leaderboard.axis import Axis

AXIS = Axis(900.0, 1100.0, 1000.0)


def test_a_bar_lies_where_its_numbers_do():
    bar = AXIS.bar(950, 1010, 1100)

    assert (bar.low, bar.at, bar.high) == pytest.approx((25, 55, 100)) and bar.cut == (False, False)
    assert bar.style == "--low:25.00%;--at:55.00%;--high:100.00%"


def test_an_interval_that_leaves_the_axis_is_cut_and_says_so():
    bar = AXIS.bar(450, 1000, 1550)

    assert (bar.low, bar.high, bar.cut) == (0, 100, (True, True))


def test_an_axis_holds_whole_intervals_and_only_the_points_of_others():
    axis = Axis.around(1000, [980, 1060], [700], 100)

    assert axis.bar(980, 1000, 1060).cut == (False, False)
    assert 0 < axis.at(700) < 5 and axis.bar(100, 700, 1300).cut == (True, True)
    assert Axis.around(1000, (), (), 100).at(1000) == 50


@given(st.floats(-5000, 5000), st.floats(0.5, 5000))
def test_marks_are_round_few_and_on_the_axis(low, span):
    axis = Axis(low, low + span, low)

    marks = axis.marks()

    assert 1 <= len(marks) <= 7
    assert all(axis.low - 1e-9 * span <= mark <= axis.high + 1e-9 * span for mark in marks)
    steps = [b - a for a, b in pairwise(marks)]
    assert all(step == pytest.approx(steps[0]) for step in steps)
