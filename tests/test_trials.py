"""Intervals that hold what they say: 200 trials here, 1,000 by python -m blend trials."""

import numpy as np
import pytest

from blend.trials import main, trials


@pytest.fixture(scope="module")
def held():
    return list(trials(200, np.random.default_rng(1)))


@pytest.mark.parametrize("method", ["IPS", "SNIPS", "DR", "learned"])
def test_the_truth_is_in_95_of_100_intervals(held, method):
    assert 0.91 <= np.mean([run[method] for run in held]) <= 0.99


def test_the_command_prints_both_tables(capsys):
    assert main(["--runs", "2", "--turns", "300"]) == 0
    out = capsys.readouterr().out
    assert "IPS" in out and "one member is useless" in out
