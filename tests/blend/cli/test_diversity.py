"""python -m blend diversity: every member asked the same, and how different the replies are."""

import json

import pyarrow
import pytest
from pyarrow import parquet

from blend.cli.diversity import histories, main
from blend.command_line import CommandError
from blend.message import Message
from blend.roster import RosterError

ROSTER = """
openers = ["Hello!", "Tell me something.", "Why?"]
[[member]]
name = "a"
engine = "scripted"
lines = ["the cat sat on the mat", "x"]
[[member]]
name = "b"
engine = "scripted"
lines = ["dogs bark at every car"]
[[member]]
name = "c"
engine = "scripted"
lines = ["the cat sat on the mat"]
[[blend]]
name = "All"
members = ["a", "b", "c"]
"""


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "roster.toml"
    path.write_text(ROSTER)
    return str(path)


def test_members_that_say_the_same_are_not_diverse(roster, capsys, tmp_path, sentences):
    losses = tmp_path / "losses.parquet"
    columns = {"a": [1.0, 2, 3, 4, 5], "b": [5.0, 4, 3, 2, 1], "other": [0.0] * 5}
    parquet.write_table(pyarrow.table(columns), losses)
    options = ["--roster", roster, "--losses", str(losses), "--sentences", sentences]

    assert main([*options, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    measures = told["measures"]
    assert set(measures) == {"1 - self-BLEU", "distinct-2", "sentence distance"}
    beyond = {(p["a"], p["b"]): p["beyond"]["value"] for p in measures["1 - self-BLEU"]}
    assert beyond["a", "c"] == pytest.approx(0) and beyond["a", "b"] > 0.5
    ((pair),) = told["losses"]
    assert pair["value"] == pytest.approx(-1)

    assert main([*options, "--histories", "2"]) == 0
    said = capsys.readouterr().out
    assert "correlation of losses" in said and "2 histories" in said


def test_histories_of_each_kind_of_file(tmp_path):
    plain, talks, lists = (tmp_path / name for name in ("a.txt", "b.jsonl", "c.toml"))
    plain.write_text("Hi!\n\nWhy?\nMore\n")
    assert histories(plain, 2) == [(Message("user", "Hi!"),), (Message("user", "Why?"),)]
    turns = [{"text": str(n)} for n in range(8)]
    talks.write_text(json.dumps({"turns": turns}) + "\n" + json.dumps({"turns": turns[:2]}))
    long, short = histories(talks, 9)
    assert [m.text for m in long] == ["0", "1", "2", "3", "4"] and long[-1].role == "user"
    assert [m.text for m in short] == ["0"]
    lists.write_text('one = ["a", "b"]\ntwo = ["c", "d"]')
    assert [h[0].text for h in histories(lists, 3)] == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"", "has no history"),
        ("a.txt", b"{}", "line 1 is no dialogue"),
        ("a.txt", b'{"turns": []}', "no dialogue"),
        ("a.txt", b'{"turns": ' + b"[" * 100_000, "no dialogue"),
        ("a.txt", b"\xff", "not UTF-8 text"),
        ("a.toml", b"= 1", "is not a TOML file of lists of texts"),
        ("a.toml", b"one = 1", "is not a TOML file of lists of texts"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_files_without_histories_are_refused(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises((CommandError, RosterError), match=said):
        histories(path, 9)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--data", "none"], "No such file"),
        (["--losses", "roster.toml"], "no Parquet table"),
        (["--sentences", "."], "no sentence model"),
        (["--roster", "failing.toml"], "b: it was told to fail"),
        (["--roster", "alone.toml"], "a pair needs two members"),
    ],
)
def test_what_cannot_be_surveyed_is_one_line(roster, capsys, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    failing = ROSTER.replace('lines = ["dogs bark at every car"]', "fails_at = 0")
    (tmp_path / "failing.toml").write_text(failing)
    tables = '[[member]]\nname = "a"\nlines = ["x"]\n[[blend]]\nname = "B"\nmembers = ["a"]\n'
    (tmp_path / "alone.toml").write_text(f'openers = ["Hi"]\n{tables}')
    assert main(["--roster", roster, *options]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
