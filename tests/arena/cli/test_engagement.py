"""python -m arena simulate --visitors and engagement: what they print, and what they refuse."""

import json
import re
import subprocess
import sys

import pytest
from app_process import ROOT

from arena.cli import engagement
from arena.db.store import Store
from arena.simulation import simulate


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    path = tmp_path_factory.mktemp("simulated") / "arena.db"
    options = ["--visitors", "800", "--days", "25", "--arms", "3", "--seed", "5"]
    assert simulate.main(["--db", str(path), *options]) == 0
    return path


def said(capsys, *options) -> str:
    assert engagement.main([*map(str, options), "--rounds", "9"]) == 0
    return capsys.readouterr().out


def test_the_truth_is_told_when_it_is_made(tmp_path, capsys):
    simulate.main(["--db", str(tmp_path / "a.db"), "--visitors", "9", "--days", "5"])
    out = capsys.readouterr().out
    assert "9 simulated visitors of each arm, 5 days" in out and "Δζ = +0.100" in out


def test_the_effect_is_a_setting(simulated, capsys):
    def needed(effect):
        found = json.loads(said(capsys, "--db", simulated, "--json", "--effect", effect))
        return found["arms"][1]["engagement_looks"]["visitors_needed"]

    assert needed(2) > needed(5) > needed(80) == 0


def test_an_empty_database_is_told_as_such(tmp_path, capsys):
    Store.open(tmp_path / "a.db").close()
    out = said(capsys, "--db", tmp_path / "a.db")
    assert "No experiment is on: all visitors are one group, too few" in out
    assert "0 battles opened" in out
    assert json.loads(said(capsys, "--db", tmp_path / "a.db", "--json"))["arms"] == []


@pytest.mark.parametrize(
    ("command", "options", "why"),
    [
        (engagement, ["--db", "none.db"], "there is no database none.db: correct"),
        (engagement, ["--experiment", "x"], "no experiment 'x'.* known: simulated"),
        (simulate, ["--visitors", "5"], "has an experiment 'simulated'"),
        (simulate, ["--visitors", "5", "--name", " "], "--name must not be empty"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_code_2(simulated, capsys, command, options, why):
    options = options if "--db" in options else ["--db", str(simulated), *options]
    assert command.main(options) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.search(why, error)


def test_the_command_loads_neither_torch_nor_gradio(simulated):
    words = [sys.executable, "-X", "importtime", "-m", "arena", "engagement", "--help"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "--db" in done.stdout
    assert "| torch" not in done.stderr and "gradio" not in done.stderr
