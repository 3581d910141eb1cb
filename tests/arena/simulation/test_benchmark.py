"""python -m arena bench on few votes: the figures of many are in the README, not in a test."""

import json

from app_process import ROOT

from arena.simulation import benchmark
from arena.simulation.benchmark import Cost


def test_every_cost_is_measured(capsys):
    small = ["--votes", "3000", "--contenders", "4", "--rounds", "5", "--clicks", "20"]
    code = benchmark.main([*small, "--json"])
    costs = json.loads(capsys.readouterr().out)
    assert code == int(not all(cost["holds"] for cost in costs))
    assert all(cost["wall"] > 0 for cost in costs) and costs[-5]["mb"] > 20
    kinds = [{name: type(value).__name__ for name, value in cost.items()} for cost in costs]
    named = [
        kind | {name: cost[name] for name in ("what", "limit", "waits")}
        for kind, cost in zip(kinds, costs, strict=True)
    ]
    assert named == json.loads((ROOT / "tests/golden/bench.json").read_text())


def test_a_line_names_what_does_not_hold():
    assert str(Cost("slow", 9.0, 2.0, 1.0)).endswith("limit 1,000 ms: DOES NOT HOLD")
    assert str(Cost("quick", 0.001, 0.001)).endswith("1.00 ms")
    assert str(Cost("memory", 1.0, 1.0, 400.0, 401.0)).endswith("limit 400 MB: DOES NOT HOLD")


def test_a_command_that_fails_is_told(tmp_path, capsys):
    few = ["--votes", "100", "--contenders", "3", "--rounds", "1", "--only", "board"]
    assert benchmark.main([*few, "--db", str(tmp_path / "none.db")]) == 2
    assert "there is no database" in capsys.readouterr().err
