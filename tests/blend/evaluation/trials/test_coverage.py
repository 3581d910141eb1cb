"""Intervals that hold what they say: 200 trials here, 1,000 by python -m blend trials."""

import numpy as np
import pytest

from blend.evaluation.trials.coverage import (
    CASES,
    CONVERSATIONS,
    history_trials,
    interval_trials,
    main,
)
from blend.evaluation.trials.learning_gain import LearningGain, true_gain
from blend.evaluation.trials.sentence_replies import sentence_trials
from blend.evaluation.trials.synthetic_topics import SyntheticTopics
from blend.policies.policy import Uniform


@pytest.fixture(scope="module")
def held():
    return list(interval_trials(200, np.random.default_rng(1)))


@pytest.mark.parametrize("method", ["IPS", "SNIPS", "DR", "learned"])
def test_the_truth_is_in_95_of_100_intervals(held, method):
    assert 0.91 <= np.mean([run[method] for run in held]) <= 0.99


@pytest.fixture(scope="module")
def held_after_histories():
    return list(history_trials(200, np.random.default_rng(3)))


@pytest.mark.parametrize("method", ["IPS", "SNIPS", "DR"])
@pytest.mark.parametrize("case", CASES)
def test_so_it_is_for_policies_that_read_who_wrote(held_after_histories, case, method):
    assert 0.91 <= np.mean([run[case, method] for run in held_after_histories]) <= 0.99


@pytest.fixture(scope="module")
def held_by_sentences():
    return list(sentence_trials(200, np.random.default_rng(5), CONVERSATIONS))


@pytest.mark.parametrize("method", ["IPS", "SNIPS", "DR"])
def test_so_it_is_for_whole_replies_where_every_sentence_was_drawn(held_by_sentences, method):
    assert 0.91 <= np.mean([run[method] for run in held_by_sentences]) <= 0.99


def test_the_command_prints_its_tables(capsys):
    assert main(["--runs", "2", "--turns", "300", "--logs", "1"]) == 0
    out = capsys.readouterr().out
    assert "IPS" in out and "uniform, by those of a sequence" in out
    assert "one member is useless" in out


def test_uniform_draws_gain_nothing_above_uniform_ones():
    world = SyntheticTopics.specialists(3)
    gain, best = true_gain(world, Uniform(), 200, np.random.default_rng(2))
    assert gain == pytest.approx(0) and best == pytest.approx(0.3)


def test_harm_is_more_than_chance():
    assert not LearningGain(-0.01, 0.3, 0.02).harm and not LearningGain(-1e-16, 0.0, 0.0).harm
    assert LearningGain(-0.03, 0.3, 0.02).harm
