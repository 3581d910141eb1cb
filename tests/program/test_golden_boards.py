"""What programs read of boards, reviews, experiments and policies is as it was, to the last digit.

Each answer is kept in tests/golden. Where it is meant to change, delete its file, run this, and
look at what git shows.
"""

import csv
import io
import json
import sqlite3
import uuid
from contextlib import closing
from datetime import date, timedelta
from importlib import import_module
from math import isclose

import pytest
from app_process import ROOT
from json_leaves import leaves

from arena.__main__ import COMMANDS
from arena.api.leaderboard_files import as_csv, as_text
from arena.db.store import Store
from arena.ranking.board.leaderboard import LeaderboardQuery
from arena.site.leaderboards import LeaderboardCache
from blend.roster import read

GOLDEN = ROOT / "tests" / "golden"

ROUNDED = 1e-9
"""Of answers in double precision, most of them rounded when they are written."""

FITTED = 1e-6
"""Of sums in single precision and of what a minimiser found: the order in which a processor adds
differs from one kind to another."""

ROSTER = """
[[member]]
name = "a"
engine = "scripted"

[[member]]
name = "b"
engine = "scripted"

[[member]]
name = "c"
engine = "scripted"

[[blend]]
name = "Trio"
members = ["a", "b", "c"]

[ablation]
subsets = 2
copies = 2
"""


def run(command: str, *options: object) -> int:
    return import_module(COMMANDS[command]).main([str(option) for option in options])


def check(name: str, found: object, within: float) -> None:
    """Compare with the golden file; the first time it is written, and the test fails."""
    path = GOLDEN / f"{name}.json"
    if not path.exists():
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.fail(f"{path} was missing and is written now: look at it and commit it")
    expected = dict(leaves(json.loads(path.read_text(encoding="utf-8"))))
    found = dict(leaves(json.loads(json.dumps(found))))
    assert [*found] == [*expected]
    for where, value in expected.items():
        assert type(found[where]) is type(value), where
        close = isinstance(value, float) and isclose(value, found[where], rel_tol=within)
        assert close or found[where] == value, where


@pytest.fixture(scope="module")
def votes(tmp_path_factory):
    """600 simulated votes, some of which do not count."""
    path = tmp_path_factory.mktemp("votes") / "votes.db"
    options = ("--votes", 600, "--contenders", 4, "--visitors", 40, "--bad", 0.1, "--seed", 7)
    assert run("simulate", "--db", path, *options) == 0
    return path


@pytest.fixture(scope="module")
def ablation(tmp_path_factory):
    """Simulated votes on a blend, its parts and copies."""
    folder = tmp_path_factory.mktemp("ablation")
    (folder / "trio.toml").write_text(ROSTER, encoding="utf-8")
    options = ("--roster", folder / "trio.toml", "--votes", 900, "--visitors", 30, "--seed", 3)
    assert run("simulate", "--db", folder / "votes.db", *options) == 0
    return folder / "votes.db"


@pytest.fixture(scope="module")
def thumbs(tmp_path_factory):
    """A made-up log of 800 turns; its ids, which are random, are replaced."""
    path = tmp_path_factory.mktemp("thumbs") / "log.db"
    assert run("rehearse", "--db", path, "--turns", 800, "--seed", 3) == 0
    with closing(sqlite3.connect(path)) as db, db:
        for table, links in (("conversations", ["turns.conversation"]), ("turns", [])):
            rows = db.execute(f"SELECT id FROM {table} ORDER BY rowid").fetchall()
            for n, (old,) in enumerate(rows):
                new = str(uuid.UUID(int=(n << 80) | (7 << 76) | (2 << 62)))
                db.execute(f"UPDATE {table} SET id = ? WHERE id = ?", (new, old))
                for link, column in (each.split(".") for each in links):
                    db.execute(f"UPDATE {link} SET {column} = ? WHERE {column} = ?", (new, old))
    return path


BOARDS = {
    "style": ("--by", "turns", "--style", "--bootstrap", 20),
    "weighted": ("--by", "month", "--weighted"),
    "anchor": ("--by", "length", "--anchor", "simulated 7-02", "--minimum", 300),
    "language": ("--by", "language", "--focus", "simulated 7-03"),
}


