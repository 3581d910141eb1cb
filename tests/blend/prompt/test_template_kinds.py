"""The kinds of templates in use: their ids, who they name, what is read ahead, their markers."""

import re
from itertools import product

import chat_templates
import pytest
import tiny_models
from chat_template_kinds import KINDS
from chat_templates import PERSONA, TALKS, WIDE, plain_ids, spelt, talk

from blend.prompt.detokenizer import StreamDetokenizer
from blend.prompt.reasoning import Reasoning
from blend.prompt.transformers_template import TransformersTemplate
from blend.prompt.turns import fold_system

MAKERS = re.compile(
    "Qwen|Alibaba|SmolLM|Hermes|Kimi|Mistral|Command-R|Cohere|DeepSeek|Granite|EXAONE|DBRX|MiniMax|"
    "OpenAI|Olmo"
)


def kind_template(name, scheme="words", **more):
    """The template of one of KINDS."""
    kind, tokenizer = KINDS[name], chat_templates.vocabulary(name, scheme)
    return TransformersTemplate("m", tokenizer, WIDE, kind.chat, dict(kind.variables), **more)


OTHER_IDS = {
    # An added letter would come back as half a sign or with a space, so its bytes are written.
    "deepseek llm": ("words", "always"),
    "deepseek coder": ("words", "always"),
}
"""The kinds whose ids may be others than those of `apply_chat_template`, and in which schemes."""


@pytest.mark.parametrize("scheme", ["words", "first", "always"])
@pytest.mark.parametrize("name", KINDS)
def test_the_ids_are_those_of_the_chat_template_wherever_a_sign_meets_a_lines_end(name, scheme):
    template, same = kind_template(name, scheme, own_system=True), []

    for texts, system in product(TALKS, ("", PERSONA)):
        messages = talk(*texts, system=system)
        heard = messages if template._layout._takes_system else fold_system(messages)
        kind = KINDS[name]
        plain = plain_ids(template.tokenizer, kind.chat, heard, kind.variables)
        same.append(list(template.prompt(messages, 16).ids) == plain)

    assert all(same) == (scheme not in OTHER_IDS.get(name, ()))


KEEPS_ITS_NAME = {"gpt oss"}
"""Writes who it is whatever the system message says."""
NAMED = {name for name, kind in KINDS.items() if MAKERS.search(kind.chat)}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_system_text_of_the_templates_own_names_nobody_unless_it_is_kept(name):
    empty, kept = kind_template(name), kind_template(name, own_system=True)

    said, own = (spelt(t, t.prompt(talk("Hello"), 16).ids) for t in (empty, kept))

    assert MAKERS.search(own) and bool(MAKERS.search(said)) == (name in KEEPS_ITS_NAME)
    assert empty.prompt(talk("Hi", system=" "), 16) == empty.prompt(talk("Hi"), 16)
    persona = talk("Hello", system=PERSONA)
    assert empty.prompt(persona, 16) == kept.prompt(persona, 16)
    assert empty.identity != kept.identity or name in KEEPS_ITS_NAME


REWRITES = {
    "qwen 3 without thoughts": "a prompt has an empty block of thoughts, a history has none",
    "deepseek r1": "a prompt begins the thoughts, a history has none",
    "mistral 3": "the system message moves to the last question",
}
"""The kinds in which a prompt is no beginning of the next, and why."""


@pytest.mark.parametrize("scheme", ["words", "first"])
@pytest.mark.parametrize("name", KINDS)
def test_what_is_read_ahead_is_the_beginning_of_the_next_prompt(name, scheme):
    template = kind_template(name, scheme)
    texts, grows = [], []

    for question, answer, following in TALKS:
        texts.append(question)
        prompt = template.prompt(talk(*texts, system=PERSONA), 16).ids
        texts.append(answer)
        ahead = template.prefix(talk(*texts, system=PERSONA), 16).ids
        coming = template.prompt(talk(*texts, following, system=PERSONA), 16).ids
        assert coming[: len(ahead)] == ahead
        assert answer.strip()[-5:] in template.decode(ahead)
        grows.append(coming[: len(prompt)] == prompt)

    assert all(grows) == (name not in REWRITES)


GPT_OSS = (
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello."
)


@pytest.mark.parametrize(
    ("name", "written", "thought"),
    [
        ("qwen 3", "<think>Hm.</think>Hello.<|im_end|>", ["Hm."]),
        ("deepseek r1", "Hm.</think>Hello.", ["Hm."]),
        ("qwen 3 without thoughts", "Hello.<|im_end|>", []),
        ("gpt oss", GPT_OSS, ["Hm."]),
        (
            "command a",
            "<|START_RESPONSE|>Hello.<|END_RESPONSE|><|END_OF_TURN_TOKEN|>",
            [],
        ),
    ],
)
def test_the_markers_around_thoughts_are_read_back_and_those_around_a_reply_are_not(
    name, written, thought
):
    template = kind_template(name)
    ids = template.tokenizer(written, add_special_tokens=False).input_ids
    text, reasoning = (
        StreamDetokenizer(template.decode, ["x"], opening=template.opening),
        Reasoning(),
    )

    parts = reasoning.add("".join(text.add([i]) for i in ids) + text.end()) + reasoning.end()

    assert [text for kind, text in parts if kind != "marker"] == [*thought, "Hello."]


def test_magistral_and_command_a_keep_their_markers_though_they_are_special():
    for opening, closing in (("[THINK]", "[/THINK]"), ("<|START_THINKING|>", "<|END_THINKING|>")):
        tokenizer = tiny_models.tokenizer(400, special=[*tiny_models.SPECIAL, opening, closing])
        template = TransformersTemplate("m", tokenizer, WIDE, tiny_models.TEMPLATE)
        said = f"{opening}Hm.{closing}Hello.<|end|>"
        ids = template.tokenizer(said, add_special_tokens=False).input_ids
        assert template.decode(ids) == said.removesuffix("<|end|>")
