"""Battles of blend duel become votes of the source "judged", and of no other."""

import json
from contextlib import closing

import pytest
from dueling import battles
from stored import filled

from arena.cli import leaderboard
from arena.db.store import Store
from arena.exchange import export, import_votes, merge
from arena.models import RowError

FACTS = """
    SELECT b.source, d.judge, v.choice, v.counted, v.reason, b.turns, n.id
    FROM votes v JOIN battles b ON b.id = v.battle JOIN verdicts d ON d.battle = b.id
        JOIN contenders n ON n.id = b.left ORDER BY v.rowid"""


def run(command, *argv):
    return command.main([str(arg) for arg in argv])


def query(db, sql, *values):
    with closing(Store.open_readonly(db)) as store:
        return store.database.query(sql, values)


@pytest.fixture
def brought(tmp_path):
    """A database with own votes and those of machines, and the file of these."""
    db, file = filled(tmp_path / "a.db", votes=4), battles(tmp_path)
    assert run(import_votes, file, "--db", db) == 0
    return db, file


def test_each_judge_has_a_vote_on_each_battle_once(brought, capsys):
    db, file = brought
    rows = query(db, FACTS)
    assert {row[:5] for row in rows} == {
        ("judged", "first", "tie", 1, ""),
        ("judged", "mute", "tie", 0, "unreadable"),
    }
    assert len(rows) == 24 and {row[5] for row in rows} == {1}
    ids = {json.loads(line)["left"]["id"] for line in file.read_text().splitlines()}
    assert {row[6] for row in rows} == ids
    assert run(import_votes, file, "--db", db) == 0
    assert "added 0 of 24 votes" in capsys.readouterr().out


def test_what_was_said_comes_along_and_who_wrote_it_does_not(brought):
    db, _ = brought
    said = query(db, "SELECT prompt, reply, member FROM turns t JOIN conversations c"
                 " ON c.id = t.conversation JOIN battles b ON c.id = b.left_conversation"
                 " WHERE b.source = 'judged'")  # fmt: skip
    assert {row[0] for row in said} == {"Hello!", "Why?", "And you?", "Tell me more."}
    assert {row[1] for row in said} == {"oak one", "elm one"} and {row[2] for row in said} == {None}


def test_they_are_on_a_board_of_their_own(brought, capsys):
    db, _ = brought
    boards = {}
    for source in ("own", "judged"):
        assert run(leaderboard, "--db", db, "--source", source, "--json") == 0
        boards[source] = json.loads(capsys.readouterr().out)
    assert boards["own"]["counted"] == 4 and "judged" not in boards["own"]
    judged = boards["judged"]
    assert (judged["votes"], judged["counted"], judged["visitors"]) == (24, 12, 4)
    assert judged["judged"]["judges"]["first"]["position_bias"]["value"] == 1
    assert judged["judged"]["judges"]["mute"]["unreadable"]["value"] == 1
    assert run(leaderboard, "--db", db, "--source", "judged") == 0
    said = capsys.readouterr().out
    assert "These are MACHINES' votes" in said and "of 4 openers" in said
    assert "first, 12 battles: the order decided in 100% (51% to 100%)" in said


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE battles SET source = 'own' WHERE source = 'judged'",
        "UPDATE battles SET source = 'judged' WHERE source = 'own'",
        "UPDATE votes SET counted = 1",
        "UPDATE verdicts SET left_first = 'second'",
        "INSERT INTO verdicts SELECT id, 'd', 'j', 'h', 'o', 'first', 'first' FROM battles"
        " WHERE source = 'own'",
    ],
)
def test_the_database_keeps_them_apart(brought, sql):
    with closing(Store.open(brought[0])) as store, pytest.raises(RowError):
        store.database.execute(sql)


def test_merge_and_export_bring_them_along_and_an_export_of_them_is_no_peoples_vote(
    brought, tmp_path, capsys
):
    db, _ = brought
    for _ in range(2):
        assert run(merge, db, "--into", tmp_path / "b.db") == 0
    assert query(tmp_path / "b.db", FACTS) == query(db, FACTS)
    assert run(export, "--db", db, "--out", tmp_path / "votes") == 0
    assert run(import_votes, tmp_path / "votes" / "votes.jsonl", "--db", tmp_path / "c.db") == 0
    assert "left out: 24 rows: a model judged it" in capsys.readouterr().out
    pairs = tmp_path / "pairs"
    assert run(export, "--db", db, "--out", pairs, "--for", "arena", "--source", "judged") == 0
    card = (pairs / "README.md").read_text()
    assert "Votes of models, not of people." in card and "human-feedback" not in card
    assert "| `source` |" in card
    for end in ("parquet", "jsonl"):
        assert run(import_votes, pairs / f"arena.{end}", "--db", tmp_path / "c.db") == 2
        assert "of 12 rows: a model judged it" in capsys.readouterr().err


def test_a_judge_is_forgotten_like_a_visitor_and_its_texts_expire(brought):
    db, _ = brought
    with closing(Store.open(db)) as store:
        ((judge,),) = store.database.query(
            "SELECT DISTINCT visitor FROM battles b JOIN verdicts d ON d.battle = b.id"
            " WHERE d.judge = 'first'"
        )
        assert store.erasure.erase_visitor(judge)
        assert len(store.machine_verdicts.all()) == 24
        assert store.erasure.expire_texts(4e9, 1)
    left = "SELECT count(*) FROM turns WHERE prompt IS NOT NULL"
    assert query(db, left) == [(0,)]


def test_a_duel_that_is_played_again_is_no_new_vote(brought, capsys):
    db, file = brought
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    later = [row | {"created": row["created"] + 3600} for row in rows]
    file.write_text("".join(json.dumps(row) + "\n" for row in later))
    assert run(import_votes, file, "--db", db) == 0
    assert "added 0 of 24 votes" in capsys.readouterr().out


def test_another_judge_of_the_same_name_is_refused(brought, capsys):
    db, file = brought
    digest = json.loads(file.read_text().splitlines()[0])["verdicts"]["first"]["judge"]
    file.write_text(file.read_text().replace(digest, "other weights"))
    assert run(import_votes, file, "--db", db) == 2
    said = capsys.readouterr().err
    assert "the judge 'first' is not the one that judged here before" in said
    assert len(query(db, FACTS)) == 24


def test_a_newer_verdict_of_the_same_judge_is_its_vote(tmp_path):
    file = battles(tmp_path)
    row = json.loads(file.read_text().splitlines()[0])
    said = row["verdicts"]["first"] | {"judge": "with another prompt"}
    said["left_second"] = said["left_second"] | {"preferred": "second"}
    newer = row | {"verdicts": {"first": said}}
    file.write_text(json.dumps(row) + "\n" + json.dumps(newer) + "\n")
    assert run(import_votes, file, "--db", tmp_path / "a.db") == 0
    assert [row[1:3] for row in query(tmp_path / "a.db", FACTS)] == [
        ("mute", "tie"),
        ("first", "left"),
    ]


@pytest.mark.parametrize("name", ["left", "id", "verdicts", "opener"])
def test_half_a_battle_is_named_and_nothing_is_stored(tmp_path, capsys, name):
    file = battles(tmp_path)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    rows[1][name] = 7 if name != "opener" else None
    rows[1]["verdicts"] = {"first": {"left_first": {}}} if name == "opener" else rows[1]["verdicts"]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run(import_votes, file, "--db", tmp_path / "a.db") == 2
    assert "row 2: it is no whole battle of blend duel" in capsys.readouterr().err
    assert not (tmp_path / "a.db").exists()
