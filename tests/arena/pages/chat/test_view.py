"""How a long chat becomes messages."""

import re
from dataclasses import replace

from arena.pages.chat.view import ChatLook
from blend.conversation import Conversation, Draw
from blend.roster import read


def long_chat(count: int) -> Conversation:
    conversation = Conversation()
    for n in range(count):
        conversation = conversation.ask(f"question {n}.", 100)
        said = replace(conversation.turns[-1], draw=Draw("alder", 1.0, ()), reply=f"answer {n}.")
        conversation = conversation.answered(replace(said, finished=n < count - 1))
    return conversation


def test_old_turns_are_joined_and_none_is_lost_or_twice_there():
    roster = read("scripted")
    turns = long_chat(45).turns
    messages = ChatLook(roster).messages(turns)
    assert len(messages) == 2 + 2 * 25
    html = "".join(each["content"]["value"] for each in messages)
    assert re.findall(r"(?:question|answer) \d+\.(?=<)", html) == [
        f"{word} {n}." for n in range(45) for word in ("question", "answer")
    ]
    assert html.count("message-row user-row") == html.count("message-row bot-row") == 20


def test_a_reply_grows_after_a_chat_as_in_it():
    roster = read("scripted")
    look = ChatLook(roster)
    for count in (1, 2, 30, 31):
        turns = long_chat(count).turns
        assert look.growing_after(turns[:-1])(turns[-1]) == look.messages(turns, growing=True)


def test_a_new_chat_with_a_panel_says_that_nobody_is_drawn():
    roster = read("scripted")
    council = replace(roster.blends[0], policy="panel", options={"judge": "alder"})
    looks = [ChatLook(each) for each in (roster, replace(roster, blends=(council,)), None)]
    assert [look.invitation for look in looks] == ["chat.empty", "chat.empty_panel", "chat.blind"]
    assert "a judge picks one" in looks[1].empty()["placeholder"]
