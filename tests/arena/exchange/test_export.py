"""export: two files of each kind that agree, nothing said in them, and the same board again."""

import json
from contextlib import closing

import numpy as np
import pytest
from stored import filled

from arena.db import file_lock
from arena.db.rows import STYLE
from arena.db.store import Store
from arena.exchange import export, import_votes
from arena.ranking.board.leaderboard import LeaderboardQuery
from arena.site.leaderboards import LeaderboardCache
from blend.roster import read


def run(*argv):
    return export.main([str(arg) for arg in argv])


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_no_word_and_no_visitor_leaves_unless_asked(tmp_path, capsys):
    db = filled(tmp_path / "a.db")
    run("--db", db, "--out", tmp_path / "out")
    run("--db", db, "--out", tmp_path / "all", "--texts", "--visitor-ids")
    told = b"".join(p.read_bytes() for p in (tmp_path / "out").iterdir()).lower()
    assert b"secret" not in told and b'"v0"' not in told and b"address" not in told
    assert "12 votes, 24 turns, without texts" in capsys.readouterr().out
    turn = lines(tmp_path / "all" / "turns.jsonl")[0]
    assert (turn["visitor"], turn["prompt"]) == ("v0", "A secret 0?")


def test_a_salt_makes_pseudonyms_last(tmp_path):
    db = filled(tmp_path / "a.db")
    for name, *salt in (("1", "--salt", "x"), ("2", "--salt", "x"), ("3",)):
        assert run("--db", db, "--out", tmp_path / name, *salt) == 0
    one, two, three = ((tmp_path / name / "votes.jsonl").read_text() for name in "123")
    assert one == two != three


def test_an_earlier_export_is_replaced_only_if_asked(tmp_path, capsys):
    db, out = filled(tmp_path / "a.db"), tmp_path / "out"
    out.mkdir()
    (out / "votes.jsonl").write_text("dear")
    with file_lock.shared(db), closing(Store.open(db)):  # the app may go on
        assert run("--db", db, "--out", out) == 2
        assert "votes.jsonl is there already" in capsys.readouterr().err
        assert [p.read_text() for p in out.iterdir()] == ["dear"]
        assert run("--db", db, "--out", out, "--force") == 0
    assert len(lines(out / "votes.jsonl")) == 12


@pytest.mark.parametrize("db", ["none.db", "text.db"])
def test_what_cannot_be_exported_leaves_no_folder(tmp_path, capsys, db):
    (tmp_path / "text.db").write_text("this is text, and enough of it to be no database " * 30)
    assert run("--db", tmp_path / db, "--out", tmp_path / "out") == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["text.db"]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_out_and_in_again_gives_the_same_board(tmp_path, form):
    db = filled(tmp_path / "a.db", votes=60, visitors=7)
    with closing(Store.open(db)) as store:
        store.database.execute(
            "UPDATE votes SET counted = 0, reason = 'too fast' WHERE rowid % 9 = 0"
        )
    run("--db", db, "--out", tmp_path / "out")
    other = tmp_path / "b.db"
    assert import_votes.main([str(tmp_path / "out" / f"votes.{form}"), "--db", str(other)]) == 0
    before, after = (shown(path) for path in (db, other))
    assert (after.counted, after.votes) == (before.counted, before.votes)
    assert before.standing.visitors == after.standing.visitors == 7
    assert before.standing.effects == after.standing.effects != ()
    rated = (each.standing.ratings.rows for each in (before, after))
    for old, new in zip(*rated, strict=True):
        for field in ("name", "rank", "worst", "battles", "wins", "ties", "both_bad"):
            assert getattr(old, field) == getattr(new, field)
        assert np.allclose((old.rating, old.low, old.high), (new.rating, new.low, new.high))
    assert after.elo.times == before.elo.times
    for name, line in before.elo.ratings.items():
        assert np.allclose(line, after.elo.ratings[name], equal_nan=True)


def shown(path):
    with closing(Store.open_readonly(path)) as store:
        up = {each.name: each.id for each in store.contenders.all()}
        return LeaderboardCache(read("scripted"), store).look(LeaderboardQuery(style=True), up)


def test_what_was_not_told_or_not_blind_leaves_so_and_comes_back_so(tmp_path):
    head = "left,right,winner,anony,turn,response_a,response_b,prompt\n"
    (tmp_path / "votes.csv").write_text(
        f"{head}oak,elm,tie,false,,,,\noak,elm,left,true,3,**x**,y,why\n"
    )
    columns = ("anony", "turn", "counted", "reason", "prompt_characters", *STYLE)
    for name, file in (("a", "votes.csv"), ("b", "a/votes.jsonl"), ("c", "b/votes.parquet")):
        db = tmp_path / f"{name}.db"
        assert import_votes.main([str(tmp_path / file), "--db", str(db)]) == 0
        assert run("--db", db, "--out", tmp_path / name) == 0
        told = [tuple(row[c] for c in columns) for row in lines(tmp_path / name / "votes.jsonl")]
        assert told == [
            (False, None, False, "not blind", *[None] * 9),
            (True, 3, True, "", 3, 5, 0, 0, 1, 1, 0, 0, 0),
        ]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_reasons_leave_and_come_back_and_comments_only_where_texts_are_asked_for(tmp_path, form):
    db = filled(tmp_path / "a.db", votes=8)
    for name, options in (("bare", ()), ("texts", ("--texts",))):
        out, other = tmp_path / name, tmp_path / f"{name}.db"
        assert run("--db", db, "--out", out, *options) == 0
        assert import_votes.main([str(out / f"votes.{form}"), "--db", str(other)]) == 0
        told = lines(out / "votes.jsonl")
        reasons = [(row["good_a"], row["bad_a"], row["good_b"]) for row in told[:4:2]]
        assert reasons == [(["so"], None, None)] * 2
        with closing(Store.open(db)) as own, closing(Store.open(other)) as back:
            assert counted(own) == counted(back) != []
            comments = back.database.query("SELECT comment FROM vote_comments ORDER BY changed")
        here = [(f"A **secret** {n}!",) for n in range(0, 8, 2)]
        assert comments == (here if options else [])
        assert ("comment" in told[0]) == bool(options)


def counted(store):
    """How often each reason was given, by names."""
    names = {each.id: each.name for each in store.contenders.all()}
    return sorted((names[id], *rest) for _, id, *rest in store.vote_reasons.counts())