@pytest.mark.parametrize("name", BOARDS)
def test_leaderboard(votes, capsys, name):
    assert run("leaderboard", "--db", votes, *BOARDS[name], "--json") == 0
    check(f"leaderboard-{name}", json.loads(capsys.readouterr().out), ROUNDED)


def test_leaderboard_text(votes, capsys):
    assert run("leaderboard", "--db", votes, *BOARDS["style"]) == 0
    check("leaderboard-text", capsys.readouterr().out.splitlines(), ROUNDED)


@pytest.mark.parametrize("form", ["json", "text"])
def test_ablation(ablation, capsys, form):
    options = ("--db", ablation, "--by", "ablation")
    assert run("leaderboard", *options, *(["--json"] if form == "json" else [])) == 0
    out = capsys.readouterr().out
    found = json.loads(out)["ablation"] if form == "json" else out.splitlines()
    check(f"ablation-{form}", found, ROUNDED)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("all", LeaderboardQuery("simulated", "turns")),
        ("part", LeaderboardQuery("simulated", "turns", "2 or 3 turns", style=True)),
    ],
    ids=["all", "part"],
)
def test_board_download(votes, name, asked):
    with closing(Store.open(votes)) as store:
        board = LeaderboardCache(read("scripted"), store).look(asked, {})
    check(f"board-{name}", json.loads(as_text(board, now=0.0)), ROUNDED)
    table = as_csv(board).removeprefix("\ufeff")
    check(f"board-{name}-csv", [*csv.reader(io.StringIO(table))], ROUNDED)


@pytest.mark.parametrize("apply", [False, True], ids=["dry", "applied"])
def test_review(votes, tmp_path, capsys, apply):
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(votes)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
        with new:
            new.execute("UPDATE visitors SET barred = 1 WHERE id LIKE '%-3'")
    options = ("--db", copy, "--source", "simulated", "--json", *(["--apply"] if apply else []))
    assert run("review", *options) == 0
    check(f"review-{'applied' if apply else 'dry'}", json.loads(capsys.readouterr().out), ROUNDED)


def test_engagement(tmp_path, capsys):
    db, yesterday = tmp_path / "visits.db", date.today() - timedelta(1)
    options = ("--visitors", 300, "--days", 20, "--arms", 3, "--seed", 5)
    assert run("simulate", "--db", db, *options) == 0
    capsys.readouterr()
    assert run("engagement", "--db", db, "--rounds", 49, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    # The visits end yesterday, whenever that is.
    as_of = found.pop("as_of")
    assert abs((date.fromisoformat(as_of) - yesterday).days) <= 1
    check("engagement", found, FITTED)
    assert run("engagement", "--db", db, "--rounds", 49) == 0
    check("engagement-text", capsys.readouterr().out.replace(as_of, "DAY").splitlines(), FITTED)


def test_engagement_study(capsys):
    options = ("--runs", 4, "--visitors", 300, "--days", 20, "--rounds", 49, "--seed", 2)
    code = run("engagement-study", *options)
    check("engagement-study", [code, *capsys.readouterr().out.splitlines()], ROUNDED)


def test_fit_and_value(thumbs, tmp_path, capsys):
    out = tmp_path / "policy.json"
    assert run("fit", "--db", thumbs, "--reward", "thumb", "--out", out) == 0
    printed = capsys.readouterr().out.replace(str(out), "FILE").splitlines()
    policy = json.loads(out.read_text(encoding="utf-8"))
    policy["story"]["until"] = "1971-01-01T00:00:00+00:00"  # it was the time of the fit
    out.write_text(json.dumps(policy), encoding="utf-8")
    assert run("value", "--db", thumbs, "--reward", "thumb", "--policy", out, "--json") == 0
    value = json.loads(capsys.readouterr().out)
    for member in policy["members"].values():
        words = member.pop("words_in_thousandths")
        member["words"] = [len(words), sum(words), sum(map(abs, words)), words[:40]]
    check("fit", {"printed": printed, "file": policy}, FITTED)
    check("value", value, FITTED)
