"""What is asked of a server, what is cut to fit, and what its chunks say."""

from types import SimpleNamespace as Object

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blend.conversation import Message, Usage
from blend.members import Sampling
from blend.members.http.dialect import Chunk, body, ended, fitted, told

TURN = [Message("user", "x" * 90), Message("assistant", "y" * 90)]
SYSTEM = Message("system", "Be kind.")


def test_the_body_holds_what_openai_knows_and_nothing_else():
    sampling = Sampling(temperature=0.2, top_p=0.9, max_tokens=9, stop=("\n",), seed=4)

    assert body("m", TURN, sampling) == {
        "model": "m",
        "messages": [
            {"role": "user", "content": "x" * 90},
            {"role": "assistant", "content": "y" * 90},
        ],
        "temperature": 0.2,
        "top_p": 0.9,
        "max_tokens": 9,
        "stop": ["\n"],
        "seed": 4,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_settings_that_do_nothing_are_sent_in_the_servers_words():
    asked = body("m", TURN, Sampling(), ("top_k", "min_p", "repetition_penalty"))
    assert asked["extra_body"] == {"top_k": -1, "min_p": 0, "repetition_penalty": 1.0}


def test_what_a_server_shuns_is_left_out():
    shunned = ("stream_options", "max_tokens", "system")
    asked = body("m", [SYSTEM, *TURN], Sampling(max_tokens=9), shunned=shunned)

    assert asked["max_completion_tokens"] == 9
    assert not {"max_tokens", "stream_options"} & asked.keys()
    assert asked["messages"][0] == {"role": "user", "content": "Be kind.\n\n" + "x" * 90}


def test_without_a_window_nothing_is_cut():
    history = [SYSTEM, *TURN * 500, Message("user", "And?")]
    assert fitted(history, None, 100) == (history, 0)


def test_the_cut_keeps_the_system_message_and_stays_put_for_several_turns():
    cuts = []
    for turns in range(1, 60):
        history = [SYSTEM, *TURN * turns, Message("user", "And?")]
        kept, cut_turns = fitted(history, 1000, 200)
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
    kept, cut_turns = fitted([SYSTEM] * system + history, window, max_tokens)

    assert kept[-1] == history[-1] and kept[:system] == [SYSTEM] * system
    assert 0 <= cut_turns <= len(texts) and kept[system].role == "user"


def choice(content=None, finish=None):
    return [Object(delta=Object(content=content), finish_reason=finish)]


def test_a_chunk_says_a_text_an_end_or_the_counts():
    details = Object(cached_tokens=3)
    counts = Object(prompt_tokens=9, completion_tokens=5, prompt_tokens_details=details)

    assert told(Object(choices=choice("Hi"), usage=None)) == Chunk("Hi")
    assert told(Object(choices=choice(None, "stop"), usage=None)) == Chunk("", "stop")
    assert told(Object(choices=[], usage=counts)) == Chunk("", "", Usage(9, 3, 5))
    bare = Object(prompt_tokens=9, completion_tokens=None)
    assert told(Object(choices=choice("", "length"), usage=bare)) == Chunk(
        "", "length", Usage(9, 0, 0)
    )


@pytest.mark.parametrize(
    "chunk",
    [
        None,
        5,
        "text",
        Object(choices=None, usage=None),
        Object(choices=[], usage=None),
        Object(choices="Hi", usage=None),
        Object(choices=choice({"a": 1}), usage=None),
        Object(choices=choice("Hi", 7), usage=None),
        Object(choices=choice("Hi", "abort"), usage=None),
    ],
    ids=str,
)
def test_what_is_no_chunk_is_an_error(chunk):
    with pytest.raises(ValueError, match=r"no chunk|no text|gave the reply up"):
        told(chunk)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("stop", "stop"), ("length", "length"), ("eos_token", "stop"), ("content_filter", "stop")],
)
def test_reasons_are_told_apart_by_what_they_mean(reason, finish):
    assert ended(reason) == finish
