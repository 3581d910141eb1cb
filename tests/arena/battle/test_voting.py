"""The moment of the vote: what is stored with it, what it needs, and how it moves the ratings."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from chatting import Clock
from morning_votes import MORNING, cast, fight, vote
from stored import battle_of, opened, row, unhurried

from arena.battle.voting import cast_vote, rating_change
from arena.models import Refused, StoreError, VoteCounts
from arena.ranking.ballots import CHOICES, PairCounts
from arena.ranking.ratings import bradley_terry
from arena.site.recording import finish_turn, register_visitor, start_turn
from arena.votes.rules import RULES_VERSION
from blend.conversation import Turn


@pytest.fixture
def store(store):
    """Its clock stands until a test sets it."""
    store.database.clock = Clock(MORNING)
    return store


def test_what_the_server_measured_is_stored_with_the_vote(store):
    register_visitor(store, "ann", "some hash")
    battle = fight(store, "Hello there?", "And then?")
    assert vote(store, battle, after=2.5).counted

    stored = cast(store, battle)

    assert stored["created"] == store.database.clock() and stored["address"] == "some hash"
    assert (stored["counted"], stored["reason"], stored["rules"]) == (1, "", RULES_VERSION)
    assert (stored["waited"], stored["watched"], stored["shorter"]) == (2.5, 5.5, 6)
    assert (stored["prompt_characters"], stored["left_characters"]) == (12, 12)
    assert (stored["right_characters"], stored["right_bold"], stored["left_bold"]) == (22, 2, 0)


WELL = {"prompt_characters": 4, "reply_characters": 9, "headers": 0, "lists": 0, "bold": 0}
WRONG = [None, -1, 1.5, True, "two", 2**70]


@pytest.mark.parametrize(
    "wrong", ["no JSON", "[]", "{}", *(json.dumps(WELL | {"bold": value}) for value in WRONG)]
)
def test_a_reply_with_wrong_features_fails_its_own_vote_only(store, wrong):
    battle, other = fight(store, "One?"), fight(store, "Two?")
    store.database.execute(
        "UPDATE turns SET features = ? WHERE conversation = ?", (wrong, battle.left_conversation)
    )
    with pytest.raises(StoreError, match=f"{battle.id}: a reply's features"):
        vote(store, battle)
    assert store.battles.state(battle.id).status == "ready"
    assert vote(store, other).counted and store.votes.counts().votes == 1


def test_a_vote_within_a_transaction_of_its_own_thread_is_part_of_it(store):
    with pytest.raises(OSError, match="later"), store.database.transaction():
        assert vote(store, fight(store, "Well?")).counted
        raise OSError("later")
    assert store.votes.counts().votes == 0


def test_a_side_that_was_asked_again_shows_its_last_reply(store):
    battle = fight(store, "Well?", replies=("x" * 50, "y" * 60))
    failed = Turn("Well?", "x" * 9, error="broke off")
    store.database.execute("UPDATE battles SET status = 'streaming'")
    (first,) = store.conversations.active_turns(battle.left_conversation)
    start_turn(store, battle.left_conversation, 0, failed, parent=first)
    finish_turn(store, failed)
    store.battles.mark_ready(battle.id)
    vote(store, battle)
    assert cast(store, battle)["left_characters"] == 50


def test_evidence_needs_no_text(store):
    store.database.keep_texts = False
    battle = fight(store, "Well?", replies=("x" * 50, "y" * 60))
    vote(store, battle)
    assert cast(store, battle)["shorter"] == 50
    reply, features = store.database.query_one("SELECT reply, features FROM turns")
    assert reply is None and json.loads(features)["reply_characters"] == 50
    assert row(store, "battles", battle.id)["ready"] == MORNING + 4


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("created", "send a message first"),
        ("streaming", "not finished yet"),
        ("voted", "has its vote already"),
        ("void", "left without a vote"),
    ],
)
def test_a_vote_needs_a_battle_that_is_ready(store, status, why):
    battle = battle_of(store, status)
    before = store.votes.counts()

    with pytest.raises(Refused, match=why):
        cast_vote(store, battle.id, "ann", "right")

    assert store.votes.counts() == before


@pytest.mark.parametrize(
    ("visitor", "choice", "why"),
    [
        ("bob", "left", "another visitor"),
        *(("ann", choice, "A vote is") for choice in ("", "up", "LEFT", None)),
    ],
)
def test_a_vote_of_another_visitor_or_for_nothing_is_refused(store, visitor, choice, why):
    battle = battle_of(store, "ready")

    with pytest.raises(Refused, match=why):
        cast_vote(store, battle.id, visitor, choice)
    with pytest.raises(Refused, match=why.replace("another visitor", "no such battle")):
        cast_vote(store, "nothing", visitor, choice)

    assert store.battles.state(battle.id).status == "ready"


def test_the_key_refuses_a_second_vote_even_if_the_status_were_wrong(store):
    battle = battle_of(store, "voted")
    store.database.execute("UPDATE battles SET status = 'ready'")

    with pytest.raises(Refused, match="has its vote already"):
        cast_vote(store, battle.id, "ann", "right")

    assert store.database.query("SELECT choice FROM votes") == [("left",)]


def test_of_many_votes_at_once_exactly_one_wins(tmp_path):
    clock = unhurried()
    stores = [opened(tmp_path / "arena.db", clock=clock) for _ in range(2)]
    battles = [battle_of(stores[0], "ready") for _ in range(5)]
    together = threading.Barrier(8)

    def attempt(number):
        together.wait()
        won = 0
        for battle in battles:
            try:
                won += bool(cast_vote(stores[number % 2], battle.id, "ann", "tie"))
            except Refused:
                continue
        return won

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(8))) == 5
    assert stores[0].votes.counts() == VoteCounts(
        (("b1", "s1", "tie", 5),), counted=5, votes=5, void=0
    )
    for each in stores:
        each.close()


BEFORE = (("a", "b", "left", 3), ("c", "a", "tie", 2), ("b", "c", "right", 5))


@pytest.mark.parametrize("outcomes", [(), BEFORE], ids=["the first vote", "a later one"])
@pytest.mark.parametrize("choice", CHOICES)
def test_the_ratings_are_those_of_the_board(outcomes, choice):
    changed = rating_change(VoteCounts(outcomes, 10, 10, 0), ("a", "b"), choice)
    after = (*outcomes, ("a", "b", choice, 1))
    boards = [bradley_terry(PairCounts.of(rows, "ab")) for rows in (outcomes, after)]
    for id in "ab":
        assert changed[id] == pytest.approx([board[id].rating for board in boards])
