"""What a judge is asked about hand-offs: once, in both orders, about the same conversation."""

import pytest

from blend.command_line import CommandError
from blend.judging import MemberJudge
from blend.members import Sampling
from blend.members.scripted import Scripted
from blend.message import Message
from blend.scaling.dialogues import Dialogue
from blend.scaling.handoff.judging import ReplyPair, ask


def dialogue(*texts: str) -> Dialogue:
    roles = ("user", "assistant")
    messages = (Message(roles[n % 2], text) for n, text in enumerate(texts))
    return Dialogue("f", texts[0], tuple(messages))


TALKS = [dialogue("u1", "a1", "u2", "a2", "u3", "a3"), dialogue("u4", "a4", "u5", "a5")]


def pair(number: int, own: str, other: str) -> ReplyPair:
    return ReplyPair("a", "b", number, own, other)


def judge(answers, asked: list):
    def answer(messages) -> str:
        text = next(message.text for message in messages if message.role == "user")
        asked.append(text)
        return answers(text)

    return MemberJudge(Scripted("judge", answer, sampling=Sampling()))


def test_the_judge_sees_what_people_said_before_and_both_replies_in_both_orders(tmp_path):
    asked = []
    pairs = [pair(0, "good", "bad"), pair(1, "bad", "good"), pair(1, "alike", "alike")]
    good = judge(lambda text: "A" if "Reply A:\ngood" in text else "B", asked)
    found = ask(good, pairs, TALKS, tmp_path / "v.jsonl")
    assert [v and v.outcome for v in found] == ["left", "right", None]
    assert len(asked) == 4 and sum("Reply A:\ngood" in text for text in asked) == 2
    for text, last in ((asked[0], "u3"), (asked[-1], "u5")):
        shown = text.split("\n\nReply A:")[0]
        assert shown.endswith(f"Person: {last}") and "Assistant: a" in shown
        assert "a3" not in text and "a5" not in text


def test_what_was_judged_is_not_asked_again_and_other_words_are(tmp_path):
    asked, path = [], tmp_path / "v.jsonl"
    left = judge(lambda text: "A", asked)
    first = ask(left, [pair(0, "x", "y")], TALKS, path)
    path.write_bytes(path.read_bytes() + b'{"key": "torn')
    again = ask(left, [pair(0, "x", "y"), pair(1, "x", "y")], TALKS, path)
    assert len(asked) == 4 and again[0] == first[0] and again[1].outcome == "torn"
    assert path.read_text().count("\n") == 2
    path.write_text('{"key": "k", "replies": []}\n')
    with pytest.raises(CommandError, match="line 1 is no verdict: give another --out"):
        ask(left, [], TALKS, path)
