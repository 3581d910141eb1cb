"""The ledger and what the host says of contenders: every vote once, and one name everywhere."""

from contextlib import closing

import pytest
from stored import CONTENDERS, fill

from arena.db.merge import merge_file
from arena.db.repositories.votes import ledger
from arena.db.repositories.votes.ledger import LedgerQuery
from arena.db.store import Store


@pytest.fixture
def store(empty):
    fill(empty, 12)
    empty.database.execute(
        "UPDATE votes SET counted = 0, reason = 'too_fast, visitor_cap' WHERE rowid <= 4"
    )
    return empty


def test_every_vote_is_read_once_the_newest_first(store, monkeypatch):
    monkeypatch.setattr(ledger, "PAGE", 5)
    store.database.execute("UPDATE votes SET created = 7 WHERE rowid BETWEEN 3 AND 9")
    votes = [*store.ledger.read(LedgerQuery())]
    assert len({vote.battle for vote in votes}) == len(votes) == 12
    assert [vote.created for vote in votes] == sorted((v.created for v in votes), reverse=True)


@pytest.mark.parametrize(
    ("query", "n"),
    [
        (LedgerQuery(visitor="v1"), 4),
        (LedgerQuery(visitor="v1", counted=True), 3),
        (LedgerQuery(contender="elm"), 6),
        (LedgerQuery(contender="c-3", reason="cap"), 2),
        (LedgerQuery(reason="%"), 0),
        (LedgerQuery(counted=False), 4),
        (LedgerQuery(source="imported"), 0),
        (LedgerQuery(visitor="v1' OR '1'='1"), 0),
    ],
)
def test_a_query_finds_what_it_asks_for(store, query, n):
    assert len([*store.ledger.read(query)]) == n


def test_an_entry_tells_who_met_what_was_chosen_and_why_it_does_not_count(store):
    last = [*store.ledger.read(LedgerQuery(counted=False))][-1]
    assert (last.left, last.right, last.choice, last.visitor) == ("Blended", "oak", "left", "v0")
    assert (last.counted, last.reason, last.rules) == (False, "too_fast, visitor_cap", "2")
    one = [*store.ledger.read(LedgerQuery(battle=last.battle))]
    assert one == [last]


def test_a_new_name_and_a_retirement_reach_a_merged_file_and_the_later_one_stays(store, tmp_path):
    with closing(Store.open(tmp_path / "b.db")) as other:
        fill(other, 3)
        other.database.clock = store.database.clock
        other.contenders.rename("c-2", "ash")
        store.contenders.rename("c-2", "Oak 2")
        store.contenders.retire("c-3", True)
        for _ in range(2):
            merge_file(other.database, tmp_path / "arena.db", lambda done, total: None)
            assert {c.id: c.name for c in other.contenders.all()} == CONTENDERS | {"c-2": "Oak 2"}
            assert other.contenders.retired() == {"c-3"}
        other.contenders.retire("c-3", False)
        merge_file(other.database, tmp_path / "arena.db", lambda done, total: None)
        assert other.contenders.retired() == frozenset()


def test_feedback_tells_outcome_and_reasons_from_the_contenders_side_and_no_words(store):
    votes = [*store.feedback.votes("c-1")]
    lost = [vote for vote in votes if vote["outcome"] == "lost"]
    assert {vote["outcome"] for vote in votes} == {"won", "lost", "tie", "both_bad"}
    assert lost and not any(vote["good"] for vote in lost)
    assert any(vote["good"] == ["so"] for vote in votes if vote["outcome"] == "won")
    assert sum(not vote["counted"] for vote in votes) == 3
    assert "secret" not in str(votes) and "v1" not in str(votes)
    store.database.execute("UPDATE turns SET feedback = -1 WHERE rowid < 3")
    assert [*store.feedback.thumbs("c-1")] == []  # a thumb is of a chat
