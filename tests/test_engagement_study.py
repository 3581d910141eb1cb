"""The study of the intervals: 200 experiments with the gate 91 to 99 %, and its command."""

import subprocess
import sys

import numpy as np
import pytest

from arena.engagement_study import alarmed, covered, gate
from tests.conftest import ROOT


def test_the_four_intervals_hold_the_truth():
    """At 200 runs a true 95 % lies in 91 to 99 % all but once in a hundred times."""
    shares = covered(200, 500, 30, rounds=99, rng=np.random.default_rng(1), each=range)
    assert set(shares) == {"Δζ", "Δβ", "Δα", "Δγ"}
    assert all(0.91 <= share <= 0.99 for share in shares.values()), shares


def test_false_alarms_are_counted():
    assert 0 <= alarmed(20, np.random.default_rng(0), each=range) <= 0.25


def test_what_is_too_small_is_said():
    with pytest.raises(ValueError, match="20 visitors over 30 days are too few"):
        covered(1, 20, 30, rounds=9, rng=np.random.default_rng(0), each=range)


def command(*options: str) -> subprocess.CompletedProcess:
    words = [sys.executable, "-m", "arena", "engagement-study", *options]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_fewer_runs_may_miss_more():
    assert gate(1000) == gate(4000) == pytest.approx((0.93, 0.97))
    assert gate(200) == pytest.approx((0.905, 0.995), abs=0.001)
    assert gate(3)[1] == 1.0


def test_the_command_says_what_holds_and_what_does_not():
    done = command("--runs", "3", "--visitors", "300")
    assert done.returncode == int("DOES NOT HOLD" in done.stdout), done.stderr
    assert done.stdout.count("58.5% to 100.0%") == 4 and "Δγ" in done.stdout


def test_the_command_refuses_what_cannot_be_done():
    for options in (("--visitors", "20"), ("--runs", "0")):
        done = command("--days", "9", *options)
        assert done.returncode == 2 and done.stdout == ""
