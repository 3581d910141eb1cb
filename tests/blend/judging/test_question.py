"""What a panel's judge is asked, and which of its answers pick a draft."""

import pytest

from blend.judging.question import WRITE, pick_question, read_pick, write_question
from blend.message import Message

SAID = (Message("system", "Be kind."), Message("user", "Hi"), Message("assistant", "Hello"))
ASKED = (*SAID, Message("user", "And now?"))


def test_the_drafts_come_in_their_order_and_without_names_after_what_was_said():
    *before, last = pick_question(ASKED, ["Go on.", " Stop. "])

    assert tuple(before) == SAID and last.role == "user"
    assert last.text.startswith("Message: And now?\n\nReply A: Go on.\n\nReply B: Stop.\n\n")
    assert "better, A or B?" in last.text


@pytest.mark.parametrize("ask", [pick_question, write_question])
def test_the_beginning_of_a_reply_is_no_part_of_what_was_said(ask):
    begun = (*ASKED, Message("assistant", "Well"))
    assert ask(begun, ["a", "b"]) == ask(ASKED, ["a", "b"])


def test_a_conversation_of_a_persona_alone_has_no_message():
    persona, last = pick_question(SAID[:1], ["a", "b", "c"])
    assert persona == SAID[0] and last.text.startswith("Reply A: a") and "A, B or C" in last.text


def test_a_judge_that_writes_reads_drafts_without_letters_and_the_message_last():
    *before, last = write_question(ASKED, ["Go on.", "Stop."])
    assert tuple(before) == SAID
    assert last.text.endswith(f'"Go on."\n\n"Stop."\n\n{WRITE}\n\nAnd now?')


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        *(("C", 2), (" a", None), ("**B**", 1), ("Reply C is better", 2), ("A or C", None)),
        *(("D", None), ("A good reply", None), ("I think B", None), ("", None)),
        *((f"A: {'x' * 35} B", None), (f"A: {'x' * 36} Bees", 0)),
    ],
)
def test_an_answer_picks_by_the_letter_that_it_begins_with(answer, place):
    assert read_pick(answer, 3) == place
