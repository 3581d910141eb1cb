"""A fixed pattern: whose turn it is follows from how many replies there are."""

import random
from collections import Counter

import pytest
from scipy import stats

from blend.conversation import Conversation, Draw, Turn
from blend.engine import Blend
from blend.members.scripted import Scripted
from blend.policies.sequence import FixedSequence

ABC = ["a", "b", "c"]
STRICT = FixedSequence(["a", "a", "b"], epsilon=0.0)


def said(*writers: str) -> Conversation:
    """A conversation in which these members wrote the replies."""
    turns = [Turn("Hi", "Hello", Draw(w, 1.0, {w: 1.0}), finished=True) for w in writers]
    return Conversation(turns=tuple(turns))


def due(policy: FixedSequence, members: list[str], conversation: Conversation) -> str:
    """Who has all the chance."""
    (name,) = (m for m, chance in policy.chances(members, conversation).items() if chance == 1)
    return name


def test_the_pattern_is_repeated_from_its_start():
    talks = [said(*"aabaabaab"[:n]) for n in range(9)]
    assert "".join(due(STRICT, ABC, talk) for talk in talks) == "aabaabaab"


def test_the_floor_is_the_others_and_those_that_the_pattern_does_not_name():
    chances = FixedSequence(["a", "a", "b"]).chances(ABC, said("a", "a"))
    assert chances == pytest.approx({"a": 0.02, "b": 0.96, "c": 0.02})


def test_a_place_that_another_wrote_is_over():
    assert due(STRICT, ABC, said("c")) == "a"
    assert due(STRICT, ABC, said("a", "c")) == "b"
    assert due(STRICT, ABC, said("c", "c", "c")) == "a"


def test_whoever_is_down_is_replaced_by_the_next_of_the_pattern():
    assert [due(STRICT, ["b", "c"], said(*"bbb"[:n])) for n in range(4)] == ["b"] * 4
    assert due(STRICT, ["a", "c"], said("a", "a")) == "a"
    assert due(STRICT, ABC, said("b")) == "a"  # it is up again, and its place is its own
    none_is_up = FixedSequence(["a"]).chances(["b", "c"], said("a"))
    assert none_is_up == pytest.approx({"b": 0.5, "c": 0.5})


def test_replies_count_that_stand_in_the_history():
    mute = Turn("Hi", "", Draw("c", 1.0, {"c": 1.0}), error="no reply")
    talk = said("a", "a")
    assert due(STRICT, ABC, Conversation(turns=(*talk.turns, mute))) == "b"
    assert due(STRICT, ABC, talk.ask("More")) == "b"
    assert due(STRICT, ABC, talk.undo()) == "a" == due(STRICT, ABC, talk.regenerate())
    assert due(STRICT, ABC, said("a", "a", "b").regenerate()) == "b"


def test_the_drawn_follow_the_pattern_but_for_the_floor():
    policy = FixedSequence(["a", "a", "b"], epsilon=0.1)
    blend = Blend("B", [Scripted(name) for name in ABC], policy, random.Random(5))
    counts: dict[str, Counter] = {"a": Counter(), "b": Counter()}
    for _ in range(300):
        conversation = Conversation()
        for place in range(6):
            turn = Turn("Hi", "Hello", blend.draw(conversation), finished=True)
            conversation = Conversation(turns=(*conversation.turns, turn))
            counts["aab"[place % 3]][turn.draw.member] += 1
    for name, drawn in counts.items():
        expected = [(0.8 if m == name else 0.1) * drawn.total() for m in ABC]
        assert stats.chisquare([drawn[m] for m in ABC], expected).pvalue > 0.001
