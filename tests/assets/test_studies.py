"""The studies: their pages are what their tables say, their rosters have what their settings name,
and the script measures what is missing."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from app_process import ROOT

from assets.studies.lengths import mean_lengths
from assets.studies.page import REPORTS, main, page
from blend.roster import read as read_roster

STUDIES = sorted(path.parent for path in (ROOT / "assets" / "studies").glob("*/roster.toml"))
MEASURED = [study for study in STUDIES if (study / "README.md").is_file()]
TINY = """
title = "Tiny"
focus = "Blended"
[[member]]
name = "left"
lines = ["I like tea.", "Tea it is."]
[[member]]
name = "right"
lines = ["I like coffee very much.", "Coffee."]
[[blend]]
name = "Blended"
members = ["left", "right"]
"""
SETTINGS = """
MOST=2 TURNS=2 HISTORIES=2 DTYPE=float32 BATTLES=2 ITEMS=2 PORT=1
FIGHTERS=(Blended left right) SCORER=left JUDGE=right JUDGED=1 TASKS=(none) MEMBERS=(left right)
"""


def settings(study: Path, name: str) -> list[str]:
    """What a variable of a study's settings holds."""
    script = f'source "$1/settings"; printf "%s\\n" "${{{name}[@]}}"'
    done = subprocess.run(["bash", "-ec", script, "-", study], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("study", MEASURED, ids=lambda path: path.name)
def test_a_page_that_ships_is_what_its_tables_say(study):
    assert (study / "README.md").read_text(encoding="utf-8") == page(study)


@pytest.mark.parametrize("study", MEASURED, ids=lambda path: path.name)
def test_tables_that_ship_have_intervals_around_their_values(study):
    found = []

    def look(value):
        if isinstance(value, dict):
            if {"value", "low", "high"} <= value.keys() and value["low"] is not None:
                found.append(value["low"] <= value["value"] <= value["high"])
            value = list(value.values())
        for each in value if isinstance(value, list) else ():
            look(each)

    for path in filter(Path.is_file, map(study.joinpath, REPORTS.values())):
        look(json.loads(path.read_text(encoding="utf-8")))
    assert len(found) > 20 and all(found)


@pytest.mark.parametrize("study", STUDIES, ids=lambda path: path.name)
def test_a_study_s_roster_has_all_that_its_settings_name(study, tmp_path):
    text = (study / "roster.toml").read_text(encoding="utf-8")
    for path in study.glob("*.jinja"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for member in tomllib.loads(text)["member"]:
        file = tmp_path / member.get("path", "none")
        file.parent.mkdir(exist_ok=True)
        file.touch()
    (tmp_path / "roster.toml").write_text(text)

    roster = read_roster(tmp_path / "roster.toml")

    contenders = {spec.name: spec for spec in roster.contenders}
    assert set(settings(study, "FIGHTERS")) <= contenders.keys()
    assert tuple(settings(study, "MEMBERS")) == contenders[roster.focus].members
    for judge in settings(study, "SCORER") + settings(study, "JUDGE"):
        folder = judge.removeprefix("reward:")
        assert judge in roster.singles or (ROOT / folder / "config.json").is_file()


@pytest.fixture
def tiny(tmp_path):
    """The script's arguments: a study of scripted members, and two conversations."""
    study, data = tmp_path / "study", tmp_path / "data"
    study.mkdir()
    data.mkdir()
    (study / "roster.toml").write_text(TINY)
    (study / "settings").write_text(SETTINGS)
    said = ("Hi", "Hello.", "Tea?", "Yes.", "Bye", "Bye.")
    rows = [{"id": n, "split": "test", "turns": [{"text": f"{t} {n}"} for t in said]} for n in "ab"]
    (data / "talks.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return [study, tmp_path, data, tmp_path / "out"]


def run(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["bash", "assets/studies/run", *map(str, arguments)],
        cwd=ROOT,
        env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


def test_the_script_measures_what_is_missing_and_makes_the_page(tiny):
    out = tiny[-1]
    done = run(*tiny, "diversity", "duel", "judge", "page")
    assert done.returncode == 0, done.stderr
    text = (out / "README.md").read_text()
    assert text.startswith("# Does blending help? Tiny\n")
    assert "| left and right |" in text and "| judge left | battles |" in text
    assert "left and right agree with" in text and "Not measured yet: `blend law` does it." in text

    kept = (out / "diversity.json").read_bytes()
    again = run(*tiny, "diversity")
    assert "run: diversity: done before" in again.stderr
    assert (out / "diversity.json").read_bytes() == kept

    (tiny[0] / "settings").write_text(SETTINGS.replace("HISTORIES=2", "HISTORIES=1"))
    other = run(*tiny, "page")
    assert other.returncode == 2 and other.stderr.count("\n") == 1
    assert f"has changed since {out} was begun: give another OUT" in other.stderr


def test_the_lengths_of_replies_are_means_by_member():
    rows = [("a", ["four", "sixsix"]), ("b", None), ("a", ["two"])]
    lines = [json.dumps({"writer": name, "replies": replies}) for name, replies in rows]
    assert mean_lengths(lines) == {"a": 4.3}


def test_a_step_that_fails_leaves_nothing_that_looks_done(tiny):
    done = run(*tiny, "law")
    assert done.returncode == 2 and "left is scripted" in done.stderr
    assert not (tiny[-1] / "law" / "report.json").exists()


def test_what_the_script_cannot_do_is_one_line(tiny):
    study, models, data, out = tiny
    for arguments, said in (
        ((study, models, data, out, "lore"), "run: no step lore: there are law handoff"),
        ((data, models, data, out), f"run: no {data}/roster.toml"),
        ((study, models, study, out), f"run: no {study}/*.jsonl: give STUDY, MODELS, DATA"),
    ):
        done = run(*arguments)
        assert done.returncode == 2
        assert done.stderr.startswith(said) and done.stderr.count("\n") == 1


def test_a_folder_without_reports_makes_no_page(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "has no report: `bash assets/studies/run` makes them" in capsys.readouterr().err
    (tmp_path / "diversity.json").write_text("{")
    assert main([str(tmp_path)]) == 2
    assert "diversity.json is no JSON" in capsys.readouterr().err
