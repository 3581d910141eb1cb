"""The study of the law's intervals: they hold as often as they say."""

import json

import numpy as np

from blend.scaling.coverage import coverage, main


def test_of_200_known_laws_the_intervals_hold_about_95_percent():
    shares = coverage(200, np.random.default_rng(7))
    assert all(0.91 <= share <= 0.99 for share in shares.values()), shares


def test_the_command_tells_coverage_and_seconds(capsys):
    assert main(["--runs", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["runs"] == 2 and set(told["coverage"]) == {"A", "α", "L_∞"}
    assert len(told["seconds"]) == 2
