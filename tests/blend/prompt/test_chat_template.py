"""A chat template is checked before anybody speaks: one line for what is wrong with it."""

import chat_templates
import pytest
import tiny_models
from chat_template_kinds import KINDS

from blend.members import MemberError
from blend.message import Message
from blend.prompt.chat_template import SHIPPED, ChatTemplate
from blend.prompt.transformers_template import TransformersTemplate
from blend.roster.model_source import read_template

BODY = "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}"
OPENS = "{% if add_generation_prompt %}assistant:{% endif %}"
KIND = Message("system", "Be kind.")
TALK = [Message("user", "Hello"), Message("assistant", "Hi."), Message("user", "And you?")]


def family_layout(family, variables=None):
    tokens = {"bos_token": "<s>", "eos_token": "</s>"}
    return ChatTemplate("m", chat_templates.FAMILIES[family], tokens, variables)


def laid(layout, messages=TALK, answer=True):
    return "".join(own + content for own, content in layout.pieces(messages, answer))


@pytest.mark.parametrize(
    ("chat", "said"),
    [
        ("{% for m in messages %}", "is not Jinja: line 1: Unexpected end of template"),
        (BODY + "\n{{ nothing.at.all }}", "refuses the conversation: 'nothing' is undefined"),
        (BODY + "{{ 1 / 0 }}", "refuses the conversation: division by zero"),
        ("{{ raise_exception('not\ntoday') }}", "refuses the conversation: not today"),
        ("{{ messages[-1].content }}" + OPENS, "drops what the user says"),
        (BODY.replace("messages", "messages if m.role == 'user'") + OPENS, "drops earlier replies"),
        (BODY, "opens no reply: let it heed add_generation_prompt"),
        ("{% for m in messages %}{{ m.content }}{% endfor %}", "opens no reply"),
        ("{% for m in messages %}{{ m.content + eos_token }}{% endfor %}", "opens no reply"),
        (BODY + "{% set stop = 'x' %}" + OPENS, "sets stop to 'x', not to texts"),
        ("{{ ''.__class__.__mro__ }}" + BODY + OPENS, "refuses .* unsafe"),
    ],
)
def test_what_is_wrong_with_a_template_is_named_in_one_line(chat, said):
    with pytest.raises(MemberError, match=f"^picky: its chat template {said}") as refusal:
        ChatTemplate("picky", chat, {"eos_token": "</s>"})
    assert "\n" not in str(refusal.value)


ALWAYS = (
    "{% for m in messages %}{% if m.role == 'assistant' %}<|bot|><|start|>{{ m.content }}"
    "<|stop|>{% else %}<|{{ m.role }}|>{{ m.content }}<|stop|>{% endif %}{% endfor %}<|bot|>"
)
THINKS = chat_templates.FAMILIES["chatml"] + "{% if add_generation_prompt %}<think>\n{% endif %}"


@pytest.mark.parametrize(
    ("chat", "opening"),
    [
        (BODY + OPENS, "assistant:"),
        (THINKS, "<|im_start|>assistant\n<think>\n"),
        (chat_templates.FAMILIES["mistral"], "[/INST]"),
        (ALWAYS, "<|stop|><|bot|>"),  # and leaves a marker to the model
    ],
)
def test_the_text_that_opens_a_reply_is_known(chat, opening):
    layout = ChatTemplate("m", chat)
    assert layout.opening == opening and laid(layout).endswith(opening)


def test_a_tokenizer_without_a_template_needs_one_and_of_several_that_for_plain_talk_is_taken():
    with pytest.raises(MemberError, match="has no chat template: give it a `template`"):
        TransformersTemplate("m", chat_templates.tokenizer("gemma"), 512)
    several = tiny_models.tokenizer()
    several.chat_template = {"tool_use": BODY, "default": BODY + OPENS}
    assert TransformersTemplate("m", several, 512).chat == BODY + OPENS


@pytest.mark.parametrize("family", chat_templates.FAMILIES)
def test_a_system_message_is_read_by_every_family(family):
    whole = laid(family_layout(family), [KIND, *TALK])

    assert 0 <= whole.find("Be kind.") < whole.find("Hello") < whole.find("And you?")
    assert whole.count("Be kind.") == 1


