"""Conversations with replies of a member in place of people's: what is in them, what is kept."""

import json

import pytest

from blend.command_line import CommandError
from blend.message import Message
from blend.scaling.dialogues import Dialogue
from blend.scaling.handoff.contexts import context_file, history

ROLES = {"s": "system", "u": "user", "a": "assistant"}


def dialogue(*texts: str) -> Dialogue:
    """One whose messages are named by their role and a number: "u1"."""
    return Dialogue("f", "1", tuple(Message(ROLES[text[0]], text) for text in texts))


TALK = dialogue("s0", "a0", "u1", "a1", "a2", "u2", "a3", "u3", "a4")


def test_replies_to_the_visitor_are_replaced_and_all_else_stays():
    assert TALK.replies == (3, 6, 8)
    texts = [message.text for message in history(TALK, ("x", "y"), 2)]
    assert texts == ["s0", "a0", "u1", "x", "a2", "u2", "y", "u3"]
    assert [m.text for m in history(TALK, (), 0)] == ["s0", "a0", "u1"]
    assert history(TALK, ("x", "y"), 1)[3] == Message("assistant", "x")


def test_a_message_without_a_reply_leaves_nothing_in_the_history():
    texts = [message.text for message in history(dialogue("u1", "a1", "u2", "a2"), ("",), 1)]
    assert texts == ["u2"]


def test_what_was_written_is_read_again_but_for_a_torn_last_line(tmp_path):
    file = context_file(tmp_path / "c.jsonl")
    assert file.read() == {}
    file.add("k", writer="m", replies=("Ünd", ""))
    file.add("l", writer="m", replies=None)
    whole = file.path.read_bytes()
    file.path.write_bytes(whole + b'{"key": "n", "repl')
    assert file.read() == {"k": ("Ünd", ""), "l": None}
    assert file.path.read_bytes() == whole


@pytest.mark.parametrize("line", ["no json", "[1]", '{"key": "k"}', json.dumps({"replies": [1]})])
def test_another_file_is_refused_in_one_line(tmp_path, line):
    file = context_file(tmp_path / "c.jsonl")
    file.path.write_text(line + "\n")
    with pytest.raises(CommandError, match="line 1 is no written context: give another --out"):
        file.read()
