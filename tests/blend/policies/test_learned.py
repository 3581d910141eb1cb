"""A learned policy at work: softmax of what each would earn, floored, over those that are up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blend.conversation import Conversation, Draw, Turn
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import Learned

MEMBERS = ("a", "b", "c")
TRAITS = HistoryFeatures(HashedNgrams(16), MEMBERS)


def policy(seed: int = 0, sharpness: float = 2.0, epsilon: float = 0.05) -> Learned:
    rng = np.random.default_rng(seed)
    weights, bias = rng.normal(size=(TRAITS.size, 3)), rng.normal(size=3)
    return Learned(TRAITS, weights, bias, sharpness, epsilon=epsilon)


def talk(message: str, last: str = "a") -> Conversation:
    return Conversation(turns=(Turn("Hi", "Hello", Draw(last, 1.0, {}), True), Turn(message)))


@given(
    st.text(max_size=80),
    st.integers(0, 99),
    st.floats(0, 50),
    st.floats(0, 1 / 3),
    st.lists(st.sampled_from(MEMBERS), min_size=1, unique=True),
)
def test_chances_sum_to_one_over_those_that_are_up_and_keep_the_floor(
    message, seed, sharpness, epsilon, up
):
    chances = policy(seed, sharpness, epsilon).chances(up, talk(message))

    assert list(chances) == up
    assert sum(chances.values()) == pytest.approx(1, abs=1e-9)
    assert min(chances.values()) >= epsilon - 1e-9


def test_a_table_of_turns_gives_what_each_gives_alone():
    made, talks = policy(), [talk("Hello there"), talk("Why?", "c"), talk("2 + 2\nis")]
    table = made.table(TRAITS.matrix(talks), np.ones((3, 3), bool))
    alone = [list(made.chances(MEMBERS, each).values()) for each in talks]
    assert table == pytest.approx(np.array(alone), abs=1e-5)


def test_it_reads_the_message_and_sharpness_zero_is_uniform():
    one, other = (policy(epsilon=0).chances(MEMBERS, talk(m)) for m in ("Do you ski?", "I fly."))
    assert policy().reads_message and one != other
    flat = policy(sharpness=0.0).chances(MEMBERS, talk("ski"))
    assert flat == pytest.approx(dict.fromkeys(MEMBERS, 1 / 3))


def test_members_that_changed_since_the_log_are_told():
    made = Learned(TRAITS, policy().weights, policy().bias, 1.0, {"a": "1", "b": "2", "c": "3"})
    assert made.changed_members({"a": "1", "b": "9", "d": "4"}) == ["b"]
