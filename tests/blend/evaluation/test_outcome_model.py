"""What each member's reply would have earned: logistic regression, weighted and calibrated."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from blend.evaluation.logged_turns import TurnTable
from blend.evaluation.outcome_model import (
    PENALTIES,
    calibrate,
    cross_fit,
    cross_fit_scores,
    fit_outcomes,
    sigmoid,
)
from blend.evaluation.trials.synthetic_topics import SyntheticTopics
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.policy import Uniform


def table(
    rng, turns: int = 3000, rate=lambda x, member: sigmoid(x * (2 * member - 1))
) -> TurnTable:
    """One feature; member 1 is good where it is high, member 0 where it is low."""
    x = rng.normal(size=turns)
    p = sigmoid(x) * 0.8 + 0.1  # drawn where it is good, so that weights matter
    drawn = (rng.random(turns) < p).astype(int)
    rewards = (rng.random(turns) < rate(x, drawn)).astype(float)
    chances, clusters = np.stack([1 - p, p], 1), np.arange(turns) // 3
    features = csr_matrix(x[:, None].astype(np.float32))
    return TurnTable(("a", "b"), features, chances, drawn, rewards, clusters, {})


def test_it_finds_the_log_odds():
    model = fit_outcomes(table(np.random.default_rng(1), 20_000))
    assert model.weights[0] == pytest.approx([-1, 1], abs=0.08)
    assert model.bias == pytest.approx([0, 0], abs=0.08)


def test_scores_are_of_models_that_had_not_seen_the_turn():
    rng = np.random.default_rng(2)
    noise = csr_matrix(rng.normal(size=(600, 300)).astype(np.float32))
    made = replace(table(rng, 600), features=noise)
    rows = np.arange(600)
    seen = fit_outcomes(made).scores(made.features)[rows, made.drawn]
    crossed = cross_fit_scores(made)[rows, made.drawn]
    assert np.corrcoef(seen, made.rewards)[0, 1] > 0.4
    assert np.corrcoef(crossed, made.rewards)[0, 1] < 0.2


@pytest.mark.parametrize(("good", "poor", "stronger"), [(0.8, 0.35, False), (0.6, 0.5, True)])
def test_the_smaller_the_differences_the_stronger_the_penalty(good, poor, stronger):
    world = SyntheticTopics.specialists(2, good, poor)
    traits = HistoryFeatures(HashedNgrams(512), world.members)
    log = world.log(6000, Uniform(), np.random.default_rng(0))
    assert (cross_fit(TurnTable.of(log, traits)).penalty > PENALTIES[0]) == stronger


def test_calibration_takes_noise_out():
    made = table(np.random.default_rng(3), rate=lambda x, member: np.full_like(x, 0.6))
    noise = np.random.default_rng(4).normal(size=made.chances.shape) * 3
    slope, shift = calibrate(made, noise)
    assert slope < 0.1 and sigmoid(shift) == pytest.approx(0.6, abs=0.05)

    true = np.asarray(made.features @ np.array([[-1.0, 1.0]]))
    signal = table(np.random.default_rng(3))
    assert calibrate(signal, 4 * true)[0] == pytest.approx(0.25, abs=0.05)


def test_a_member_that_always_wins_or_never_speaks_gets_a_smoothed_rate():
    made = table(np.random.default_rng(5), 300, rate=lambda x, member: np.ones_like(x))
    model = fit_outcomes(made.select(made.drawn == 0))
    assert not model.weights.any()
    assert 0.9 < sigmoid(model.bias[0]) < 1 and model.bias[1] == 0
