"""Reasons and comments: by the voter, after the vote, until they begin another battle."""

import pytest
from stored import battle_of, opened

from arena.battle.voting import cast_vote
from arena.db.repositories.votes.reasons import LONGEST_COMMENT
from arena.models import Refused, StoreError, VoteNotes


def given(store):
    """All reasons as they stand."""
    return store.database.query(
        "SELECT side, kind, reason FROM vote_reasons WHERE given ORDER BY 1, 2, 3"
    )


def test_reasons_are_about_what_was_good_of_one_side_and_wrong_of_the_other(store):
    battle = battle_of(store, "voted").id
    store.vote_reasons.give(battle, "ann", "left", ["more_helpful", "more_natural"])
    store.vote_reasons.give(battle, "ann", "right", ["wrong_facts"])
    store.vote_reasons.comment(battle, "ann", "It knew.")
    assert given(store) == [
        ("left", "good", "more_helpful"),
        ("left", "good", "more_natural"),
        ("right", "bad", "wrong_facts"),
    ]
    reasons = {"left": ("more_helpful", "more_natural"), "right": ("wrong_facts",)}
    assert store.vote_reasons.of(battle, "ann") == VoteNotes(reasons, "It knew.")


@pytest.mark.parametrize(
    ("choice", "kinds"),
    [
        ("left", ["good", "bad"]),
        ("right", ["bad", "good"]),
        ("tie", ["good"] * 2),
        ("both_bad", ["bad"] * 2),
    ],
)
def test_the_choice_tells_the_kind(store, choice, kinds):
    battle = battle_of(store, "ready").id
    cast_vote(store, battle, "ann", choice)
    for side in ("left", "right"):
        store.vote_reasons.give(battle, "ann", side, ["so"])
    assert [kind for _, kind, _ in given(store)] == kinds


def test_what_was_said_last_stands_and_what_was_taken_back_is_remembered(store):
    battle = battle_of(store, "voted").id
    for reasons in (["a", "b"], ["b", "c"], ["c"], []):
        store.vote_reasons.give(battle, "ann", "left", reasons)
        assert [reason for *_, reason in given(store)] == reasons
    for comment in ("one", "two", ""):
        store.vote_reasons.comment(battle, "ann", comment)
        assert store.vote_reasons.of(battle, "ann").comment == comment
    assert store.database.query_one("SELECT count(*) FROM vote_reasons") == (3,)


@pytest.mark.parametrize("status", ["created", "streaming", "ready", "void"])
def test_nothing_is_said_of_a_battle_without_a_vote(store, status):
    battle = battle_of(store, status).id
    for say in (
        lambda: store.vote_reasons.give(battle, "ann", "left", ["a"]),
        lambda: store.vote_reasons.comment(battle, "ann", "Hm."),
    ):
        with pytest.raises(Refused, match="Vote first"):
            say()
    assert given(store) == []


@pytest.mark.parametrize("battle", ["", "nothing", "' OR 1", "\x00"])
def test_nothing_is_said_of_what_is_no_battle(store, battle):
    with pytest.raises(Refused, match="not yours"):
        store.vote_reasons.give(battle, "ann", "left", ["a"])


def test_nobody_else_can_say_or_read_it(store):
    battle = battle_of(store, "voted").id
    store.vote_reasons.give(battle, "ann", "left", ["a"])
    with pytest.raises(Refused, match="not yours"):
        store.vote_reasons.give(battle, "bob", "left", [])
    with pytest.raises(Refused, match="not yours"):
        store.vote_reasons.comment(battle, "bob", "Mine!")
    assert store.vote_reasons.of(battle, "bob") == VoteNotes({"left": (), "right": ()})
    assert len(given(store)) == 1


def test_a_new_battle_ends_it(store):
    battle = battle_of(store, "voted").id
    store.vote_reasons.give(battle, "ann", "left", ["a"])
    battle_of(store, "created", "bob")
    store.vote_reasons.give(battle, "ann", "left", ["b"])
    battle_of(store, "created")
    with pytest.raises(Refused, match="begun a new battle"):
        store.vote_reasons.give(battle, "ann", "left", ["c"])
    assert [reason for *_, reason in given(store)] == ["b"]


def test_a_battle_that_was_left_takes_no_more(store):
    battle = battle_of(store, "voted")
    store.conversations.dismiss([battle.left_conversation], "ann")
    with pytest.raises(Refused, match="begun a new battle"):
        store.vote_reasons.comment(battle.id, "ann", "Late.")


@pytest.mark.parametrize(
    ("side", "reasons", "error"),
    [
        ("middle", ["a"], Refused),
        ("left", ["x" * 61], StoreError),
        ("left", ["a", ""], StoreError),
    ],
)
def test_what_the_tables_refuse_leaves_all_as_it_was(store, side, reasons, error):
    battle = battle_of(store, "voted").id
    store.vote_reasons.give(battle, "ann", "left", ["before"])
    with pytest.raises(error):
        store.vote_reasons.give(battle, "ann", side, reasons)
    assert [reason for *_, reason in given(store)] == ["before"]


def test_a_comment_has_a_limit(store):
    battle = battle_of(store, "voted").id
    store.vote_reasons.comment(battle, "ann", "x" * LONGEST_COMMENT)
    with pytest.raises(Refused, match="1,000 characters"):
        store.vote_reasons.comment(battle, "ann", "x" * (LONGEST_COMMENT + 1))
    assert len(store.vote_reasons.of(battle, "ann").comment) == LONGEST_COMMENT


def test_where_texts_are_not_kept_no_comment_is(tmp_path):
    store = opened(tmp_path / "bare.db", keep_texts=False)
    battle = battle_of(store, "voted").id
    store.vote_reasons.give(battle, "ann", "left", ["a"])
    store.vote_reasons.comment(battle, "ann", "zebra")
    assert store.vote_reasons.of(battle, "ann") == VoteNotes({"left": ("a",), "right": ()})
    assert b"zebra" not in (tmp_path / "bare.db").read_bytes()
    store.close()


def test_counts_are_of_votes_that_count(store):
    first, second = (battle_of(store, "voted", who).id for who in ("ann", "bob"))
    store.vote_reasons.give(first, "ann", "left", ["a", "b"])
    store.vote_reasons.give(second, "bob", "left", ["a"])
    store.vote_reasons.give(second, "bob", "right", ["c"])
    assert store.vote_reasons.counts() == (
        ("own", "b1", "good", "a", 2),
        ("own", "b1", "good", "b", 1),
        ("own", "s1", "bad", "c", 1),
    )
    assert store.vote_reasons.givers("own") == {"b1": 2, "s1": 1}
    store.database.execute("UPDATE votes SET counted = 0 WHERE battle = ?", (second,))
    assert [n for *_, n in store.vote_reasons.counts()] == [1, 1]
    assert store.vote_reasons.givers("own") == {"b1": 1}
    assert store.vote_reasons.givers("imported") == {}
