"""Cohorts: which days of whom are over, and what is not counted."""

import numpy as np

from arena.experiment.cohort import COUNTS, make_cohort

TODAY = 10


def made(*rows, joined=(7, 9, 10)):
    """Rows are (visitor, day, seconds); each visit has two turns, one of each other thing."""
    columns = np.array(rows or np.zeros((0, 3))).T
    visits = (columns[0].astype(int), columns[1].astype(int), columns[2])
    tallies = [np.full(len(rows), 2 if name == "turns" else 1) for name in COUNTS]
    return make_cohort("Blended", TODAY, np.array(joined), (*visits, *tallies), horizon=3)


def test_only_days_that_are_over_can_be_judged():
    eligible = made().eligible

    assert eligible.tolist() == [
        [True, True, True, False],
        [True, False, False, False],
        [False, False, False, False],
    ]


def test_visits_land_on_the_day_after_joining():
    who = made((0, 7, 30.0), (0, 9, 60.0), (1, 9, 5.0))

    assert who.active.tolist() == [[1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert who.seconds.sum(1).tolist() == [90, 5, 0]
    assert who.tallies[0].tolist() == [4 if name == "turns" else 2 for name in COUNTS]


def test_today_what_came_before_joining_and_beyond_the_horizon_are_left_out():
    who = made((0, 10, 30.0), (1, 8, 5.0), (2, 10, 1.0), (3, 5, 7.0), joined=(7, 9, 10, 1))

    assert not who.active.any() and not who.tallies.any() and who.size == 4
