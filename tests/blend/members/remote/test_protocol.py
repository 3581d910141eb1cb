"""What is asked of a server, what is cut to fit, and what its chunks say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blend.members import Sampling
from blend.members.remote.protocol import finish_reason
from blend.members.remote.request import RemoteRequest
from blend.message import Message

TURN = [Message("user", "x" * 90), Message("assistant", "y" * 90)]
SYSTEM = Message("system", "Be kind.")


def fit(history, window, max_tokens):
    sampling = Sampling(max_tokens=max_tokens)
    request = RemoteRequest.fit(history, sampling, max_tokens, window, "", False)
    return request.messages, request.cut_turns


def test_the_cut_keeps_the_system_message_and_stays_put_for_several_turns():
    cuts = []
    for turns in range(1, 60):
        history = [SYSTEM, *TURN * turns, Message("user", "And?")]
        kept, cut_turns = fit(history, 1000, 200)
        assert kept == [SYSTEM, *history[1 + 2 * cut_turns :]]
        assert sum(len(message.text) for message in kept) / 3 < 800
        cuts.append(cut_turns)
    assert cuts == sorted(cuts) and len(set(cuts)) < len(cuts) / 3


@settings(max_examples=40)
@given(
    st.lists(st.text(max_size=200), max_size=30),
    st.integers(16, 500),
    st.integers(1, 600),
    st.booleans(),
)
def test_the_last_message_is_always_kept(texts, window, max_tokens, system):
    roles = ("user", "assistant")
    history = [Message(roles[n % 2], text) for n, text in enumerate([*texts, *texts, "And?"])]
    kept, cut_turns = fit([SYSTEM] * system + history, window, max_tokens)
    assert kept[-1] == history[-1] and kept[:system] == [SYSTEM] * system
    assert 0 <= cut_turns <= len(texts) and kept[system].role == "user"


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("stop", "stop"), ("length", "length"), ("eos_token", "stop"), ("content_filter", "stop")],
)
def test_reasons_are_told_apart_by_what_they_mean(reason, finish):
    assert finish_reason(reason) == finish
    with pytest.raises(ValueError, match="gave the reply up"):
        finish_reason("abort")
