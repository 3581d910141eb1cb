"""import: other arenas' votes once, whole or not at all, apart from one's own."""

import json
from contextlib import closing

import pytest
from stored import filled, votes_of

from arena.categories.tagger import VERSION, Tagger
from arena.db import file_lock
from arena.db.store import Store
from arena.exchange import import_votes
from arena.exchange.forms.rejected_rows import MOST_REPORTED

GOOD = "left,right,winner,visitor,time\noak,elm,left,u1,10\nelm,oak,tie,u2,20\n"
BAD = GOOD + "oak,oak,left,u1,30\noak,elm,nobody,u1,40\nelm,oak,right,u1,50\n"


def run(*argv):
    return import_votes.main([str(arg) for arg in argv])


def put(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    return tmp_path / name


def votes(db, source=None):
    with closing(Store.open_readonly(db)) as store:
        return [(vote.choice, vote.created) for vote in votes_of(store, source)]


def test_a_csv_is_stored_once_and_apart_while_no_app_holds_the_file(tmp_path, capsys):
    db, file = filled(tmp_path / "arena.db", votes=4), put(tmp_path, "a.csv", GOOD)
    with file_lock.shared(db):
        assert run(file, "--db", db) == 2
    assert capsys.readouterr().err.startswith(f"arena import: the app holds {db}: stop it, or")
    for new in (2, 0):
        assert run(file, "--db", db) == 0
        assert f"{file}: added {new} of 2 votes to {db}\n" in capsys.readouterr().out
    assert votes(db, "imported") == [("left", 10.0), ("tie", 20.0)]
    assert len(votes(db, "own")) == 4
    assert run(put(tmp_path, "a.csv", GOOD + "oak,elm,both_bad,u3,60\n"), "--db", db) == 0
    assert "added 1 of 3 votes to" in capsys.readouterr().out


def test_bad_rows_are_told_by_line_and_nothing_is_stored(tmp_path, capsys):
    db, file = tmp_path / "arena.db", put(tmp_path, "a.csv", BAD)
    assert run(file, "--db", db) == 2
    told = capsys.readouterr().err
    assert f"{file}: row 3 (line 4): 'oak' cannot meet itself" in told
    assert f"{file}: row 4 (line 5): its winner 'nobody'" in told
    assert "2 rows cannot be read, so nothing was stored" in told and "--skip-bad" in told
    assert not db.exists()
    assert run(file, "--db", db, "--skip-bad") == 0
    assert len(votes(db)) == 3 and "left out: 2 rows that cannot be read" in capsys.readouterr().out


def test_many_bad_rows_are_counted(tmp_path, capsys):
    file = put(tmp_path, "a.csv", GOOD + "x\n" * 30)
    assert run(file, "--db", tmp_path / "arena.db") == 2
    said = capsys.readouterr().err
    assert said.count("it has no") == MOST_REPORTED and "any more are only counted" in said


def test_chatbot_arenas_json(tmp_path, capsys):
    row = {"model_a": "oak", "model_b": "elm", "winner": "tie (bothbad)", "judge": "j"}
    rows = [row | {"anony": True}, row | {"winner": "model_b", "anony": False}]
    db, file = tmp_path / "arena.db", put(tmp_path, "a.json", json.dumps(rows))
    assert run(file, "--db", db) == 0
    assert [choice for choice, _ in votes(db)] == ["both_bad"]
    assert "not counted, as the file says: 1 not blind\n" in capsys.readouterr().out


def test_what_was_found_is_told_with_its_column(tmp_path, capsys):
    rows = ["model_a,model_b,winner,judge_hash,session_id,timestamp,turn,language"]
    rows += ["oak,elm,tie,j,s,2025-06-01,2,pl", "oak,elm,tie,,s,,,", "oak,elm,tie,,,,,"]
    file = put(tmp_path, "a.csv", "\n".join(rows))
    assert run(file, "--db", tmp_path / "arena.db") == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  visitor: from judge_hash (1 vote), from session_id (1 vote), unknown (1 vote)"
        ": each counts as a visitor of its own",
        "  time: from timestamp (1 vote), unknown (2 votes): dated to now",
        "  turns: from turn (1 vote), unknown (2 votes)",
        "  language: from language (1 vote), unknown (2 votes)",
        "  length and markdown: unknown (3 votes)",
        "  conversations: unknown (3 votes)",
    ]


@pytest.mark.parametrize(
    "bad",
    [
        {"judge": "v" * 20_000_000},
        {"model_b": "\ud800"},
        {"tstamp": 10**300},
        {"turn": 1e300},
        {"winner": [[[[[[[[[[[[]]]]]]]]]]]]},
    ],
)
def test_one_row_that_cannot_be_stored_is_one_line_and_is_left_out_if_asked(tmp_path, capsys, bad):
    row = {"model_a": "oak", "model_b": "elm", "winner": "tie", "judge": "j"}
    db, file = tmp_path / "arena.db", put(tmp_path, "a.json", json.dumps([row, row | bad]))
    assert run(file, "--db", db) == 2 and not db.exists()
    told = capsys.readouterr().err.replace("\r", "\n").splitlines()
    (line,) = (line for line in told if f"{file}: row 2 (line 1): " in line)
    assert f"its {next(iter(bad))} " in line and len(line) < 250
    assert run(file, "--db", db, "--skip-bad") == 0
    assert len(votes(db)) == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "left,right,winner\noak,oak,tie\n", "1 row and none can be read, so nothing was"),
        ("a.csv", "left,right,winner\n", "it has no rows, so nothing was stored"),
        ("a.csv", "", "it has no rows, so nothing was stored"),
        ("a.json", "[{}, ", "is not JSON"),
        ("a.txt", "", "must end in"),
        ("none.csv", None, "No such"),
    ],
)
def test_what_is_no_file_of_votes(tmp_path, capsys, name, content, said):
    if content is not None:
        put(tmp_path, name, content)
    assert run(tmp_path / name, "--db", tmp_path / "arena.db", "--skip-bad") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "arena.db").exists()


def test_the_first_message_of_a_conversation_gets_our_categories_whether_it_is_kept_or_not(
    tmp_path,
):
    said = [{"role": "user", "content": "Write a poem"}, {"role": "assistant", "content": "Oh!"}]
    row = {"model_a": "oak", "model_b": "elm", "winner": "model_a", "category_tag": {"math": True}}
    rows = [row | {"conversation_a": said, "conversation_b": said, "tags": ["code"]}, row]
    file = put(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    for name, options in (("kept.db", []), ("dropped.db", ["--no-texts"])):
        assert run(file, "--db", tmp_path / name, *options) == 0
        with closing(Store.open_readonly(tmp_path / name)) as store:
            found = store.database.query("SELECT tags, tag_rules FROM battles ORDER BY tags")
            kept = store.categories.stale(Tagger({"own": ("poem",)}))
        assert found == [(None, None), ('["creative_writing"]', VERSION)]
        assert kept == ((0, 0) if options else (1, 0))
