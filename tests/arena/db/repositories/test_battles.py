"""The store on a real file: battles are blind, their states are kept, votes are tallied."""

from dataclasses import fields

import pytest
from stored import BLEND, SINGLE, battle_of, row, votes_of

from arena.battle.voting import cast_vote
from arena.models import Battle, BattleState, Contender, Refused, Reveal, StoreError, VoteCounts
from arena.site.recording import start_turn
from blend.conversation import Turn


def test_a_vote_reveals_and_is_tallied(store):
    battle = battle_of(store, "ready")

    assert cast_vote(store, battle.id, "ann", "left") == Reveal(BLEND, SINGLE, "left", True, "")
    assert store.votes.counts() == VoteCounts(
        (("b1", "s1", "left", 1),), counted=1, votes=1, void=0
    )


def test_a_battle_is_in_the_file_before_any_token_and_its_state_tells_no_contender(store):
    battle = battle_of(store, "created")

    state, written = store.battles.state(battle.id), row(store, "battles", battle.id)

    assert state == BattleState(
        battle.id, "ann", "created", 0, battle.left_conversation, battle.right_conversation, None
    )
    assert not {"left", "right", "policy"} & {f.name for f in fields(state)}
    assert (written["left"], written["right"], written["pair_chance"]) == ("b1", "s1", 0.5)
    assert row(store, "conversations", battle.left_conversation)["contender"] == "b1"
    assert row(store, "conversations", battle.right_conversation)["contender"] == "s1"


def test_a_battle_that_fails_leaves_no_conversation(store):
    battle = Battle("ann", BLEND.id, "nobody", 0.5, "focus")

    with pytest.raises(StoreError, match=r"arena\.db refuses: FOREIGN KEY"):
        store.battles.open(battle)

    assert store.database.query("SELECT id FROM conversations") == []


@pytest.mark.parametrize("status", ["streaming", "voted", "void"])
def test_no_further_turn_while_it_runs_or_after_it_is_over(store, status):
    battle = battle_of(store, status)

    with pytest.raises(Refused):
        store.battles.admit_message(battle.id, "ann", "More!", 5)

    assert store.battles.state(battle.id).turns == 1


def test_turns_go_up_to_the_limit(store):
    battle = battle_of(store, "ready")
    store.battles.admit_message(battle.id, "ann", "Second", 2)
    store.battles.mark_ready(battle.id)

    with pytest.raises(Refused, match="had its 2 messages"):
        store.battles.admit_message(battle.id, "ann", "Third", 2)
    with pytest.raises(Refused, match="another visitor"):
        store.battles.admit_message(battle.id, "bob", "Third", 5)


def test_the_first_prompt_is_the_one_that_is_hashed(store):
    battle = battle_of(store, "ready")
    first = row(store, "battles", battle.id)
    store.battles.admit_message(battle.id, "ann", "Wie geht es dir?", 5)

    second = row(store, "battles", battle.id)

    assert first["prompt_hash"] and second["prompt_hash"] == first["prompt_hash"]
    assert second["language"] == first["language"]


def test_a_reply_needs_a_message_that_was_let_in(store):
    with pytest.raises(Refused, match="no reply now"):
        start_turn(store, battle_of(store, "voted").left_conversation, 1, Turn("More!"))


def test_void_keeps_its_first_reason_and_is_for_what_has_no_vote_yet(store):
    battle = battle_of(store, "void")
    store.battles.void(battle.id, "ann", "another reason")

    assert store.battles.state(battle.id).void_reason == "skipped"
    assert store.votes.counts() == VoteCounts((), counted=0, votes=0, void=1)
    with pytest.raises(Refused, match="not running"):
        store.battles.mark_ready(battle.id)
    with pytest.raises(Refused, match="has its vote"):
        store.battles.void(battle_of(store, "voted").id, "ann", "skipped")
    with pytest.raises(Refused, match="another visitor"):
        store.battles.void(battle_of(store, "ready").id, "bob", "skipped")


# --- counting


def test_the_version_changes_with_a_vote_and_with_whether_it_counts_only(store):
    versions = {store.votes.version()}
    battle = battle_of(store, "ready")
    assert store.votes.version() in versions
    cast_vote(store, battle.id, "ann", "tie")
    versions.add(store.votes.version())
    store.database.execute("UPDATE votes SET counted = 0, reason = 'too_fast'")

    assert len({*versions, store.votes.version()}) == 3
    assert store.votes.counts() == VoteCounts((), counted=0, votes=1, void=0)
    assert votes_of(store) == []


def test_contenders_are_noted_once_and_can_be_renamed(store):
    store.contenders.save("s1", "soloist", {"k": 1})

    assert store.contenders.all() == [BLEND, Contender("s1", "soloist", {"k": 1})]


def test_the_newest_comes_back_also_where_the_clock_went_back(store):
    for year in (3000, 2000, 1990):
        now = (year - 1970) * 3.2e7
        store.database.clock = lambda now=now: now
        battle = Battle("ann", BLEND.id, SINGLE.id, 0.5, "focus", created=now)
        store.battles.open(battle)
        assert store.battles.latest("ann").id == battle.id
    assert store.battles.latest("ann", battle.id).id == battle.id
    assert store.battles.latest("bob", battle.id) is store.battles.latest("ann", "nothing") is None
