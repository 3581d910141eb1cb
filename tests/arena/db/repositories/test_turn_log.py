"""The log on a real file: what was said of each member."""

from contextlib import closing

import pytest
from stored import unhurried

from arena.battle.voting import cast_vote
from arena.db.repositories.turn_log import PAGE
from arena.db.store import Store
from arena.models import Battle
from arena.site.recording import finish_turn, give_feedback, register_visitor, start_turn
from blend.conversation import Conversation, Draw, Sentence, Turn, new_id
from blend.policies.policy import last_writer
from blend.policies.thompson import PreferenceCount


@pytest.fixture
def store(tmp_path):
    with closing(Store.open(tmp_path / "arena.db", clock=unhurried())) as store:
        register_visitor(store, "ann")
        for id in ("blended", "solo"):
            store.contenders.save(id, id, {})
        yield store


def reply(store, conversation: str, position: int, member: str) -> Turn:
    turn = Turn("Hi", "Hello", Draw(member, 0.5, {"x": 0.5, "y": 0.5}), finished=True)
    start_turn(store, conversation, position, turn)
    finish_turn(store, turn)
    return turn


def thumbs(store, contender: str, *given: tuple[str, int | None], preview: bool = False) -> None:
    conversation = Conversation()
    store.conversations.open(conversation, "ann", contender, "chat", preview)
    for position, (member, thumb) in enumerate(given):
        turn = reply(store, conversation.id, position, member)
        give_feedback(store, turn.id, "ann", thumb)


def battle(store, choice: str, *writers: str) -> None:
    """Blended, whose replies these wrote, on the left of solo, and the vote."""
    opened = Battle("ann", "blended", "solo", 0.5, "focus")
    store.battles.open(opened)
    for position, writer in enumerate(writers):
        store.battles.admit_message(opened.id, "ann", f"Hi {opened.id}", 8)
        reply(store, opened.left_conversation, position, writer)
        reply(store, opened.right_conversation, position, "x")
        store.battles.mark_ready(opened.id)
    cast_vote(store, opened.id, "ann", choice)


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


# --- turns with their chances

START = 1_800_000_000.0


def at(seconds: float) -> str:
    """An id as it is made at that moment."""
    stamp = f"{int((START + seconds) * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}{new_id()[13:]}"


def told(store, *, kind: str = "chat", contender: str = "blended", id: str = "") -> str:
    conversation = Conversation(id or new_id(), system="I ski.")
    store.conversations.open(conversation, "ann", contender, kind)
    return conversation.id


def said(store, talk: str, position: int, seconds: float, member="x", parent=None, **more) -> str:
    draw = Draw(member, 0.75, {"x": 0.75, "y": 0.25})
    changes = {"finished": True, "seconds": 2.0, "id": at(seconds)} | more
    turn = Turn(f"prompt {position}", f"reply at {seconds:g}", draw, **changes)
    start_turn(store, talk, position, turn, parent)
    finish_turn(store, turn)
    return turn.id


def rewarded(store, reward: str, now: float = 10_000) -> list[tuple[str, float]]:
    rows = store.turn_log.logged_turns(["blended"], reward, START + now)
    return [(row.conversation.turns[-1].prompt, row.reward) for row in rows]


def test_a_logged_turn_has_its_history_its_draw_and_its_reward(store):
    talk = told(store)
    said(store, talk, 0, 0)
    give_feedback(store, said(store, talk, 1, 60, "y"), "ann", -1)
    (row,) = store.turn_log.logged_turns(["blended"], "thumb", START)

    assert [m.text for m in row.conversation.messages()] == [
        *("I ski.", "prompt 0", "reply at 0", "prompt 1"),
    ]
    assert row.conversation.turns[0].draw.member == "x"
    assert (row.draw, row.reward) == (Draw("y", 0.75, {"x": 0.75, "y": 0.25}), 0.0)


