"""The command; what it measures is tested in test_coverage."""

import json

from app_process import ROOT

from arena.simulation import coverage_command


def test_every_line_has_a_verdict(capsys):
    code = coverage_command.main(["--sets", "10", "--seed", "3", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert all(0 <= row["value"] <= 1 for row in rows)
    kinds = [{name: type(value).__name__ for name, value in row.items()} for row in rows]
    named = [kind | {"what": row["what"]} for kind, row in zip(kinds, rows, strict=True)]
    assert named == json.loads((ROOT / "tests/golden/study.json").read_text())
    assert code == (0 if all(row["holds"] for row in rows) else 1)


def test_a_line_that_does_not_hold_says_so():
    assert str(coverage_command.Finding("x", 0.5, 0.9)).endswith("DOES NOT HOLD")
    assert str(coverage_command.Finding("x", 0.95, 0.9)).endswith("90.0% to 100.0%  holds")
