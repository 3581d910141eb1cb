"""Ratings by a judge of known noise; one that always prefers the first is found out."""

import numpy as np

from arena.simulation.sensitivity.judge_coverage import ALWAYS_FIRST, NoisyJudge, judged_coverage


def test_intervals_hold_what_a_noisy_judge_comes_to():
    found = judged_coverage(NoisyJudge(), 200, np.random.default_rng(1))
    assert 0.91 <= found["ratings"] <= 0.99
    assert 0.91 <= found["bias"] <= 0.99
    assert found["as if alone"] < 0.91, "battles of one opener hang together"
    assert found["found out"] > 0.9


def test_a_judge_without_a_lean_is_not_accused():
    found = judged_coverage(NoisyJudge(lean=0.0), 200, np.random.default_rng(2))
    assert found["found out"] <= 0.09


def test_a_judge_that_always_prefers_the_first_is_found_out_and_rates_nobody():
    found = judged_coverage(ALWAYS_FIRST, 10, np.random.default_rng(3))
    assert found["found out"] == 1
    truth, bias = ALWAYS_FIRST.limit()
    assert np.ptp(truth) < 0.01 and abs(bias - 1) < 1e-9
