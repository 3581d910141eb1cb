"""A conversation as numbers: the same at the page and in the matrix, and blind to the reply."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from blend.conversation import Conversation, Draw, Turn
from blend.policies.features import BEFORE, HistoryFeatures
from blend.policies.hashing import HashedNgrams

TRAITS = HistoryFeatures(HashedNgrams(32), ("a", "b"))
TURN = st.builds(
    Turn,
    st.text(min_size=1, max_size=700),
    st.text(max_size=700),
    st.sampled_from([None, Draw("a", 0.5, {}), Draw("b", 0.5, {})]),
)
TALKS = st.builds(
    Conversation,
    system=st.sampled_from(["", "I ski."]),
    turns=st.lists(TURN, min_size=1, max_size=4).map(tuple),
)


def dense(conversation: Conversation) -> np.ndarray:
    places, values = TRAITS.row(conversation)
    out = np.zeros(TRAITS.size)
    np.add.at(out, places, values)
    return out


@settings(deadline=None)  # the first one imports scikit-learn
@given(TALKS)
def test_one_conversation_is_the_row_of_the_matrix(conversation):
    assert np.allclose(TRAITS.matrix([conversation]).toarray()[0], dense(conversation), atol=1e-6)


def test_the_named_features_say_what_they_are():
    asked = Conversation(turns=(Turn("Hi", "Hello", Draw("b", 0.5, {})), Turn("Why 2?")))
    told = dict(zip(TRAITS.named, dense(asked)[-len(TRAITS.named) :], strict=True))
    assert {name for name, value in told.items() if value == 1} == {"question", "digits", "after b"}


def test_what_was_said_before_is_told_apart_from_the_message():
    first = Conversation(turns=(Turn("ski", "fine"), Turn("fly")))
    other = Conversation(turns=(Turn("fly", "fine"), Turn("ski")))
    assert not np.array_equal(dense(first), dense(other))


def test_only_the_end_of_a_long_history_is_read():
    long = Conversation(turns=(Turn("x " * BEFORE, "y"), Turn("Hi")))
    longer = replace(long, turns=(Turn("z", "z"), *long.turns))
    size = TRAITS.text.size
    assert np.array_equal(dense(long)[: 2 * size], dense(longer)[: 2 * size])
