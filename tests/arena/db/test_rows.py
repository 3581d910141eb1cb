"""Rows by the page: streamed out as they lie, and finished battles in, all or nothing."""

from contextlib import closing

import pytest
from stored import Vote, filled, votes_of

from arena.db import rows as bulk
from arena.db.import_rows import FinishedBattle, FinishedTurn
from arena.db.repositories import imports
from arena.db.store import Store
from arena.models import Contender, StoreError
from arena.site.recording import register_visitor
from blend.conversation import Draw, Turn

OAK, ELM = Contender("i-oak", "oak", {"name": "oak"}), Contender("i-elm", "elm", {"name": "elm"})


def finished(n, **changes):
    battle = FinishedBattle(
        f"b{n}", f"v{n % 3}", OAK, ELM, "left", 10.0 + n, "imported", "p", "r", 2
    )
    return battle._replace(**changes)


def test_brought_battles_are_what_the_store_reads(empty):
    assert empty.imports.battles(finished(n) for n in range(5)) == 5
    assert votes_of(empty, "imported")[1] == Vote("i-oak", "i-elm", "left", "v1", 2, 11.0, None)
    assert [c.name for c in empty.contenders.all()] == ["elm", "oak"]
    assert (empty.votes.counts("own").votes, empty.votes.counts("imported").counted) == (0, 5)


def test_bringing_again_adds_only_what_is_new(empty):
    empty.imports.battles(finished(n) for n in range(3))
    again = [finished(n, visitor=f"other {n}", choice="tie", reason="seen") for n in range(5)]
    assert empty.imports.battles(again) == 2
    written = [(r["choice"], r["counted"], r["reason"], r["rules"]) for r in empty.rows.votes()]
    assert written == [("left", 1, "", "r")] * 3 + [("tie", 0, "seen", "r")] * 2
    people = empty.database.query("SELECT id FROM visitors ORDER BY id")
    assert people == [("other 3",), ("other 4",), ("v0",), ("v1",), ("v2",)]


def test_a_stream_that_breaks_off_leaves_nothing(empty, monkeypatch):
    monkeypatch.setattr(imports, "PAGE", 2)

    def stream():
        yield from map(finished, range(5))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        empty.imports.battles(stream())
    with pytest.raises(StoreError, match="CHECK"):
        empty.imports.battles([finished(6), finished(7, right=OAK)])
    assert empty.rows.sizes() == {"contenders": 0, "battles": 0, "votes": 0, "turns": 0}


def test_rows_come_in_pages_each_once(tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "PAGE", 5)
    with closing(Store.open(filled(tmp_path / "a.db", votes=12))) as db:
        assert db.rows.sizes() == {"contenders": 3, "battles": 12, "votes": 12, "turns": 24}
        assert len({row["id"] for row in db.rows.battles()}) == 12
        assert len({row["battle"] for row in db.rows.votes()}) == 12
        turns = list(db.rows.turns())
    assert len({row["id"] for row in turns}) == 24
    assert [row["side"] for row in turns[:4]] == ["left", "right"] * 2
    assert turns[0]["battle"] == turns[1]["battle"] and turns[0]["reply"] == "A **secret** 0."


def test_replies_of_chats_come_a_page_at_a_time(empty, monkeypatch):
    monkeypatch.setattr(imports, "PAGE", 2)
    register_visitor(empty, "v")
    empty.contenders.save("c", "Blend", {"members": [{"name": "a"}, {"name": "b"}]})
    draw = Draw("a", 0.5, {"a": 0.5, "b": 0.5})
    turns = [Turn("Why?", f"So {n}.", draw, finished=True, id=f"t{n}", seconds=1) for n in range(3)]
    replies = [FinishedTurn("talk", n, turn, (-1) ** n, 10.0 + n) for n, turn in enumerate(turns)]

    assert list(empty.imports.replies(replies, "v", "c")) == [2, 1]
    rows = list(empty.turn_log.logged_turns(["c"], "thumb", 100.0))
    assert [row.reward for row in rows] == [1.0, 0.0, 1.0]
    assert [turn.reply for turn in rows[2].conversation.turns] == ["So 0.", "So 1.", ""]
    assert rows[2].draw == draw
