"""The rules at the moment of the vote: on what the server measured, which vote counts."""

import pytest
from chatting import Clock
from morning_votes import MORNING, cast, fight, vote
from stored import BLEND, SINGLE

from arena.models import Battle, Refused
from arena.site.recording import register_visitor
from arena.votes.rules import DAY, Limits


@pytest.fixture
def store(store):
    """Its clock stands until a test sets it."""
    store.database.clock = Clock(MORNING)
    return store


@pytest.mark.parametrize(
    ("after", "replies", "reason"),
    [
        (0.2, ("Yes.", "No."), "too_fast"),
        (0.4, ("Yes.", "No."), ""),
        (0.4, ("y" * 900, "n" * 800), "too_fast"),  # five seconds for 800 characters, three seen
        (6.0, ("y" * 900, "n" * 800), ""),
        (0.4, ("y" * 900, "No."), ""),
    ],
)
def test_a_vote_that_came_too_fast(store, after, replies, reason):
    reveal = vote(store, fight(store, "Well?", replies=replies), after)
    assert (reveal.counted, reveal.reason) == (not reason, reason)


def test_a_vote_that_does_not_count_is_kept_and_tells_the_names(store):
    battle = fight(store, "Well?")
    reveal = vote(store, battle, after=0.1)
    assert (reveal.left, reveal.right, reveal.counted) == (BLEND, SINGLE, False)
    assert store.votes.counts().votes == 1 and store.votes.counts().counted == 0
    with pytest.raises(Refused, match="has its vote"):
        vote(store, battle)


def test_a_leaked_battle_and_a_barred_visitor_do_not_count(store):
    battle = fight(store, "Who are you?")
    store.battles.mark_leaked(battle.id)
    assert vote(store, battle).reason == "identity_shown"
    store.vote_audit.bar("ann", True)
    assert vote(store, fight(store, "Well?")).reason == "barred"
    assert vote(store, fight(store, "Well?", visitor="bob")).counted


def test_the_same_first_message_again_and_again(store):
    reasons = [vote(store, fight(store, f"  HELLO {'you ' * (n > 3)}")).reason for n in range(5)]
    assert reasons == ["", "", "", "repeated_prompt", ""]
    assert vote(store, fight(store, "Hello", visitor="bob")).counted


def test_caps_are_of_a_day_and_count_every_vote(store):
    store.limits = Limits(by_visitor=3)
    reasons = [vote(store, fight(store, f"{n}?"), after=0.1 + n).reason for n in range(4)]
    assert reasons == ["too_fast", "", "", "visitor_cap"]
    assert vote(store, fight(store, "Mine?", visitor="bob")).counted
    store.database.clock.now = MORNING + DAY
    assert vote(store, fight(store, "Again?")).counted


def test_an_address_is_capped_whoever_comes_from_it(store):
    store.limits = Limits(by_address=2)
    for visitor in ("a", "b", "c", "d"):
        register_visitor(store, visitor, None if visitor == "d" else "one hash")
    reasons = [vote(store, fight(store, f"{who}?", visitor=who)).reason for who in "abcd"]
    assert reasons == ["", "", "address_cap", ""]  # whose address nobody knows is not held back


def test_a_clock_that_was_set_back_is_held_against_nobody(store):
    battle = fight(store, "Well?")
    assert vote(store, battle, after=-3600).counted
    assert cast(store, battle)["waited"] is None and cast(store, battle)["watched"] is None


def test_what_was_not_recorded_is_held_against_nobody(store):
    bare = Battle("ann", BLEND.id, SINGLE.id, None, "focus", source="simulated")
    store.battles.open(bare)
    store.battles.admit_message(bare.id, "ann", "Hi", 8)
    store.battles.mark_ready(bare.id)
    store.database.execute("UPDATE battles SET ready = NULL")
    assert vote(store, bare, after=0).counted
    assert cast(store, bare)["shorter"] is None
