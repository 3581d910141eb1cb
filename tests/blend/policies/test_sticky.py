"""Staying with the last writer: the chances are the formulas."""

from pytest import approx, mark
from written_replies import written_by

from blend.conversation import Conversation, Draw, Turn
from blend.policies.policy import NoRepeat, Uniform
from blend.policies.sticky import Sticky, run_length

ABC = ["a", "b", "c"]


def test_with_a_chance_the_last_writer_goes_on_and_the_others_share_the_rest():
    policy = Sticky(stay=0.8)
    assert policy.chances(ABC, written_by("a", "b")) == approx({"a": 0.1, "b": 0.8, "c": 0.1})
    assert policy.chances(["b", "c"], written_by("a", "b")) == approx({"b": 0.8, "c": 0.2})
    assert Sticky(stay=0.99).chances(ABC, written_by("a")) == approx(
        {"a": 0.96, "b": 0.02, "c": 0.02}
    )


def test_for_turns_the_last_writer_goes_on_and_then_all_are_drawn_alike():
    policy = Sticky(turns=2, epsilon=0.1)
    assert policy.chances(ABC, written_by("b", "a")) == approx({"a": 0.8, "b": 0.1, "c": 0.1})
    thirds = approx(dict.fromkeys(ABC, 1 / 3))
    assert policy.chances(ABC, written_by("a", "a")) == thirds
    # Who is drawn again goes on for as long as it did before.
    assert policy.chances(ABC, written_by("a", "a", "a")) == approx({"a": 0.8, "b": 0.1, "c": 0.1})
    assert policy.chances(ABC, written_by("a", "a", "a", "a")) == thirds


@mark.parametrize("policy", [Sticky(stay=0.8), Sticky(stay=0.0), Sticky(turns=3)])
def test_the_first_reply_and_one_after_a_writer_that_is_down_are_anybodys(policy):
    assert policy.chances(ABC, Conversation()) == approx(dict.fromkeys(ABC, 1 / 3))
    assert policy.chances(["a", "b"], written_by("c")) == approx({"a": 0.5, "b": 0.5})
    unknown = Conversation(turns=(*written_by("a").turns, Turn("Hi", "Hello")))
    assert policy.chances(ABC, unknown) == approx(dict.fromkeys(ABC, 1 / 3))
    assert policy.chances(["a"], written_by("a")) == {"a": 1.0}


def test_its_ends_are_the_policies_that_there_are():
    for talk in (Conversation(), written_by("a"), written_by("a", "a", "b")):
        assert Sticky(turns=1).chances(ABC, talk) == approx(Uniform().chances(ABC, talk))
        assert Sticky(stay=1 / 3).chances(ABC, talk) == approx(Uniform().chances(ABC, talk))
        assert Sticky(stay=0.0).chances(ABC, talk) == approx(NoRepeat().chances(ABC, talk))


def test_a_run_counts_what_stands_in_the_history():
    mute = Turn("Hi", "", Draw("c", 1.0, {"c": 1.0}), error="no reply")
    talk = written_by("b", "a", "a")
    assert run_length(talk) == 2 and run_length(Conversation()) == 0
    assert run_length(Conversation(turns=(*talk.turns, mute, *written_by("a").turns))) == 3
    assert run_length(talk.ask("More")) == 2
    assert run_length(talk.undo()) == 1 == run_length(talk.regenerate())
