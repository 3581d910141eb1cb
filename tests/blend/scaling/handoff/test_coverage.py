"""The study of the hand-off matrix: its intervals hold, and nothing is found where nothing is."""

import json

import numpy as np

from blend.scaling.handoff.coverage import EQUAL, coverage, main


def test_of_200_known_costs_the_intervals_hold_about_95_percent():
    shares = coverage(200, 4, np.random.default_rng(8))
    nothing = [shares.pop(f"equal members: {name}") for name in EQUAL[1:]]
    assert all(0.91 <= share <= 0.99 for share in shares.values()), shares
    assert min(nothing) >= 0.91  # Bonferroni's: at least 95 %, and drifts of one hang together


def test_the_command_tells_coverage(capsys):
    assert main(["--runs", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["runs"] == 2 and {"mean", "earlier", "later", "rest"} < told["coverage"].keys()
    assert main(["--runs", "2", "--members", "3"]) == 0
    assert "2 data sets with 3 members" in capsys.readouterr().out
