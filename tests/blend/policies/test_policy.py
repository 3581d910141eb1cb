"""Policies: chances, not choices."""

from hypothesis import given
from hypothesis import strategies as st
from pytest import approx, mark
from written_replies import written_by

from blend.conversation import Conversation, Draw, Turn
from blend.policies.policy import (
    NoRepeat,
    RoundRobin,
    Uniform,
    Weighted,
    default_floor,
    last_writer,
    with_floor,
)
from blend.policies.registry import POLICIES, make_policy
from blend.policies.thompson import PreferenceCount

NAMES = st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=9, unique=True)


@st.composite
def situations(draw):
    """(policy, members that are up, floor, conversation) with whatever a policy may be told."""
    members = draw(NAMES)
    epsilon = draw(st.floats(0, 1 / len(members)))
    name = draw(st.sampled_from(sorted(set(POLICIES) - {"learned"})))
    bare = name in ("uniform", "per_sentence")
    options: dict = {} if bare else {"epsilon": epsilon}
    if name == "weighted":
        weight = st.floats(0, 1e6)
        options["weights"] = {m: draw(weight) for m in members}
    if name == "sticky":
        key, values = draw(st.sampled_from([("stay", st.floats(0, 1)), ("turns", st.integers(1))]))
        options[key] = draw(values)
    if name == "sequence":
        options["sequence"] = draw(st.lists(st.sampled_from(members), min_size=1, max_size=5))
    policy = make_policy(name, options, members)
    if name == "thompson":
        count = st.integers(0, 10**6)
        policy = policy.with_counts({m: PreferenceCount(draw(count), draw(count)) for m in members})
    up = [m for m in members if draw(st.booleans())] or members[:1]
    writers = draw(st.lists(st.sampled_from(members), max_size=4))
    return policy, up, options.get("epsilon", 0.0), written_by(*writers)


@given(situations())
def test_chances_sum_to_one_over_those_that_are_up_and_keep_the_floor(situation):
    policy, up, epsilon, conversation = situation
    chances = policy.chances(up, conversation)

    assert list(chances) == up
    assert sum(chances.values()) == approx(1, abs=1e-9)
    assert min(chances.values()) >= min(epsilon, 1 / len(up)) - 1e-9


@given(situations(), st.text(min_size=1))
def test_what_does_not_read_the_message_gives_the_same_chances_before_it(situation, message):
    policy, up, _, conversation = situation
    assert not policy.reads_message
    asked = Conversation(turns=(*conversation.turns, Turn(message)))
    assert policy.chances(up, conversation) == policy.chances(up, asked)


@given(st.dictionaries(st.text(max_size=2), st.floats(0, 1e9), min_size=1), st.floats(0, 1))
def test_the_floor_is_paid_in_proportion_by_those_above_it(scores, epsilon):
    chances, least = with_floor(scores, epsilon), min(epsilon, 1 / len(scores))

    above = {n for n, chance in chances.items() if chance > least + 1e-9 and scores[n] > 0}
    rates = [chances[n] / scores[n] for n in above]
    assert rates == approx(rates[:1] * len(rates), rel=1e-6)


@mark.parametrize("size", [5e-324, 1e-310, 1e308])
def test_weights_of_any_size_give_chances(size):
    assert with_floor({"a": size, "b": size}, 0.0) == {"a": 0.5, "b": 0.5}
    assert with_floor({"a": size, "b": 0.0}, 0.1) == approx({"a": 0.9, "b": 0.1})


def test_uniform_gives_each_the_same():
    assert Uniform().chances(["a", "b"], Conversation()) == {"a": 0.5, "b": 0.5}


def test_weights_above_the_floor_are_kept_exactly():
    chances = Weighted({"a": 2, "b": 1, "c": 1}).chances(["a", "b", "c"], Conversation())
    assert chances == {"a": 0.5, "b": 0.25, "c": 0.25}
    assert Weighted({"a": 2}).chances(["b", "c"], Conversation()) == {"b": 0.5, "c": 0.5}


def test_without_repeat_the_last_writer_has_the_floor():
    chances = NoRepeat(epsilon=0.1).chances(["a", "b", "c"], written_by("b", "a"))
    assert chances == approx({"a": 0.1, "b": 0.45, "c": 0.45})
    assert NoRepeat().chances(["a"], written_by("a")) == {"a": 1.0}


def test_the_round_goes_on_from_who_really_wrote():
    policy = RoundRobin(("a", "b", "c"), epsilon=0.0)
    assert policy.chances(["a", "b", "c"], written_by("a", "c")) == {"a": 1, "b": 0, "c": 0}
    assert policy.chances(["a", "c"], written_by("a")) == {"a": 0, "c": 1}
    assert policy.chances(["a", "b"], Conversation()) == {"a": 0.5, "b": 0.5}


def test_a_turn_that_failed_mute_wrote_nothing():
    conversation = written_by("a", "b")
    mute = Turn("Hi", "", Draw("c", 1.0, {"c": 1.0}), error="no reply")
    assert last_writer(Conversation(turns=(*conversation.turns, mute))) == "b"
    assert last_writer(Conversation()) is None


@mark.parametrize(("members", "floor"), [(2, 0.02), (5, 0.02), (8, 0.0125), (40, 0.0025)])
def test_the_floors_of_a_large_blend_take_a_tenth_of_its_draws(members, floor):
    assert default_floor(members) == approx(floor)
