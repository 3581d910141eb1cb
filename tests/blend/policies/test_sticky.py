"""Staying with the last writer: the chances are the formulas, and what is drawn follows them."""

import random
from collections import Counter
from itertools import pairwise

from pytest import approx, mark
from scipy import stats

from blend.conversation import Conversation, Draw, Turn
from blend.engine import Blend
from blend.members.scripted import Scripted
from blend.policies.policy import NoRepeat, Uniform
from blend.policies.sticky import Sticky, run_length

ABC = ["a", "b", "c"]


def said(*writers: str) -> Conversation:
    """A conversation in which these members wrote the replies."""
    turns = [Turn("Hi", "Hello", Draw(w, 1.0, {w: 1.0}), finished=True) for w in writers]
    return Conversation(turns=tuple(turns))


def simulated(policy: Sticky, conversations: int, length: int) -> list[str]:
    """Who wrote each reply of simulated conversations, each as a word: "aab"."""
    blend = Blend("B", [Scripted(name) for name in ABC], policy, random.Random(11))
    words = []
    for _ in range(conversations):
        conversation = Conversation()
        for _ in range(length):
            turn = Turn("Hi", "Hello", blend.draw(conversation), finished=True)
            conversation = Conversation(turns=(*conversation.turns, turn))
        words.append("".join(turn.draw.member for turn in conversation.turns))
    return words


def test_with_a_chance_the_last_writer_goes_on_and_the_others_share_the_rest():
    policy = Sticky(stay=0.8)
    assert policy.chances(ABC, said("a", "b")) == approx({"a": 0.1, "b": 0.8, "c": 0.1})
    assert policy.chances(["b", "c"], said("a", "b")) == approx({"b": 0.8, "c": 0.2})
    assert Sticky(stay=0.99).chances(ABC, said("a")) == approx({"a": 0.96, "b": 0.02, "c": 0.02})


def test_for_turns_the_last_writer_goes_on_and_then_all_are_drawn_alike():
    policy = Sticky(turns=2, epsilon=0.1)
    assert policy.chances(ABC, said("b", "a")) == approx({"a": 0.8, "b": 0.1, "c": 0.1})
    thirds = approx(dict.fromkeys(ABC, 1 / 3))
    assert policy.chances(ABC, said("a", "a")) == thirds
    # Who is drawn again goes on for as long as it did before.
    assert policy.chances(ABC, said("a", "a", "a")) == approx({"a": 0.8, "b": 0.1, "c": 0.1})
    assert policy.chances(ABC, said("a", "a", "a", "a")) == thirds


@mark.parametrize("policy", [Sticky(stay=0.8), Sticky(stay=0.0), Sticky(turns=3)])
def test_the_first_reply_and_one_after_a_writer_that_is_down_are_anybodys(policy):
    assert policy.chances(ABC, Conversation()) == approx(dict.fromkeys(ABC, 1 / 3))
    assert policy.chances(["a", "b"], said("c")) == approx({"a": 0.5, "b": 0.5})
    unknown = Conversation(turns=(*said("a").turns, Turn("Hi", "Hello")))
    assert policy.chances(ABC, unknown) == approx(dict.fromkeys(ABC, 1 / 3))
    assert policy.chances(["a"], said("a")) == {"a": 1.0}


def test_its_ends_are_the_policies_that_there_are():
    for talk in (Conversation(), said("a"), said("a", "a", "b")):
        assert Sticky(turns=1).chances(ABC, talk) == approx(Uniform().chances(ABC, talk))
        assert Sticky(stay=1 / 3).chances(ABC, talk) == approx(Uniform().chances(ABC, talk))
        assert Sticky(stay=0.0).chances(ABC, talk) == approx(NoRepeat().chances(ABC, talk))


def test_a_run_counts_what_stands_in_the_history():
    mute = Turn("Hi", "", Draw("c", 1.0, {"c": 1.0}), error="no reply")
    talk = said("b", "a", "a")
    assert run_length(talk) == 2 and run_length(Conversation()) == 0
    assert run_length(Conversation(turns=(*talk.turns, mute, *said("a").turns))) == 3
    assert run_length(talk.ask("More")) == 2
    assert run_length(talk.undo()) == 1 == run_length(talk.regenerate())


def test_the_drawn_go_on_as_often_as_the_chance_says():
    words = simulated(Sticky(stay=0.7), 400, 6)
    steps = Counter((ord(y) - ord(x)) % 3 for word in words for x, y in pairwise(word))
    assert stats.chisquare([steps[n] for n in range(3)], [1400, 300, 300]).pvalue > 0.001
    first = Counter(word[0] for word in words)
    assert stats.chisquare([first[name] for name in ABC]).pvalue > 0.001


def test_the_drawn_go_on_for_turns_but_for_the_floor():
    words = simulated(Sticky(turns=2, epsilon=0.05), 400, 6)
    stays, anew = Counter(), Counter()
    for word in words:
        for place in range(1, len(word)):
            before = word[:place]
            run = len(before) - len(before.rstrip(before[-1]))
            (stays if run % 2 else anew)[(ord(word[place]) - ord(before[-1])) % 3] += 1
    count = stays.total()
    expected = [0.9 * count, 0.05 * count, 0.05 * count]
    assert stats.chisquare([stays[n] for n in range(3)], expected).pvalue > 0.001
    assert stats.chisquare([anew[n] for n in range(3)]).pvalue > 0.001


@mark.parametrize("turns", [1, 2, 4])
def test_the_rate_of_hand_offs_is_the_dose(turns):
    words = simulated(Sticky(turns=turns, epsilon=0.0), 150, 9)
    handed = sum(x != y for word in words for x, y in pairwise(word))
    draws = 150 * (8 // turns)
    assert stats.binomtest(handed, draws, 2 / 3).pvalue > 0.001
