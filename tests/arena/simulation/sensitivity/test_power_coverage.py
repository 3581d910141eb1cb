"""The small run of the study of power: 200 data sets of which nearly all have an open pair."""

import numpy as np
import pytest

from arena.ranking.ratings import bradley_terry
from arena.simulation.coverage import CLUSTERED
from arena.simulation.sensitivity.power_coverage import power_held, world_as_seen
from arena.simulation.synthetic_votes import draw_votes, limiting_strengths


def test_so_many_more_votes_tell_two_apart_as_often_as_was_said():
    told = power_held(200, np.random.default_rng(25))
    assert 0.4 <= told["even"] <= 0.6 and 0.68 <= told["likely"] <= 0.9


def test_a_world_as_seen_has_the_ratings_as_its_truth():
    ratings = bradley_terry(draw_votes(CLUSTERED, 2000, np.random.default_rng(26)).ballots.counts())
    found = limiting_strengths(world_as_seen(ratings)) * 400 / np.log(10)
    seen = np.array([ratings[name].rating for name in CLUSTERED.names])
    assert found - found[0] == pytest.approx(seen - seen[0], abs=0.1)
