"""python -m arena leaderboard, as its users run it."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from conftest import unhurried

from arena import leaderboard, simulate
from arena.ballot_box import BallotBox
from arena.records import Battle
from arena.store import Store

ROOT = Path(__file__).parent.parent


def board(db, *options):
    return leaderboard.main(["--db", str(db), *options])


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "arena.db"
    made = ["--votes", "800", "--contenders", "4", "--seed", "7"]
    assert simulate.main(["--db", str(path), *made]) == 0
    return path


def test_the_board_of_each_slice_and_way(db, capsys):
    for options in (
        ["--by", "turns"],
        ["--by", "language"],
        ["--by", "length"],
        ["--by", "month", "--style"],
        ["--weighted", "--bootstrap", "20"],
    ):
        assert board(db, *options) == 0
    text = capsys.readouterr().out
    for said in ("4 turns or more:", "\nen: ", "under 50 characters:", "2024-02:", "resampled"):
        assert said in text


def test_own_votes_come_first_and_alone(db, capsys):
    with closing(Store.open(db)) as store:
        store.clock = unhurried()
        store.visitor("me")
        for name in ("x", "y"):
            store.contender(name, name, {})
        battle = Battle("me", "x", "y", 1.0, "focus")
        store.open_battle(battle)
        store.start_turn(battle.id, "me", "hello", 8)
        store.ready(battle.id)
        store.vote(battle.id, "me", "left")
    assert board(db, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["source"] == "own" and found["votes"] == 1 and not found["simulated"]
    assert [row["contender"] for row in found["contenders"]] == ["x", "y"]
    board(db, "--source", "simulated", "--json")
    assert json.loads(capsys.readouterr().out)["votes"] == 800


def test_an_empty_database_has_an_empty_board(tmp_path, capsys):
    BallotBox.open(tmp_path / "arena.db").close()
    assert board(tmp_path / "arena.db", "--by", "turns", "--style") == 0
    assert "There are no votes." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--anchor", "nobody"], "the anchor 'nobody' is none of"),
        (["--bootstrap", "-1"], "must not be negative"),
    ],
)
def test_a_board_that_cannot_be_is_one_line(db, capsys, options, says):
    assert board(db, *options) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


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


def test_a_blend_taken_apart(tmp_path, capsys):
    roster, db = tmp_path / "parts.toml", tmp_path / "parts.db"
    scripted = (ROOT / "assets" / "rosters" / "scripted.toml").read_text(encoding="utf-8")
    roster.write_text(scripted + "\n[ablation]\nleave_one_out = true\ncopies = 2")
    made = ["--db", str(db), "--roster", str(roster), "--votes", "3000", "--bad", "0", "--json"]
    assert simulate.main(made) == 0
    truth = json.loads(capsys.readouterr().out)["ratings"]

    assert board(db, "--by", "ablation", "--focus", "Blended", "--json") == 0
    told = json.loads(capsys.readouterr().out)["ablation"]
    assert (told["blend"], told["exact"]) == ("Blended", True)
    assert {size: many for size, (many, _) in told["sizes"].items()} == {"1": 3, "2": 3, "3": 1}
    lost = {each["member"]: each["left_out"] for each in told["contributions"]}
    for member, points in lost.items():
        true = truth["Blended"] - truth[f"Blended without {member}"]
        assert points["low"] - 20 < true < points["high"] + 20
    assert board(db, "--by", "ablation") == 0
    assert "the same model in copies, over its one member" in capsys.readouterr().out


def test_without_parts_it_says_how_to_make_them(db, capsys):
    assert board(db, "--by", "ablation") == 0
    assert "an [ablation] table in the roster makes them" in capsys.readouterr().out
