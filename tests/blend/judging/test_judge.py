"""A member that is asked for a letter, and a reward model, as judges."""

import asyncio
from typing import ClassVar

import pytest

from blend.judging import MemberJudge, RewardJudge
from blend.judging.answer import BEGINNING
from blend.judging.judge import prompt, read_letter
from blend.members import NoContinuation, Sampling
from blend.members.scripted import Scripted
from blend.message import Message

HISTORY = (Message("user", "What is a cat?"),)
LONG, SHORT = (Message("assistant", "An animal that purrs."),), (Message("assistant", "A cat."),)


def verdicts(lines, left=LONG, right=SHORT, **options):
    member = Scripted("judge", lines, sampling=Sampling(temperature=0.7), **options)
    return asyncio.run(MemberJudge(member).verdicts(HISTORY, left, right)), member


def longer(messages):
    """A judge who sees: the longer reply is better."""
    first, second = messages[0].text.split("Reply A:\n")[1].split("\n\nReply B:\n")
    return "A" if len(first) > len(second.split("\n\n")[0]) else "B"


@pytest.mark.parametrize(
    ("text", "preferred"),
    [
        *(("A", "first"), (" B.", "second"), ("**A**", "first"), ("(B)\nBecause", "second")),
        *(("Reply A", "first"), ("The better reply is B.", "second"), ("Answer: A", "first")),
        *(("A is better than the other", "first"), ("B: it is kinder", "second")),
        *(("A person wrote B", "unreadable"), ("A or B", "unreadable"), ("Apples", "unreadable")),
        *(("I prefer B", "unreadable"), ("", "unreadable"), ("a", "unreadable")),
        *(("Reply A and reply B", "unreadable"), ("A's", "unreadable"), ("C", "unreadable")),
    ],
)
def test_only_an_answer_that_begins_with_one_letter_is_read(text, preferred):
    assert read_letter(text) == preferred


def test_a_judge_who_sees_prefers_the_same_side_in_both_orders():
    assert verdicts(longer)[0].outcome == "left"
    assert verdicts(longer, SHORT, LONG)[0].outcome == "right"


def test_a_judge_who_always_takes_the_first_is_torn_and_leans_to_it():
    found, _ = verdicts(["A"])
    assert (found.outcome, found.lean) == ("torn", 1)


def test_what_is_no_letter_is_kept_as_it_was_written_and_not_guessed():
    found, _ = verdicts(["I like both of them."])
    assert found.outcome == "unreadable"
    assert found.left_first.text == "I like both of them."


def test_its_answer_is_begun_and_both_orders_show_the_same():
    found, member = verdicts(longer)
    a, b = (asked[0].text for asked in member.received)
    assert a != b and sorted(a) == sorted(b)
    assert all(text.text in a for text in (*HISTORY, *LONG, *SHORT))
    assert found.left_first.tokens == (2, 1)
    assert member.received[0][-1] == Message("assistant", BEGINNING)


class Whole(Scripted):
    """Goes on with no beginning."""

    async def stream(self, messages, sampling, scope=""):
        if messages[-1].role == "assistant":
            raise NoContinuation(self.name, "it begins for itself")
        async for piece in super().stream(messages, sampling, scope):
            yield piece


def test_a_member_that_cannot_go_on_with_an_answer_is_asked_for_a_whole_one():
    found = asyncio.run(MemberJudge(Whole("judge", longer)).verdicts(HISTORY, LONG, SHORT))
    assert found.outcome == "left"


class Recording(Scripted):
    """Keeps the settings that it was asked with."""

    settings: ClassVar[list[Sampling]] = []

    async def stream(self, messages, sampling, scope=""):
        self.settings.append(sampling)
        async for piece in super().stream(messages, sampling, scope):
            yield piece


def test_it_is_asked_greedily_and_only_the_beginning_of_an_answer_is_read():
    words = " ".join(["A: it is kinder.", *["And so on."] * 9, "B"])
    member = Recording("judge", [words], sampling=Sampling(temperature=0.7, top_p=0.9))
    found = asyncio.run(MemberJudge(member).verdicts(HISTORY, LONG, SHORT))
    assert found.left_first.preferred == "first"
    assert found.left_first.text == "A: it is kinder. And so on. And so on."
    assert {(each.temperature, each.top_p) for each in member.settings} == {(0.0, 1.0)}


def test_what_a_judge_thinks_before_it_answers_is_no_answer():
    judge = Whole("judge", ["<think>B or A? I would say A, but then B is kinder.</think>B"])
    found = asyncio.run(MemberJudge(judge).verdicts(HISTORY, LONG, SHORT))
    assert (found.outcome, found.left_first.text) == ("torn", "B")


def test_a_pair_that_does_not_fit_is_unreadable_with_the_reason():
    found, _ = verdicts(["A"], window=44)
    assert found.outcome == "unreadable"
    assert "words where" in found.left_first.text


def test_a_side_of_several_messages_is_shown_with_its_speakers():
    side = (*LONG, Message("user", "Does it swim?"), Message("assistant", "No."))
    text = prompt(HISTORY, side, SHORT)
    assert "Assistant: An animal that purrs.\nPerson: Does it swim?\nAssistant: No." in text
    assert "Reply B:\nA cat." in text


class Counting:
    """Stands for a reward model: a reply's number is its length and that of what came before."""

    digest = "counts"

    def scores(self, history, replies):
        return [100.0 * len(history) + len(reply) for reply in replies]


@pytest.mark.parametrize(
    ("left", "right", "outcome"),
    [(LONG, SHORT, "left"), (SHORT, LONG, "right"), (SHORT,) * 2 + ("tie",)],
)
def test_a_reward_model_prefers_the_higher_number_whatever_the_order(left, right, outcome):
    judge = RewardJudge("reward:counts", Counting())
    found = asyncio.run(judge.verdicts(HISTORY, left, right))
    assert (found.outcome, found.lean) == (outcome, 0)


def test_a_reward_model_takes_the_mean_of_a_sides_replies_each_after_what_came_before():
    side = (*SHORT, Message("user", "And?"), Message("assistant", "Yes."))
    judge = RewardJudge("reward:counts", Counting())
    found = asyncio.run(judge.verdicts(HISTORY, side, LONG))
    assert found.left_first.text == "205.0000 and 121.0000"
