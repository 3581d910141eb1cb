"""OpenAI's form and the neutral history: what is understood, what is refused, nothing breaks it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.api.completion_request import parse_request
from arena.api.completion_response import CompletionResponse, event
from arena.api.errors import SHOWN, ApiError
from blend.conversation import Conversation, Draft, Draw, Selection, Turn, Usage
from blend.message import CONTROL
from blend.policies.sticky import Sticky

HI = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
ROLES = st.sampled_from(["system", "developer", "user", "assistant"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def history(*messages: tuple[str, object]) -> list[tuple[str, str]]:
    """What a request with these messages asks, in the neutral history."""
    body = HI | {"messages": [{"role": role, "content": said} for role, said in messages]}
    read = parse_request(body, 1000).conversation.messages()
    return [(message.role, message.text) for message in read]


TEXT = {"type": "text"}
SAID = "a\x07b\ud83e\r" + "c" * 30_000


@pytest.mark.parametrize(
    ("messages", "read"),
    [
        (
            [("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello"), ("user", "And?")],
            [("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello"), ("user", "And?")],
        ),
        (
            [("user", "a"), ("user", "b"), ("developer", "s"), ("system", "t")],
            [("system", "s\n\nt"), ("user", "a\n\nb")],
        ),
        ([("user", "a"), ("assistant", None), ("user", "b")], [("user", "a\n\nb")]),
        ([("user", [TEXT | {"text": "a"}, TEXT | {"text": "b"}])], [("user", "ab")]),
        # Whatever a model said may be sent back as it was.
        (
            [("user", "x"), ("assistant", SAID), ("user", "y")],
            [("user", "x"), ("assistant", "ab\n" + "c" * 30_000), ("user", "y")],
        ),
    ],
    ids=["plain", "neighbours", "empty", "parts", "model's own"],
)
def test_a_history_is_understood(messages, read):
    assert history(*messages) == read


def test_a_policy_knows_who_wrote_the_history_where_its_replies_are_named():
    def asked(**named: str) -> Conversation:
        reply = {"role": "assistant", "content": "Hello"} | named
        messages = [*HI["messages"], reply, {"role": "user", "content": "And?", "name": "Ann"}]
        return parse_request(HI | {"messages": messages}, 1000).conversation

    sticky = Sticky(stay=0.8)
    assert sticky.chances(["a", "b", "c"], asked(name="b")) == pytest.approx(
        {"a": 0.1, "b": 0.8, "c": 0.1}
    )
    unknown = sticky.chances(["a", "b", "c"], asked())
    assert unknown == sticky.chances(["a", "b", "c"], asked(name="nobody"))
    assert [*unknown.values()] == pytest.approx([1 / 3] * 3)
    assert asked().messages() == asked(name="b").messages()


@given(st.lists(st.tuples(ROLES, st.text(min_size=1, max_size=5)), max_size=8))
def test_every_history_is_understood_or_refused_by_name(told: list[tuple[str, str]]):
    try:
        messages = history(*told)
    except ApiError as refusal:
        assert refusal.param and refusal.param.startswith("messages")
        return
    assert messages[-1][0] in ("user", "assistant") or {r for r, _ in messages} == {"system"}
    for role in ("user", "assistant"):
        said = "".join(text.strip() for r, text in told if r == role)
        said = CONTROL.sub("", said)  # of what a model said; in a user's message it is refused
        kept = "".join(text for r, text in messages if r == role)
        assert "".join(said.split()) == "".join(kept.split())


@pytest.mark.parametrize(
    ("extra", "param", "says"),
    [
        ({"temperature": 9}, "temperature", "must lie between"),
        ({"logprobs": True}, "logprobs", "not supported"),
        ({"tools": [{"type": "function"}]}, "tools", "not supported"),
        ({"n": 99}, "n", "less than or equal to 8"),
        ({"max_tokens": 0}, "max_tokens", "must lie between"),
        ({"max_tokens": 16.5}, "max_tokens", "whole number"),
        ({"max_tokens": True}, "max_tokens", "must be a number"),
        ({"stop": ["a"] * 9}, "stop", "at most 4"),
        ({"stop": "\ud83e"}, "stop", "valid string"),
        ({"seed": "x"}, "seed", "valid integer"),
        ({"stream": "yes"}, "stream", "valid boolean"),
        ({"stream_options": 3}, "stream_options", "dictionary"),
        ({"colour": "red"}, "colour", "not known"),
        ({"\ud83e": 1}, "?", "not known"),
        ({"model": 3}, "model", "valid string"),
        ({"messages": []}, "messages", "at least 1"),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, "messages", "a user's or a"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0", "'system', 'developer'"),
        ({"messages": [{"role": "user"}]}, "messages.0", "write something first"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages.0", "write something first"),
        ({"messages": [{"role": "user", "content": "a\x00b"}]}, "messages.0", "control character"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages.0", "valid list"),
        ({"messages": [{"role": "user", "content": [TEXT]}]}, "messages.0", "required"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages.0",
            "'text'",
        ),
        ({"messages": [{"role": "assistant", "tool_calls": [1]}]}, "messages.0", "calls a tool"),
        (
            {
                "messages": [
                    *HI["messages"],
                    {"role": "assistant", "content": "x"},
                    {"role": "system", "content": "s"},
                ]
            },
            "messages",
            "must be the user's",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_served_is_refused_by_its_name(extra, param, says):
    with pytest.raises(ApiError, match=says) as refused:
        parse_request(HI | extra, 100)
    assert refused.value.param == param


@given(st.dictionaries(st.sampled_from(["model", "messages", "n", "stop", "seed", "top_p"]), JSON))
def test_no_json_breaks_it(body: dict):
    try:
        parse_request(body, 100)
    except ApiError as refusal:
        assert "\n" not in str(refusal)


ENDLESS = st.sampled_from(["x" * 3_000_000 + "'", "\u6211" * 9_999, 7 * 10**3_000, ["y" * 50_000]])
FIELDS = st.sampled_from(
    ["model", "messages", "n", "stop", "seed", "top_k", "temperature", "stream", "z" * 9_999]
)


@given(st.dictionaries(FIELDS, ENDLESS, min_size=1, max_size=3))
def test_no_error_repeats_what_has_no_end(body):
    try:
        parse_request(HI | body, 8_000)
    except ApiError as refusal:
        assert len(str(refusal)) < SHOWN + 200 and len(refusal.param or "") <= SHOWN


@pytest.mark.parametrize(
    ("extra", "sampling"),
    [
        ({}, {}),
        (
            {"temperature": 1, "max_completion_tokens": 5, "stop": "end", "seed": 3, "user": "u"},
            {"temperature": 1, "max_tokens": 5, "stop": ("end",), "seed": 3},
        ),
        # Nothing is sampled, so a seed asks for nothing.
        ({"temperature": 0, "seed": 3}, {"temperature": 0}),
        # JSON does not tell 16.0 from 16; null asks for nothing.
        ({"top_k": 16.0, "max_tokens": 1.0, "tools": None}, {"top_k": 16, "max_tokens": 1}),
    ],
    ids=["nothing", "all kinds", "greedy", "whole floats"],
)
def test_the_sampling_that_is_asked_for_and_no_more(extra, sampling):
    assert parse_request(HI | extra, 9).sampling == sampling


def test_each_of_several_choices_has_a_seed_of_its_own():
    seeded = parse_request(HI | {"n": 3.0, "seed": 7.0}, 100)
    assert [one["seed"] for one in seeded.samplings()] == [7, 8, 9]
    assert parse_request(HI | {"n": 3, "top_k": 5}, 100).samplings() == [{"top_k": 5}] * 3


def test_a_response_counts_all_choices():
    turn = Turn("q", "a", Draw("ada", 1 / 3, {}), usage=Usage(5, 1, 2, finish="length"))
    whole = CompletionResponse("Blended").whole([turn, turn])
    assert whole["usage"]["total_tokens"] == 14
    assert [choice["finish_reason"] for choice in whole["choices"]] == ["length", "length"]
    assert whole["choices"][0]["blend"] == {"member": "ada", "chance": 0.333333}
    assert json.loads(event(whole).removeprefix(b"data: ")) == whole


def test_a_panels_reply_has_no_chance_and_tells_its_drafts():
    drafts = (Draft("ada", "a", picked=True), Draft("bob", "b"))
    turn = Turn("q", "a", Draw("ada", None, {}), selection=Selection("carl", drafts, "judged"))
    (choice,) = CompletionResponse("Council").whole([turn])["choices"]
    both = [
        {"member": "ada", "content": "a", "picked": True},
        {"member": "bob", "content": "b", "picked": False},
    ]
    panel = {"judge": "carl", "how": "judged", "drafts": both}
    assert choice["blend"] == {"member": "ada", "chance": None, "panel": panel}
