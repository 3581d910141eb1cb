"""The other ways do arrive at the same ratings: else it would be no comparison."""

import numpy as np
import pytest

from arena.ranking.bradley_terry import fit_strengths
from arena.simulation.baselines import distinct_votes, evalica_tasks, fastchat_tasks, fit_lbfgs
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes


@pytest.fixture(scope="module")
def ballots():
    world = SyntheticArena(tuple("abcde"), np.linspace(0.8, -0.8, 5), visitors=500)
    return draw_votes(world, 20_000, np.random.default_rng(1)).ballots


def centred(xi):
    return xi - xi.mean()


def test_lbfgs_is_the_same_fit(ballots):
    rows, n = distinct_votes(ballots)
    ours = fit_strengths(ballots.counts().points[None], None)[0, :5]
    assert centred(fit_lbfgs(rows, n, 5)) == pytest.approx(centred(ours), abs=2e-3)


def test_distinct_rows_are_all_that_compare(ballots):
    rows, n = distinct_votes(ballots)
    assert n.sum() == ballots.compares.sum()
    assert len(rows) == 5 * 4 * 3 and set(rows[:, 2]) == {0.0, 0.5, 1.0}


@pytest.mark.parametrize(("way", "tasks"), [(fastchat_tasks, 3), (evalica_tasks, 2)])
def test_each_way_runs(ballots, way, tasks):
    found = list(way(ballots, 3, np.random.default_rng(2)))
    assert len(found) == tasks and {limit for _, limit, _ in found} == {None}
    for _, _, task in found:
        task()
