"""A fixed pattern: whose turn it is follows from how many replies there are."""

import pytest
from written_replies import written_by

from blend.conversation import Conversation, Draw, Turn
from blend.policies.sequence import FixedSequence

ABC = ["a", "b", "c"]
STRICT = FixedSequence(["a", "a", "b"], epsilon=0.0)


def due(members: list[str], conversation: Conversation) -> str:
    """Who has all the chance."""
    (name,) = (m for m, chance in STRICT.chances(members, conversation).items() if chance == 1)
    return name


def test_the_pattern_is_repeated_from_its_start():
    talks = [written_by(*"aabaabaab"[:n]) for n in range(9)]
    assert "".join(due(ABC, talk) for talk in talks) == "aabaabaab"


def test_the_floor_is_the_others_and_those_that_the_pattern_does_not_name():
    chances = FixedSequence(["a", "a", "b"]).chances(ABC, written_by("a", "a"))
    assert chances == pytest.approx({"a": 0.02, "b": 0.96, "c": 0.02})


def test_a_place_that_another_wrote_is_over():
    assert due(ABC, written_by("c")) == "a"
    assert due(ABC, written_by("a", "c")) == "b"
    assert due(ABC, written_by("c", "c", "c")) == "a"


def test_whoever_is_down_is_replaced_by_the_next_of_the_pattern():
    assert [due(["b", "c"], written_by(*"bbb"[:n])) for n in range(4)] == ["b"] * 4
    assert due(["a", "c"], written_by("a", "a")) == "a"
    assert due(ABC, written_by("b")) == "a"  # it is up again, and its place is its own
    none_is_up = FixedSequence(["a"]).chances(["b", "c"], written_by("a"))
    assert none_is_up == pytest.approx({"b": 0.5, "c": 0.5})


def test_replies_count_that_stand_in_the_history():
    mute = Turn("Hi", "", Draw("c", 1.0, {"c": 1.0}), error="no reply")
    talk = written_by("a", "a")
    assert due(ABC, Conversation(turns=(*talk.turns, mute))) == "b"
    assert due(ABC, talk.ask("More")) == "b"
    assert due(ABC, talk.undo()) == "a" == due(ABC, talk.regenerate())
    assert due(ABC, written_by("a", "a", "b").regenerate()) == "b"
