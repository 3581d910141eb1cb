"""python -m arena leaderboard, as its users run it."""

import json
import subprocess
import sys

import pytest
from app_process import ROOT
from stored import filled

from arena.cli import leaderboard
from arena.simulation import simulate


def board(db, *options):
    return leaderboard.main(["--db", str(db), *options])


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "arena.db"
    made = ["--votes", "800", "--contenders", "4", "--seed", "7"]
    assert simulate.main(["--db", str(path), *made]) == 0
    return path


def test_own_votes_come_first_and_alone(db, capsys):
    filled(db, votes=5)
    assert board(db, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["source"] == "own" and found["votes"] == 5 and not found["simulated"]
    board(db, "--source", "simulated", "--json")
    assert json.loads(capsys.readouterr().out)["votes"] == 800


def test_an_empty_database_has_an_empty_board(tmp_path, capsys):
    empty = filled(tmp_path / "arena.db", votes=0)
    assert board(empty, "--by", "turns", "--style") == 0
    assert "There are no votes." in capsys.readouterr().out


def test_other_models_stand_beside_the_board_where_they_are_wished(db, capsys):
    assert board(db, "--sensitivity", "--json") == 0
    wished = json.loads(capsys.readouterr().out)
    board(db, "--json")
    usual = json.loads(capsys.readouterr().out)
    others = {name: wished.pop(name) for name in ("ties", "held_out", "voters")}
    assert wished == usual and all(others.values())
    names = {row["contender"] for row in usual["contenders"]}
    assert {*others["ties"]["contenders"]} == {*others["voters"]["contenders"]} == names
    board(db, "--sensitivity")
    text = capsys.readouterr().out
    assert "Ties as an outcome of their own" in text and "tossed coins" in text


def test_a_board_that_cannot_be_is_one_line(db, capsys):
    assert board(db, "--anchor", "nobody") == 2
    error = capsys.readouterr().err
    assert "the anchor 'nobody' is none of" in error and error.count("\n") == 1


def test_a_missing_file_is_not_made(tmp_path, capsys):
    assert board(tmp_path / "none.db") == 2
    assert "there is no database" in capsys.readouterr().err
    assert not (tmp_path / "none.db").exists()


def test_neither_torch_nor_gradio_nor_pandas_is_imported(db):
    """What the command says it costs rests on that."""
    code = (
        "import runpy, sys; sys.argv = ['arena', 'leaderboard', '--db', sys.argv[1]]\n"
        "try: runpy.run_module('arena', run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "found = {'torch', 'gradio', 'pandas', 'transformers', 'scipy'} & set(sys.modules)\n"
        "assert not {name for name in found if sys.modules[name]}, found"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(db)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_without_parts_it_says_how_to_make_them(db, capsys):
    assert board(db, "--by", "ablation") == 0
    assert "an [ablation] table in the roster makes them" in capsys.readouterr().out
