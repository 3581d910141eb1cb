"""OpenAI's form and the neutral history: what is understood, what is refused, nothing breaks it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.answer import Answer, event
from arena.completion import Wrong, asked, conversation
from blend.conversation import CONTROL, Draw, Message, Turn, Usage

ROLES = st.sampled_from(["system", "developer", "user", "assistant"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def history(*messages: tuple[str, str]) -> tuple[Message, ...]:
    return conversation([{"role": r, "content": t} for r, t in messages], 1000).messages()


def test_a_plain_history_comes_back_as_it_was() -> None:
    told = (("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello"), ("user", "And?"))
    assert history(*told) == tuple(Message(role, text) for role, text in told)


def test_neighbours_of_one_speaker_are_joined_and_system_messages_come_first() -> None:
    told = history(("user", "a"), ("user", "b"), ("developer", "s"), ("system", "t"))
    assert told == (Message("system", "s\n\nt"), Message("user", "a\n\nb"))


def test_whatever_a_model_said_may_be_sent_back() -> None:
    said = "a\x07b\ud83e\r" + "c" * 30_000
    told = history(("user", "x"), ("assistant", said), ("user", "y"))
    assert told[1] == Message("assistant", "ab\n" + "c" * 30_000)
    with pytest.raises(Wrong, match="control character"):
        history(("user", "a\x07b"))


def test_content_may_be_parts_of_text_and_of_nothing_else() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert conversation([{"role": "user", "content": parts}], 10).messages()[0].text == "ab"
    with pytest.raises(Wrong, match="parts of type text only"):
        conversation([{"role": "user", "content": [{"type": "image_url"}]}], 10)


@given(st.lists(st.tuples(ROLES, st.text(min_size=1, max_size=5)), max_size=8))
def test_every_history_is_understood_or_refused_by_name(told: list[tuple[str, str]]) -> None:
    try:
        messages = history(*told)
    except Wrong as wrong:
        assert wrong.param and wrong.param.startswith("messages")
        return
    assert messages[-1].role in ("user", "assistant") or {m.role for m in messages} == {"system"}
    for role in ("user", "assistant"):
        said = "".join(text.strip() for r, text in told if r == role)
        said = CONTROL.sub("", said)  # of what a model said; in a user's message it is refused
        kept = "".join(m.text for m in messages if m.role == role)
        assert "".join(said.split()) == "".join(kept.split())


@given(st.dictionaries(st.sampled_from(["model", "messages", "n", "stop", "seed", "top_p"]), JSON))
def test_no_json_breaks_it(body: dict) -> None:
    try:
        asked(body, 100)
    except Wrong as wrong:
        assert "\n" not in str(wrong)


def test_the_sampling_that_is_asked_for_and_no_more() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    assert asked(body, 9).sampling == {}
    more = {"temperature": 1, "max_completion_tokens": 5, "stop": "end", "seed": 3, "user": "u"}
    found = asked(body | more, 9).sampling
    assert found == {"temperature": 1, "max_tokens": 5, "stop": ("end",), "seed": 3}


def test_a_seed_asks_for_nothing_where_nothing_is_sampled() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "seed": 3}
    assert asked(body | {"temperature": 0}, 9).sampling == {"temperature": 0}


def test_an_answer_counts_all_choices() -> None:
    turn = Turn("q", "a", Draw("ada", 1 / 3, {}), usage=Usage(5, 1, 2, finish="length"))
    whole = Answer("Blended").whole([turn, turn])
    assert whole["usage"]["total_tokens"] == 14
    assert [choice["finish_reason"] for choice in whole["choices"]] == ["length", "length"]
    assert whole["choices"][0]["blend"] == {"member": "ada", "chance": 0.333333}
    assert json.loads(event(whole).removeprefix(b"data: ")) == whole


def test_each_of_several_choices_has_a_seed_of_its_own():
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "n": 3}
    assert [one["seed"] for one in asked(body | {"seed": 7}, 100).samplings()] == [7, 8, 9]
    assert asked(body | {"top_k": 5}, 100).samplings() == [{"top_k": 5}] * 3
