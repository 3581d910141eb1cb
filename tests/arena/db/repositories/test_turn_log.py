"""The log on a real file: what people's thumbs and votes say of each member."""

import pytest
from logged_replies import battle, logged, reply

from arena.battle.voting import cast_vote
from arena.models import Battle
from arena.site.recording import finish_turn, give_feedback, start_turn
from blend.conversation import Conversation, Draw, Sentence, Turn
from blend.policies.policy import last_writer
from blend.policies.thompson import PreferenceCount


@pytest.fixture
def store(tmp_path):
    with logged(tmp_path) as store:
        yield store


def thumbs(store, contender: str, *given: tuple[str, int | None], preview: bool = False) -> None:
    conversation = Conversation()
    store.conversations.open(conversation, "ann", contender, "chat", preview)
    for position, (member, thumb) in enumerate(given):
        turn = reply(store, conversation.id, position, member)
        give_feedback(store, turn.id, "ann", thumb)


def test_thumbs_are_counted_by_member_for_the_contenders_asked_for(store):
    thumbs(store, "blended", ("x", 1), ("x", -1), ("y", 1), ("y", None))
    thumbs(store, "solo", ("x", 1))

    assert store.turn_log.preference_counts(["blended"]) == {
        "x": PreferenceCount(1, 1),
        "y": PreferenceCount(1, 0),
    }
    assert store.turn_log.preference_counts(["blended", "solo"])["x"] == PreferenceCount(2, 1)
    assert store.turn_log.preference_counts([]) == {}


def test_the_barred_and_the_hosts_previews_are_no_evidence(store):
    store.contenders.save("blended", "blended", {"members": [{"name": "x"}, {"name": "y"}]})
    log = store.turn_log

    def evidence():
        turns = list(log.logged_turns(["blended"], "thumb", 0.0))
        counts, newest = log.preference_counts(["blended"]), log.newest(["blended"], 9)
        return len(log.drawn_contenders()), len(turns), len(counts), newest

    thumbs(store, "blended", ("x", 1), preview=True)
    assert evidence() == (0, 0, 0, ("", 0))
    thumbs(store, "blended", ("x", 1))
    assert evidence() == (1, 1, 1, ("", 1))
    store.vote_audit.bar("ann", True)
    assert evidence() == (0, 0, 0, ("", 0))


def test_a_vote_is_shared_by_those_who_wrote(store):
    battle(store, "left", "x", "x", "y", "y")
    battle(store, "tie", "x")
    battle(store, "both_bad", "y")

    assert store.turn_log.preference_counts(["blended"]) == {
        "x": PreferenceCount(1, 0.5),
        "y": PreferenceCount(0.5, 1),
    }
    assert store.turn_log.preference_counts(["solo"]) == {"x": PreferenceCount(0.5, 2.5)}


def test_only_votes_of_people_on_blind_battles_of_this_site_steer_draws(store):
    battle(store, "left", "x")
    for source in ("imported", "simulated"):
        store.database.execute("UPDATE battles SET source = ?", (source,))
        assert store.turn_log.preference_counts(["blended", "solo"]) == {}


HALF = {"x": 0.5, "y": 0.5}


def by_sentence(store, talk: str, position: int, *writers: str, thumb: int | None = None) -> Turn:
    """A reply "aa…" that these wrote, two letters each; the last one ended it without a word."""
    sentences = [Sentence(Draw(each, 0.5, HALF), 2 * n) for n, each in enumerate(writers)]
    text = "a" * (2 * len(writers) - 2)
    turn = Turn("Hi", text, sentences[0].draw, True, sentences=tuple(sentences))
    start_turn(store, talk, position, turn)
    finish_turn(store, turn)
    give_feedback(store, turn.id, "ann", thumb)
    return turn


def test_thumbs_and_votes_are_shared_by_sentences_and_ending_a_reply_is_none(store):
    talk = Conversation()
    store.conversations.open(talk, "ann", "blended", "chat")
    by_sentence(store, talk.id, 0, "x", "y", "y", "y", "x", thumb=1)
    assert store.turn_log.preference_counts(["blended"]) == {
        "x": PreferenceCount(0.25, 0),
        "y": PreferenceCount(0.75, 0),
    }
    opened = Battle("ann", "blended", "solo", 0.5, "focus")
    store.battles.open(opened)
    store.battles.admit_message(opened.id, "ann", "Hi", 8)
    by_sentence(store, opened.left_conversation, 0, "x", "x", "y", "x")
    reply(store, opened.right_conversation, 0, "x")
    store.battles.mark_ready(opened.id)
    cast_vote(store, opened.id, "ann", "right")
    counts = store.turn_log.preference_counts(["blended"])
    assert counts["x"].bad == pytest.approx(2 / 3) and counts["y"].bad == pytest.approx(1 / 3)
    assert counts["x"].good == 0.25


def test_a_logged_turn_has_all_its_draws_and_is_no_turn_of_those_drawn_once(store):
    members = {"members": [{"name": "x"}, {"name": "y"}]}
    for name, policy in (("By sentence", "per_sentence"), ("Blended", "uniform")):
        store.contenders.save(name, name, members | {"policy": policy})
        talk = Conversation()
        store.conversations.open(talk, "ann", name, "chat")
        by_sentence(store, talk.id, 0, "x", "y", "x", thumb=1)
        by_sentence(store, talk.id, 1, "y", "y", thumb=-1)
    assert sorted(pool.names for pool in store.turn_log.pools()) == [("Blended",), ("By sentence",)]

    first, second = store.turn_log.logged_turns(["By sentence"], "thumb", 0.0)
    assert [draw.member for draw in (first.draw, *first.further)] == ["x", "y", "x"]
    assert (first.writer, second.writer) == (None, "y")
    assert second.chances == {"x": 0.25, "y": 0.25}
    assert last_writer(second.conversation) == "y"  # x ended that reply, and wrote nothing last


def test_who_ended_a_reply_without_a_word_is_not_named_beside_its_thumb(store):
    talk = Conversation()
    store.conversations.open(talk, "ann", "blended", "chat")
    by_sentence(store, talk.id, 0, "x", "y", thumb=1)
    assert [each["member"] for each in store.feedback.thumbs("blended")] == ["x"]