def test_the_shipped_templates_speak_as_their_models_were_taught():
    names = {"user_name": "Sam", "assistant_name": "Aria"}
    pygmalion = family_layout("pygmalion", names)
    vicuna, chai = family_layout("vicuna"), family_layout("chai", {"assistant_name": "Aria"})

    assert laid(pygmalion, [Message("system", "A kind bard."), *TALK]) == (
        "Aria's Persona: A kind bard.\n<START>\nSam: Hello\nAria: Hi.\nSam: And you?\nAria:"
    )
    assert laid(family_layout("mistral"), [KIND, *TALK]) == (
        "<s>[INST]Be kind.\n\nHello[/INST]Hi.</s>[INST]And you?[/INST]"
    )
    assert laid(vicuna) == "<s>USER: Hello ASSISTANT: Hi.</s>USER: And you? ASSISTANT:"
    assert laid(chai) == "User: Hello\nAria: Hi.\nUser: And you?\nAria:"
    assert pygmalion.stop == ("\nSam:", "\nAria:", "<START>")
    assert (vicuna.stop, chai.stop) == (("USER:",), ("\n",))


def test_a_variable_that_a_template_does_not_know_is_an_error():
    chat = "{% if think %}hm{% endif %}" + BODY + OPENS

    assert laid(ChatTemplate("m", chat, {}, {"think": True})).startswith("hm")
    with pytest.raises(MemberError, match="has no variable 'thinks': remove it"):
        ChatTemplate("m", chat, {}, {"thinks": True})


def test_a_template_is_given_as_it_is_or_as_a_file_or_by_name(tmp_path):
    (tmp_path / "mine.jinja").write_text(BODY + OPENS)

    assert read_template(BODY, tmp_path, "x") == BODY
    assert read_template("mine.jinja", tmp_path, "x") == BODY + OPENS
    assert read_template("vicuna", tmp_path, "x") == (SHIPPED / "vicuna.jinja").read_text()


SWITCHES = [
    "{% if enable_thinking is defined and not enable_thinking %}<think></think>",
    "{% if thinking %}<think>{% else %}</think>",
    "{% if thinking_budget == 0 %}<seed:think></seed:think>",
    "{% if true %}{{ reasoning_effort | default('medium') }}",
]


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_template_is_asked_for_thoughts_or_for_none_by_its_own_switch(switch):
    chat = BODY + "{# Thoughts: thinking, enable_thinking #}" + OPENS + switch + "{% endif %}"
    left, off, on = (
        ChatTemplate("m", chat, thinking=which).opening for which in (None, False, True)
    )
    assert off != on and left in (off, on)


def test_qwen_without_thoughts_is_what_its_variable_made_it():
    chat = KINDS["qwen 3"].chat
    by_name = ChatTemplate("m", chat, {}, {"enable_thinking": False})
    switched = ChatTemplate("m", chat, thinking=False)
    assert laid(switched) == laid(by_name) and switched.opening.endswith("<think>\n\n</think>\n\n")


STUBBORN = "{% if not (thinking | default(true)) %}{{ raise_exception('always on') }}{% endif %}"


@pytest.mark.parametrize(
    ("chat", "said"),
    [
        (BODY + "{# thinking #}" + OPENS, "has no switch for thoughts: remove `thinking`"),
        (BODY + STUBBORN + OPENS, "refuses the conversation: always on"),
    ],
)
def test_a_template_without_a_switch_says_so_in_one_line(chat, said):
    with pytest.raises(MemberError, match=f"^m: its chat template {said}$"):
        ChatTemplate("m", chat, thinking=False)


def test_an_effort_that_a_template_refuses_is_asked_for_in_its_own_words():
    picky = (
        "{% set effort = reasoning_effort | default('high') %}{% if effort not in ('none', 'high')"
        " %}{{ raise_exception('none or high') }}{% endif %}" + BODY + OPENS + "{{ effort }}"
    )
    assert ChatTemplate("m", picky, thinking=False).opening.endswith("assistant:none")
