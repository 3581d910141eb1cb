"""python -m arena simulate and leaderboard, as their users run them."""

import json

import numpy as np
import pytest
import sqlite_utils
from app_process import ROOT

from arena.cli import leaderboard
from arena.db.file_lock import shared
from arena.simulation import simulate


def run(db, *options, votes=800, contenders=4, seed=7):
    numbers = ["--votes", votes, "--contenders", contenders, "--seed", seed]
    return simulate.main([str(option) for option in ("--db", db, *numbers, *options)])


def board(db, *options):
    return leaderboard.main(["--db", str(db), *options])


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "arena.db"
    assert run(path) == 0
    return path


def test_the_votes_are_there_and_labelled(db):
    tables = sqlite_utils.Database(db)
    assert {row["source"] for row in tables["battles"].rows} == {"simulated"}
    assert tables["battles"].count == tables["votes"].count == 800
    assert all(json.loads(row["config"])["simulated"] for row in tables["contenders"].rows)
    assert not list(tables.query("PRAGMA foreign_key_check"))
    ids = [row["id"] for row in tables["battles"].rows]
    assert len({len(id) for id in ids}) == 1 and ids[0] < ids[-1]


def test_the_rules_were_applied(tmp_path):
    run(tmp_path / "a.db", "--bad", 0.9, "--visitors", 10, votes=2000)
    votes = list(sqlite_utils.Database(tmp_path / "a.db")["votes"].rows)
    dropped = [vote for vote in votes if not vote["counted"]]
    assert {"too_fast", "one_sided"} <= {vote["reason"] for vote in dropped}
    assert all(vote["waited"] < 0.3 for vote in dropped if vote["reason"] == "too_fast")
    assert all(bool(vote["reason"]) != bool(vote["counted"]) for vote in votes)


def test_a_seed_repeats_everything(db, tmp_path):
    run(tmp_path / "again.db")
    one, other = (sqlite_utils.Database(p) for p in (db, tmp_path / "again.db"))
    for table in ("contenders", "visitors", "battles", "votes"):
        assert list(one[table].rows) == list(other[table].rows)


def test_the_same_votes_are_not_stored_twice(db, capsys):
    assert run(db) == 2
    assert "choose another --seed" in capsys.readouterr().err
    assert run(db, votes=900) == 0 and run(db, seed=8) == 0
    assert sqlite_utils.Database(db)["votes"].count == 2500


def test_the_truth_is_told_and_found(tmp_path, capsys):
    db = tmp_path / "arena.db"
    run(db, "--json", "--taste", 0, "--turns", 0, "--style", 0, "--bad", 0, votes=30_000)
    truth = json.loads(capsys.readouterr().out)
    board(db, "--json", "--anchor", "simulated 7-01")
    found = {row["contender"]: row for row in json.loads(capsys.readouterr().out)["contenders"]}
    zero = truth["ratings"]["simulated 7-01"]
    for name, rating in truth["ratings"].items():
        error = (found[name]["high"] - found[name]["low"]) / 3.92
        assert found[name]["rating"] - 1000 == pytest.approx(rating - zero, abs=4 * error + 0.1)
    assert truth["votes"] == 30_000 and truth["visitors"]["honest"] == 1500


def test_the_truth_as_json_is_as_it_was(tmp_path, capsys):
    assert run(tmp_path / "a.db", "--bad", 0.1, "--json") == 0
    assert capsys.readouterr().out == (ROOT / "tests/golden/simulate.json").read_text()


def test_the_apps_file_is_read_but_not_written(db, capsys):
    with shared(db):
        assert board(db) == 0
        assert run(db, seed=9) == 2
    assert "the app holds" in capsys.readouterr().err


def test_every_pairing(tmp_path):
    for policy in ("focus", "round_robin", "adaptive"):
        run(tmp_path / f"{policy}.db", "--pairing", policy, votes=300)
        rows = list(sqlite_utils.Database(tmp_path / f"{policy}.db")["battles"].rows)
        chances = np.array([row["pair_chance"] for row in rows])
        assert {row["policy"] for row in rows} == {policy} and ((chances > 0) & (chances < 1)).all()
