"""The rules at the moment of the vote: on what the server measured, stored with what it decided."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from chatting import Clock
from stored import BLEND, SINGLE, battle_of, opened, row, unhurried

from arena.battle.voting import cast_vote, rating_change
from arena.models import Battle, Refused, StoreError, VoteCounts
from arena.ranking.ballots import PairCounts
from arena.ranking.ratings import bradley_terry
from arena.site.recording import finish_turn, register_visitor, start_turn
from arena.votes.rules import DAY, RULES_VERSION, Limits
from blend.conversation import Draw, Turn

MORNING = 20_000 * DAY + 9 * 3600


@pytest.fixture
def store(tmp_path):
    with closing(opened(tmp_path / "arena.db", clock=Clock(MORNING))) as store:
        yield store


def store_turn(store, conversation, position, prompt, reply, took=4.0):
    """A finished reply whose first token came a second after it was asked for."""
    draw = Draw("x", 1.0, {"x": 1.0})
    turn = Turn(prompt, reply, draw, True, ttft_s=1.0, seconds=took)
    start_turn(store, conversation, position, turn)
    finish_turn(store, turn)


def fight(store, *prompts, visitor="ann", replies=("Hello!", "Hi **you**.")):
    """A battle with a message for each prompt, ready now."""
    battle = Battle(visitor, BLEND.id, SINGLE.id, 0.5, "focus", created=store.database.clock())
    store.battles.open(battle)
    for position, prompt in enumerate(prompts):
        store.battles.admit_message(battle.id, visitor, prompt, 8)
        store.database.clock.now += 4
        store_turn(store, battle.left_conversation, position, prompt, replies[0])
        store_turn(store, battle.right_conversation, position, prompt, replies[1])
        store.battles.mark_ready(battle.id)
    return battle


def vote(store, battle, after=2.0, choice="left"):
    store.database.clock.now += after
    return cast_vote(store, battle.id, battle.visitor, choice)


def cast(store, battle):
    """The vote's row, as a dict."""
    found = store.database.query("SELECT * FROM votes WHERE battle = ?", (battle.id,))
    names = store.database.query("SELECT name FROM pragma_table_info('votes')")
    return dict(zip([name for (name,) in names], found[0], strict=True))


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


def test_an_address_is_capped_whoever_comes_from_it(store):
    store.limits = Limits(by_address=2)
    for visitor in ("a", "b", "c", "d"):
        register_visitor(store, visitor, None if visitor == "d" else "one hash")
    reasons = [vote(store, fight(store, f"{who}?", visitor=who)).reason for who in "abcd"]
    assert reasons == ["", "", "address_cap", ""]  # whose address nobody knows is not held back


def test_other_limits_are_told_as_another_version(store):
    store.limits = Limits(waited=5)
    battle = fight(store, "Well?")
    vote(store, battle)
    stored = cast(store, battle)
    assert stored["reason"] == "too_fast" and stored["rules"] == f"{RULES_VERSION} (5 100 60 300 3)"


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


@pytest.mark.parametrize(("choice", "sign"), [("left", 1), ("right", -1), ("both_bad", 0)])
def test_the_first_vote_moves_the_winner_up(choice, sign):
    changed = rating_change(VoteCounts((), 0, 0, 0), ("a", "b"), choice)
    (a_old, a_new), (b_old, b_new) = changed["a"], changed["b"]

    assert (a_old, b_old) == (1000, 1000) and a_new + b_new == pytest.approx(2000)
    assert (a_new - a_old) * sign >= 0 and bool(a_new - a_old) == bool(sign)


def test_the_ratings_are_those_of_the_board():
    outcomes = (("a", "b", "left", 3), ("c", "a", "tie", 2), ("b", "c", "right", 5))
    changed = rating_change(VoteCounts(outcomes, 10, 10, 0), ("a", "b"), "right")
    after = (*outcomes, ("a", "b", "right", 1))
    boards = [bradley_terry(PairCounts.of(rows)) for rows in (outcomes, after)]
    for id in "ab":
        assert changed[id] == pytest.approx([board[id].rating for board in boards])
