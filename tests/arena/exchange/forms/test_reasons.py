"""Reasons and comments come along with imported votes, each once."""

import json
from contextlib import closing

import pytest
from foreign_files import FILES, bring, votes

from arena.db.store import Store


def test_one_feedback_twice_is_one_vote_and_speaks_once_of_two_others(tmp_path, capsys):
    (rating, *_) = json.loads((FILES / "open_webui.json").read_text())
    rating["data"]["sibling_model_ids"] = ["elm", "fir", "elm", "oak"]
    (tmp_path / "a.json").write_text(json.dumps([rating, rating]))
    assert bring(tmp_path / "a.json", tmp_path / "a.db") == 0
    assert "added 2 of 4 votes" in capsys.readouterr().out
    assert [row[:3] for row in votes(tmp_path / "a.db")] == [
        ("oak", "elm", "left"),
        ("fir", "oak", "right"),
    ]
    with closing(Store.open_readonly(tmp_path / "a.db")) as store:
        assert [len(store.database.query(sql)) for sql in (REASONS, COMMENTS)] == [1, 1]


REASONS = "SELECT kind, side, reason FROM vote_reasons ORDER BY rowid"
COMMENTS = "SELECT comment FROM vote_comments ORDER BY rowid"


@pytest.mark.parametrize(
    ("name", "reasons", "comments"),
    [
        (
            "open_webui.json",
            [("good", "left", "accurate_information"), ("bad", "right", "too_verbose")],
            ["Short."],
        ),
        (
            "comparia_votes.jsonl",
            [
                *(("good", "left", "useful"), ("good", "left", "clear_formatting")),
                *(("bad", "right", "superficial"), ("bad", "left", "incorrect")),
            ],
            ["A: Clair.\nB: Trop court."],
        ),
        (
            "comparia_reactions.jsonl",
            [
                *(("good", "left", "useful"), ("good", "right", "creative")),
                *(("bad", "right", "incorrect"), ("bad", "left", "superficial")),
            ],
            ["A: Bien."],
        ),
        ("label_studio.json", [], ["It names the tree."]),
    ],
)
def test_reasons_and_comments_come_along(tmp_path, name, reasons, comments):
    for db, options in (("a.db", ()), ("b.db", ("--no-texts",))):
        assert bring(FILES / name, tmp_path / db, *options) == 0
        with closing(Store.open_readonly(tmp_path / db)) as store:
            assert store.database.query(REASONS) == reasons
            said = [comment for (comment,) in store.database.query(COMMENTS)]
            assert said == ([] if options else comments)
