"""Any table by --map and --winners, what is left out, and files that are no votes."""

import csv
import json
from contextlib import closing

import pytest
from foreign_files import FILES, bring

from arena.db.store import Store
from arena.exchange.forms.winner_words import WinnerWords

HEAD = "x,y,who\n"
COMPARIA = {"conversation_pair_id": "p", "chosen_model_name": "oak", "both_equal": False}
RATING = {"id": 0, "data": 1, "meta": 2, "user_id": 3, "created_at": 4}


def put(tmp_path, name, content):
    (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return tmp_path / name


def choices(db):
    with closing(Store.open_readonly(db)) as store:
        return [choice for (choice,) in store.database.query("SELECT choice FROM votes")]


MAP = ("--map", "left=x,right=y,winner=who")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("left right tie both_bad", "left right tie both_bad"),
        ("oak elm", "left right"),
        ("A B a b", "left right left right"),
        ("1 2 0", "left right tie"),
        ("1.0 2.0", "left right"),
        ("Model-A response_2 output-1 b_better", "left right left right"),
        ("draw same both-good both-are-bad", "tie tie tie both_bad"),
        ("first second tied", "left right tie"),
    ],
)
def test_words_for_a_winner(words, expected):
    read = [WinnerWords().choice(word, "oak", "elm") for word in words.split()]
    assert read == expected.split()


def test_names_come_before_letters_and_have_their_case():
    words = WinnerWords()
    with pytest.raises(ValueError, match="'OAK' is none of"):
        words.choice("OAK", "oak", "elm")
    assert words.choice("A", "B", "A") == "right" and words.choice("2", "2", "1") == "left"


def test_noughts_without_a_two_must_be_explained(tmp_path, capsys):
    file, db = put(tmp_path, "a.csv", HEAD + "oak,elm,1\nelm,oak,0\n"), tmp_path / "a.db"
    assert bring(file, db, *MAP) == 2 and not db.exists()
    assert "0 but no 2" in capsys.readouterr().err
    assert bring(file, db, *MAP, "--winners", "left=1,right=0") == 0
    assert choices(db) == ["left", "right"]


def test_yes_and_no_as_a_winner(tmp_path):
    rows = [{"x": "oak", "y": "elm", "who": first} for first in (True, False)]
    file = put(tmp_path, "a.json", rows)
    assert bring(file, tmp_path / "a.db", *MAP, "--winners", "left=true,right=false") == 0
    assert choices(tmp_path / "a.db") == ["left", "right"]


def test_a_name_leads_into_objects_and_lists(tmp_path):
    rows = [{"pair": {"models": ["oak", "elm"]}, "verdict": {"by.rule": "B"}, "winner": "model_a"}]
    named = "left=pair.models.0,right=pair.models.1,winner=verdict.by.rule"
    file = put(tmp_path, "a.json", rows)
    assert bring(file, tmp_path / "a.db", "--map", named) == 2
    rows[0]["verdict"] = {"by": "B"}
    put(tmp_path, "a.json", rows)
    assert bring(file, tmp_path / "a.db", "--map", named.replace(".rule", "")) == 0
    assert choices(tmp_path / "a.db") == ["right"]


def test_a_name_leads_into_json_in_a_cell(tmp_path):
    """Label Studio's CSV and JSON_MIN have what Pairwise chose as a list of one object."""
    chosen = [json.dumps([{"selected": side}]) for side in ("right", "left")] + ["", "[{"]
    with open(tmp_path / "a.csv", "w", newline="") as place:
        rows = csv.writer(place)
        rows.writerow(["annotator", "comparison", "model_a", "model_b"])
        rows.writerows(["1", cell, "oak", "elm"] for cell in chosen)
    named = ("--map", "winner=comparison.0.selected", "--skip-bad")
    assert bring(tmp_path / "a.csv", tmp_path / "a.db", *named) == 0
    assert choices(tmp_path / "a.db") == ["right", "left"]


def test_names_in_a_form_of_its_own(tmp_path):
    """Label Studio and Argilla do not say which of a task's data names the models."""
    tasks = json.loads((FILES / "label_studio.json").read_text())
    for task in tasks:
        task["data"] |= {"first": task["data"].pop("model_a"), "x": task["data"].pop("model_b")}
    file = put(tmp_path, "a.json", tasks)
    assert bring(file, tmp_path / "a.db") == 2
    assert bring(file, tmp_path / "a.db", "--map", "left=data.first,right=data.x") == 0
    assert choices(tmp_path / "a.db") == ["left", "right", "tie", "right", "left", "left"]


