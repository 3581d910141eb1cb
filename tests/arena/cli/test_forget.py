"""python -m arena forget, as a command."""

import json
import subprocess
import sys
from contextlib import closing

import pytest
from app_process import ROOT
from stored import filled

from arena.cli.forget import main
from arena.db.store import Store
from arena.exchange import import_votes


def test_a_visitor_is_forgotten_while_another_holds_the_file(tmp_path, capsys):
    db = filled(tmp_path / "a.db")
    with closing(Store.open(db)) as app:
        before = app.votes.counts()
        assert main(["v1", "--db", str(db)]) == 0
        assert app.erasure.is_erased("v1") and app.votes.counts() == before
    assert "v1 are deleted" in capsys.readouterr().out
    assert main(["v1", "--db", str(db)]) == 2
    assert "was deleted" in capsys.readouterr().err


def test_who_was_imported_is_forgotten_by_the_name_in_the_file(tmp_path, capsys):
    row = {"left": "oak", "right": "elm", "winner": "left", "visitor": "ann", "prompt": "A secret"}
    rows = [row | {"response_a": "one", "response_b": "two"}, row | {"visitor": "bob"}]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    db = tmp_path / "a.db"
    assert import_votes.main([str(tmp_path / "a.json"), "--db", str(db)]) == 0
    assert main(["ann", "--db", str(db)]) == 2
    assert main(["ann", "--imported", "--db", str(db)]) == 0
    with closing(Store.open_readonly(db)) as store:
        assert store.database.query("SELECT count(*), count(prompt) FROM turns") == [(2, 0)]
        assert store.votes.counts("imported").counted == 2


def test_who_was_published_is_told_how_far_it_reaches(tmp_path, capsys):
    db = filled(tmp_path / "a.db")
    with closing(Store.open(db)) as store:
        (one,) = store.database.query_one("SELECT id FROM conversations WHERE visitor = 'v1'")
        store.publication.record("me/set", 1, [one])
    assert main(["v1", "--db", str(db)]) == 0
    assert "1 conversation of theirs was published: python -m arena" in capsys.readouterr().out
    assert main(["v2", "--db", str(db)]) == 0
    assert "of theirs" not in capsys.readouterr().out


def test_old_texts_are_dropped(tmp_path, capsys):
    db = filled(tmp_path / "a.db", votes=3)
    with closing(Store.open(db)) as store:
        store.database.execute("UPDATE turns SET opened = 1, closed = 1 WHERE position = 0")
    for dropped in (6, 0):
        assert main(["--texts-older-than", "1", "--db", str(db)]) == 0
        assert f"the texts of {dropped} turns" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["nobody"], "has no visitor nobody"),
        (["v1", "--db", "nowhere.db"], "there is no database nowhere.db"),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path, capsys, argv, said):
    db = filled(tmp_path / "a.db", votes=1)
    assert main(["--db", str(db), *argv]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_it_asks_what_to_forget():
    command = [sys.executable, "-m", "arena", "forget"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "name a visitor's id" in done.stderr
