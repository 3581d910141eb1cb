"""Judged votes and replies, read a page at a time: each once, in order, and those that count."""

from contextlib import closing

import pytest
from judged import judged
from stored import filled

from arena.db.repositories.votes import judgements
from arena.db.store import Store

PAGE = 20
COPIES = f"WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < {PAGE})"


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    monkeypatch.setattr(judgements, "PAGE", PAGE)


def test_votes_of_one_moment_come_once_each_whatever_page_they_are_on(tmp_path):
    db = filled(tmp_path / "a.db", votes=3 * PAGE, visitors=9)
    with closing(Store.open(db)) as store:
        store.database.execute("UPDATE votes SET counted = rowid % 10 > 0, created = rowid / 25")
        votes = [*store.judgements.votes("own")]
        rows = store.database.query(
            "SELECT battle FROM votes WHERE counted ORDER BY created, rowid"
        )
    assert [vote.battle for vote in votes] == [battle for (battle,) in rows]
    assert len(votes) > PAGE and all(len(vote.texts) == 2 for vote in votes)


def test_chats_come_once_each_whatever_page_they_are_on(tmp_path):
    with closing(Store.open(judged(tmp_path / "a.db"))) as store:
        store.database.execute(
            f"{COPIES} INSERT INTO conversations (id, visitor, contender, kind, system, created)"
            " SELECT id || '-' || k, visitor, contender, kind, system, created"
            " FROM conversations, n WHERE kind = 'chat'"
        )
        store.database.execute(
            f"{COPIES} INSERT INTO turns (id, conversation, position, prompt, reply, finished,"
            " features, parent, feedback, opened)"
            " SELECT t.id || '-' || k, conversation || '-' || k, position, prompt, reply, finished,"
            " features, parent || '-' || k, feedback, opened"
            " FROM turns t JOIN conversations c ON c.id = t.conversation, n"
            " WHERE c.kind = 'chat' AND c.id NOT LIKE '%-%-%-%-%-%'"
        )
        replies = [*store.judgements.replies("own")]
    assert len({reply.turn for reply in replies}) == len(replies) == 3 * (PAGE + 1)
    ends = {reply.texts[0].turns[-1] for reply in replies}
    assert ends == {("C?", "Long, long."), ("C?", "D."), ("E?", "Unfin")}


def test_what_is_left_out_is_counted_by_reason_and_rules(tmp_path):
    with closing(Store.open(judged(tmp_path / "a.db"))) as store:
        assert store.judgements.uncounted("own") == {"too_fast": 1}
        assert store.judgements.rules("own") == {"2": 8}
        assert store.judgements.sizes("own") == (7, 3)
        assert store.judgements.sizes("judged") == (0, 0)
        assert [*store.judgements.replies("judged")] == []
        assert store.judgements.uncounted("imported") == store.judgements.rules("imported") == {}