def test_one_of_several_questions(tmp_path, capsys):
    answers = {"preference": "response-1", "style": "response-2"}
    responses = {q: [{"value": v, "user_id": "u"}] for q, v in answers.items()}
    record = {"fields": {"model_a": "oak", "model_b": "elm"}, "responses": responses}
    file = put(tmp_path, "a.json", [record])
    assert bring(file, tmp_path / "a.db") == 2
    assert "name one, as in --map winner=responses.preference" in capsys.readouterr().err
    assert bring(file, tmp_path / "a.db", "--map", "winner=responses.style") == 0
    assert choices(tmp_path / "a.db") == ["right"]


def test_who_answered_another_question_did_not_vote(tmp_path, capsys):
    responses = {
        "clarity": [{"value": 3, "user_id": "u"}, {"value": 4, "user_id": "w"}],
        "preference": [{"value": "response-2", "user_id": "w"}],
    }
    record = {"fields": {"model_a": "oak", "model_b": "elm"}, "responses": responses}
    assert bring(put(tmp_path, "a.json", [record]), tmp_path / "a.db") == 0
    assert choices(tmp_path / "a.db") == ["right"]
    assert "left out: 1 row: no answer of somebody tells a winner" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--map", "left=x,right=y,winner=whom"), "no row has the column 'whom' that --map names"),
        (("--map", "left=x,left=y"), "--map names left twice"),
        (("--map", "up=x"), "WHAT is one of left, right, winner"),
        (("--map", "left"), "--map has 'left'"),
        (("--winners", "left=a,right=A"), "two meanings"),
        ((*MAP, "--winners", "win=a"), "WHAT is one of left, right, tie, both_bad"),
        ((*MAP, "--rejected", "none/at/all.csv"), "No such file"),
    ],
)
def test_options_that_say_nothing(tmp_path, capsys, options, said):
    file = put(tmp_path, "a.csv", HEAD + "oak,elm,a\n")
    assert bring(file, tmp_path / "a.db", *options) == 2 and not (tmp_path / "a.db").exists()
    assert said in capsys.readouterr().err


def test_every_row_that_is_left_out_is_listed(tmp_path, capsys):
    rows = [{"generator_1": "oak", "generator_2": "elm", "preference": p} for p in (1, None, 9, 2)]
    rows += [rows[0] | {"generator_2": "oak"}, {"left": "oak", "right": "elm", "winner": "left"}, 3]
    file, out = put(tmp_path, "a.json", rows), tmp_path / "left out.csv"
    assert bring(file, tmp_path / "a.db", "--skip-bad", "--rejected", str(out)) == 0
    listed = list(csv.reader(out.read_text().splitlines()))
    assert [(row, reason[:40]) for row, _, reason in listed[1:]] == [
        ("2", "the annotator gave no preference"),
        ("3", "its preference 9 is no number from 1 to "),
        ("5", "'oak' cannot meet itself"),
        ("6", "its columns are those of columns, the fi"),
        ("7", "it is not a row with named columns"),
    ]
    told = capsys.readouterr()
    assert "left out: 1 row: the annotator gave no preference\n" in told.out
    assert f"left out: 4 rows that cannot be read\n  each is listed in {out}\n" in told.out
    assert f"{file}: row 3 (line 1): its preference 9" in told.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "a.json",
            '[{"id": 1, "data": {}, "meta": {}, "user_id": "u", "created_at": 1',
            "is not JSON",
        ),
        ("a.json", [{"data": {}, "annotations": []}], "it has no vote; of 1 row: no annotation"),
        ("a.json", [{"data": 1, "annotations": [1, {"result": 2}]}], "no annotation of it chose"),
        ("a.json", [{"fields": 1, "responses": {"q": 3}}], "nobody answered"),
        ("a.json", [RATING], "no rating of a model"),
        ("a.json", [COMPARIA], "it has no model_a_name and model_b_name: join them to it"),
        (
            "a.json",
            [RATING | {"data": {"rating": 5, "model_id": "m"}}],
            "its rating 5 is none of 1, 0 and -1",
        ),
    ],
)
def test_files_that_tell_no_vote(tmp_path, capsys, name, content, said):
    assert bring(put(tmp_path, name, content), tmp_path / "a.db") == 2
    assert said in capsys.readouterr().err and not (tmp_path / "a.db").exists()
