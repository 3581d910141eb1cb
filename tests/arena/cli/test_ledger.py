"""python -m arena ledger and contenders, as their users run them."""

import csv
import json

import pytest
from stored import CONTENDERS, filled

from arena.cli import contenders, ledger


@pytest.fixture
def db(tmp_path):
    return filled(tmp_path / "a.db", votes=12)


def test_the_ledger_as_lines_and_as_json(db, capsys):
    assert ledger.main(["--db", str(db), "--visitor", "v1", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["visitor"] for line in lines] == ["v1"] * 4
    assert ledger.main(["--db", str(db), "--limit", "1"]) == 0
    assert "counts  (rules 2, own, visitor v2, battle " in capsys.readouterr().out
    assert ledger.main(["--db", str(db), "--counted", "no"]) == 0
    assert capsys.readouterr() == ("", "There is no such vote.\n")
    assert ledger.main(["--db", "nowhere.db"]) == 2


def test_contenders_are_listed_retired_and_renamed(db, capsys):
    def run(*argv):
        assert contenders.main([*argv, "--db", str(db)]) == 0
        return capsys.readouterr().out

    assert [line.split() for line in run().splitlines()] == sorted(
        ([id, name] for id, name in CONTENDERS.items()), key=lambda row: row[1]
    )
    assert run("oak", "--retire") == "c-2: oak is retired\n"
    assert run("oak") == "c-2  oak  retired by the host\n"
    assert run("c-2", "--rename", "Oak 2") == "c-2: oak is called Oak 2 now\n"
    assert run("Oak 2", "--restore") == "c-2: Oak 2 is back\n"


def test_feedback_is_a_file_of_either_form(db, tmp_path, capsys):
    rows = []
    for name in ("oak.jsonl", "oak.csv"):
        file = tmp_path / name
        assert contenders.main(["oak", "--feedback", str(file), "--db", str(db)]) == 0
        assert "9 votes and thumbs on oak" in capsys.readouterr().out
        text = file.read_text(encoding="utf-8")
        assert "secret" not in text
        rows.append(
            [json.loads(line) for line in text.splitlines()]
            if name.endswith("jsonl")
            else [*csv.DictReader(text.splitlines())]
        )
    assert [row["outcome"] for row in rows[0]] == [row["outcome"] for row in rows[1]]
    assert "; ".join(rows[0][0]["good"]) == rows[1][0]["good"]


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (["yew"], "there is no contender 'yew'"),
        (["yew", "--retire"], "there is no contender 'yew'"),
        (["oak", "--rename", ""], "a name has 1 to 60 characters"),
        (["oak", "--rename", "a\nb"], "a name has 1 to 60 characters"),
        (["oak", "--feedback", "oak.txt"], "ends in .csv or .jsonl"),
        (["oak", "--feedback", "no/such/place.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_line(db, capsys, argv, problem):
    assert contenders.main([*argv, "--db", str(db)]) == 2
    error = capsys.readouterr().err
    assert problem in error and error.count("\n") == 1
