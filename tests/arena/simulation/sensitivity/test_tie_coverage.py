"""The small run of the study of ties: 200 data sets, gate 91 to 99 %."""

import numpy as np
import pytest

from arena.ranking.sensitivity.ties import rate_with_ties
from arena.simulation.sensitivity.tie_coverage import (
    FAR,
    FAR_TIED,
    NU,
    TIED,
    TIED_CLUSTERED,
    better_model,
    limiting_ties,
    tie_coverage,
)
from arena.simulation.synthetic_votes import draw_votes


@pytest.mark.parametrize("world", [TIED, TIED_CLUSTERED], ids=["alone", "clustered"])
def test_intervals_hold_the_truth(world):
    held = tie_coverage(world, 200, np.random.default_rng(21))
    assert 0.91 <= held["ratings"] <= 0.99 and 0.91 <= held["ties"] <= 0.99


def test_the_limit_is_the_truth_where_all_have_one_taste_and_what_many_votes_find_where_not():
    xi, share = limiting_ties(TIED)
    assert xi == pytest.approx(TIED.strengths - TIED.strengths.mean(), abs=1e-4)
    assert share == pytest.approx(NU / (2 + NU), abs=1e-4)
    xi, share = limiting_ties(TIED_CLUSTERED)
    many = draw_votes(TIED_CLUSTERED, 100_000, np.random.default_rng(22)).ballots
    found = rate_with_ties(many)
    assert found.low < share < found.high
    assert np.ptp(xi) < 0.95 * np.ptp(TIED.strengths)


@pytest.mark.parametrize(
    ("world", "right", "wrong"), [(FAR_TIED, "davidson", "half_win"), (FAR, "half_win", "davidson")]
)
def test_the_model_that_made_the_votes_is_called_better(world, right, wrong):
    said = better_model(world, 20, np.random.default_rng(23))
    assert said[right] >= 0.8 and said[wrong] == 0
