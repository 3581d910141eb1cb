"""The study of the intervals: 200 experiments with the gate 91 to 99 %, and its command."""

import numpy as np
import pytest

from arena.simulation.experiment_coverage import false_alarm_rate, gate, interval_coverage, main


def test_the_four_intervals_hold_the_truth():
    """At 200 runs a true 95 % lies in 91 to 99 % all but once in a hundred times."""
    shares = interval_coverage(200, 500, 30, rounds=99, rng=np.random.default_rng(1), each=range)
    assert set(shares) == {"Δζ", "Δβ", "Δα", "Δγ"}
    assert all(0.91 <= share <= 0.99 for share in shares.values()), shares


def test_false_alarms_are_counted():
    assert 0 <= false_alarm_rate(20, np.random.default_rng(0), each=range) <= 0.25


def test_fewer_runs_may_miss_more():
    assert gate(1000) == gate(4000) == pytest.approx((0.93, 0.97))
    assert gate(200) == pytest.approx((0.905, 0.995), abs=0.001)
    assert gate(3)[1] == 1.0


def test_the_command_says_what_holds_and_what_does_not(capsys):
    code = main(["--runs", "3", "--visitors", "300"])
    out = capsys.readouterr().out
    assert code == int("DOES NOT HOLD" in out)
    assert out.count("58.5% to 100.0%") == 4 and "Δγ" in out


def test_the_command_refuses_what_cannot_be_done(capsys):
    assert main(["--visitors", "20"]) == 2
    told = capsys.readouterr()
    assert told.out == "" and "20 visitors over 30 days are too few for a line" in told.err
