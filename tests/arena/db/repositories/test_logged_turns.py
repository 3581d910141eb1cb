"""Logged turns on a real file: each with its history, its chances and its reward."""

import pytest
from logged_replies import battle, logged, reply

from arena.db.repositories import turn_log
from arena.models import Battle
from arena.site.recording import finish_turn, give_feedback, start_turn
from blend.conversation import Conversation, Draw, Turn, new_id

START = 1_800_000_000.0


@pytest.fixture
def store(tmp_path):
    with logged(tmp_path) as store:
        yield store


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


def test_conversations_come_page_by_page_each_once(store, monkeypatch):
    monkeypatch.setattr(turn_log, "PAGE", 5)
    talks = [told(store) for _ in range(12)]
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
