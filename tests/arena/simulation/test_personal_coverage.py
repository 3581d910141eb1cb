"""The small run of the study of one visitor's ranking: 200 visitors, gate 91 to 99 %."""

import numpy as np
import pytest

from arena.simulation.personal_coverage import SIZES, personal_coverage, tastes_told_apart


@pytest.mark.parametrize("size", SIZES)
def test_the_intervals_of_an_own_ranking_hold(size):
    assert 0.91 <= personal_coverage(size, False, 200, np.random.default_rng(21)) <= 0.99
    assert personal_coverage(size, True, 200, np.random.default_rng(22)) >= 0.91


def test_who_has_the_taste_of_all_others_is_not_called_unlike_them():
    told = tastes_told_apart(100, 60, np.random.default_rng(23))
    assert told["alike"] <= 0.1 and told["opposite"] >= 0.9