def test_an_answer_counts_within_three_minutes(store):
    talk = told(store)
    for position, seconds in enumerate((0, 100, 400)):
        said(store, talk, position, seconds)

    assert rewarded(store, "answered") == [("prompt 0", 1.0), ("prompt 1", 0.0), ("prompt 2", 0.0)]
    assert rewarded(store, "went_on") == [("prompt 0", 1.0), ("prompt 1", 1.0), ("prompt 2", 0.0)]
    assert rewarded(store, "answered", now=500)[2:] == []
    assert rewarded(store, "went_on", now=1000)[2:] == []


def test_what_was_regenerated_or_undone_was_not_answered(store):
    talk = told(store)
    first = said(store, talk, 0, 0)
    said(store, talk, 0, 20, parent=first)
    store.conversations.undo_turn(said(store, talk, 1, 40), "ann")
    said(store, talk, 1, 60)

    rows = list(store.turn_log.logged_turns(["blended"], "answered", START + 10_000))
    assert [row.reward for row in rows] == [0.0, 1.0, 0.0, 0.0]
    assert [m.text for m in rows[3].conversation.messages()][2:] == ["reply at 20", "prompt 1"]


def test_replies_that_broke_off_are_not_judged_but_were_said(store):
    talk = told(store)
    said(store, talk, 0, 0, finished=False, error="broke off")
    said(store, talk, 1, 10)
    (row,) = store.turn_log.logged_turns(["blended"], "answered", START + 10_000)
    assert row.conversation.turns[0].has_reply


@pytest.mark.parametrize(
    ("choice", "score"), [("left", 1.0), ("right", 0.0), ("tie", 0.5), ("both_bad", 0.0)]
)
def test_a_turn_has_its_battles_outcome(store, choice, score):
    battle(store, choice, "x", "y")
    rows = list(store.turn_log.logged_turns(["blended"], "won", START))
    assert [row.reward for row in rows] == [score, score]
    other = [row.reward for row in store.turn_log.logged_turns(["solo"], "won", START)]
    assert other == [score if choice in ("tie", "both_bad") else 1 - score] * 2
    assert rewarded(store, "answered") == []


def test_a_battle_without_a_vote_tells_nothing(store):
    opened = Battle("ann", "blended", "solo", 0.5, "focus")
    store.battles.open(opened)
    store.battles.admit_message(opened.id, "ann", "Hi", 8)
    reply(store, opened.left_conversation, 0, "x")
    assert list(store.turn_log.logged_turns(["blended"], "won", START)) == []


def test_conversations_come_page_by_page_each_once(store):
    with store.database.transaction():
        talks = [told(store) for _ in range(PAGE + 5)]
        for talk in talks:
            give_feedback(store, said(store, talk, 0, 0), "ann", 1)
    rows = [row.conversation.id for row in store.turn_log.logged_turns(["blended"], "thumb", START)]
    assert rows == sorted(talks)


def test_without_texts_the_history_is_as_long_and_it_is_told_what_was_kept(store):
    store.contenders.save("blended", "Blended", {"members": [{"name": "x"}, {"name": "y"}]})
    said(store, told(store), 0, 0)
    store.database.keep_texts = False
    talk = told(store)
    said(store, talk, 0, 0)
    give_feedback(store, said(store, talk, 1, 9), "ann", 1)
    said(store, told(store, contender="solo"), 0, 0)
    (row,) = store.turn_log.logged_turns(["blended"], "thumb", START)
    ((contender, *turns),) = store.turn_log.drawn_contenders()

    assert [turn.prompt for turn in row.conversation.turns] == ["", ""]
    assert row.conversation.turns[0].has_reply
    assert (contender.name, turns) == ("Blended", [3, 1])


def test_who_ended_a_reply_without_a_word_is_not_named_beside_its_thumb(store):
    talk = Conversation()
    store.conversations.open(talk, "ann", "blended", "chat")
    by_sentence(store, talk.id, 0, "x", "y", thumb=1)
    assert [each["member"] for each in store.feedback.thumbs("blended")] == ["x"]
