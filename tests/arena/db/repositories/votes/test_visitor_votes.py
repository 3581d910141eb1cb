"""One visitor's own votes: theirs alone, only with the vote in, and never by reading all votes."""

from contextlib import closing

import pytest
from stored import battle_of, fill

from arena.battle.voting import cast_vote
from arena.db.repositories.votes import visitor_votes
from arena.db.repositories.votes.visitor_votes import VisitorVote, VoteTally
from arena.db.store import Store
from arena.models import Battle

PLANS = (
    lambda own: own.tally("ann"),
    lambda own: own.outcomes("ann"),
    lambda own: own.latest("ann", 20),
)


def vote(store, visitor, choice="left", change=None, source="own"):
    """A vote of a visitor on Blended (left) against solo."""
    battle = battle_of(store, "ready", visitor)
    cast_vote(store, battle.id, visitor, choice, change)
    if source != "own":
        store.database.execute("UPDATE battles SET source = ? WHERE id = ?", (source, battle.id))
    return battle.id


def test_the_votes_of_one_visitor_are_counted_alone(store):
    for choice in ("left", "tie", "both_bad", "right"):
        vote(store, "ann", choice)
    vote(store, "bob")
    store.database.execute("UPDATE votes SET counted = 0, reason = 'too_fast' WHERE rowid = 4")

    own = store.visitor_votes
    assert own.tally("ann") == VoteTally(4, 3, 2)
    assert own.tally("bob") == VoteTally(1, 1, 1)
    assert own.tally("nobody") == VoteTally(0, 0, 0)
    assert sorted(own.outcomes("ann")) == [
        ("b1", "s1", "both_bad", True, "", 1),
        ("b1", "s1", "left", True, "", 1),
        ("b1", "s1", "right", False, "too_fast", 1),
        ("b1", "s1", "tie", True, "", 1),
    ]
    assert own.outcomes("nobody") == own.latest("nobody", 20) == []


def test_a_battle_without_its_vote_and_other_sources_tell_nothing(store):
    for status in ("created", "streaming", "ready", "void"):
        battle_of(store, status)
    vote(store, "ann", source="imported")
    vote(store, "ann", source="simulated")
    own = store.visitor_votes
    assert own.tally("ann").votes == 0
    assert own.outcomes("ann") == own.latest("ann", 20) == []


def test_a_battle_with_the_names_in_view_is_not_among_them(store):
    battle = Battle("ann", "b1", "s1", None, "named", source="named")
    store.battles.open(battle)
    store.battles.admit_message(battle.id, "ann", "Hello?", 5)
    store.battles.mark_ready(battle.id)
    cast_vote(store, battle.id, "ann", "left")
    assert store.visitor_votes.tally("ann").votes == 0
    assert store.visitor_votes.latest("ann", 20) == []


def test_the_last_votes_come_first_with_what_they_changed(store):
    change = {"b1": (1000.0, 1012.5), "s1": (1000.0, 987.5)}
    vote(store, "ann", "left", change)
    vote(store, "ann", "tie")
    newer, older = store.visitor_votes.latest("ann", 20)
    assert older.change == ((1000.0, 1012.5), (1000.0, 987.5)) and newer.change is None
    assert newer.created > older.created
    assert newer == VisitorVote(newer.created, "b1", "s1", "tie", True, "", None)
    assert store.visitor_votes.latest("ann", 1) == [newer]


def test_a_vote_that_does_not_count_keeps_no_change(store):
    battle = battle_of(store, "ready")
    store.battles.mark_leaked(battle.id)
    cast_vote(store, battle.id, "ann", "left", {"b1": (1000.0, 1012.5), "s1": (1000.0, 987.5)})
    (kept,) = store.visitor_votes.latest("ann", 20)
    assert (kept.counted, kept.reason, kept.change) == (False, "identity_shown", None)


def test_a_click_counts_up_to_many(store, monkeypatch):
    monkeypatch.setattr(visitor_votes, "MANY", 3)
    for _ in range(5):
        vote(store, "ann")
    assert store.visitor_votes.tally("ann").votes == 3


@pytest.mark.parametrize("ask", PLANS, ids=["tally", "outcomes", "latest"])
def test_no_query_reads_all_votes(store, ask):
    """As SQLite plans it, before and after it has looked at how the rows are spread."""
    fill(store, 12)
    for _ in range(2):
        asked = []
        store.database.connection.set_trace_callback(asked.append)
        ask(store.visitor_votes)
        store.database.connection.set_trace_callback(None)
        (sql,) = asked
        plan = [row[-1] for row in store.database.query(f"EXPLAIN QUERY PLAN {sql}")]
        assert any("SEARCH b USING INDEX battles_visitor (visitor=?)" in step for step in plan)
        assert any("SEARCH v USING INDEX sqlite_autoindex_votes_1" in step for step in plan)
        assert not any(step.startswith("SCAN ") and "subquery" not in step for step in plan), plan
        store.database.query("ANALYZE")


def test_who_was_deleted_has_no_votes_any_more(tmp_path):
    with closing(Store.open(tmp_path / "arena.db")) as store:
        fill(store, 9)
        assert store.visitor_votes.tally("v1").votes == 3
        assert store.erasure.erase_visitor("v1")
        assert store.visitor_votes.tally("v1").votes == 0
        assert store.visitor_votes.latest("v1", 20) == []
        assert store.visitor_votes.tally("v2").votes == 3
