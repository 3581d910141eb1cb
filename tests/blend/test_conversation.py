"""The neutral history."""

from blend.conversation import Conversation, Draw, Turn, new_id
from blend.message import Message


def spoken(*pairs: tuple[str, str]) -> Conversation:
    conversation = Conversation()
    for prompt, reply in pairs:
        asked = conversation.ask(prompt)
        conversation = asked.answered(Turn(prompt=prompt, reply=reply, finished=True))
    return conversation


def test_the_history_begins_with_the_system_message_and_ends_with_the_open_one():
    turns = spoken(("Hi", "Hello")).turns

    assert Conversation(system="Be kind", turns=turns).ask("How are you?").messages() == (
        Message("system", "Be kind"),
        Message("user", "Hi"),
        Message("assistant", "Hello"),
        Message("user", "How are you?"),
    )


def test_a_turn_that_failed_mute_leaves_no_trace():
    asked = spoken(("Hi", "")).ask("Again?")

    assert asked.messages() == (Message("user", "Again?"),)


def test_a_new_reply_and_a_step_back_drop_the_draw_made_ahead():
    drawn = Conversation(turns=spoken(("Hi", "Hello")).turns, drawn=Draw("a", 1.0, {"a": 1.0}))

    assert drawn.regenerate().drawn is None
    assert drawn.regenerate().messages() == (Message("user", "Hi"),)
    assert drawn.undo() == Conversation(id=drawn.id)


def test_asking_keeps_the_draw_made_ahead():
    draw = Draw("a", 1.0, {"a": 1.0}, ahead=True)
    assert Conversation(drawn=draw).ask("Hi").drawn == draw


def test_ids_sort_by_time(monkeypatch):
    early = new_id()
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert early < new_id()
