"""Which replies tell who wrote them, and which only use a word that is also a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.battle.identity_leak import Family, family, leaked
from blend.roster.roster import read

EMBEDDED = family(read("embedded"), "Blended", "mixed")
SMALL = family(read("small"), "Blended", "qwen3")
WORDS = ("smalltalk", "trivia", "concierge", "mixed", "Blended")


def test_a_family_is_the_contenders_their_members_and_aliases():
    assert Family(frozenset(), frozenset(WORDS)) == EMBEDDED
    one = family(read("small"), "smollm2", "olmo2")
    assert {"SmolLM", "Hugging Face", "olmo2", "SmolLM2-1.7B-Instruct"} <= one.telling
    assert "Blended" not in one.words and not any("wen" in name for name in one.telling)


@pytest.mark.parametrize(
    "reply",
    [
        "I like trivia, and trivia likes me.",
        "I am mixed about that.",
        "I'm mixed, half Irish and half Greek.",
        "My feelings are mixed.",
        "Mixed.",
        "I am a concierge at a hotel.",
        "You can ask the concierge.",
        "We blended the fruit. I am blending in.",
        "I'm good at small talk, and I was trained as a nurse.",
        "This is trivia night! This is trivia.",
        "Ask me about trivia: it is my name for fun.",
        "I am a trivia fan and a mixed martial artist.",
        "The trivia here is hard. Trivia, here we go.",
        "My name is Sam. I love mixed drinks.",
        "Call me a concierge.",
    ],
)
def test_an_ordinary_word_is_no_identity(reply):
    assert not leaked([reply], EMBEDDED)


@pytest.mark.parametrize(
    "reply",
    [
        "My name is trivia.",
        "Hi! I'm Trivia, and you?",
        "I am MIXED.",
        "i am concierge, how can i help",
        "You are talking to the one and only. I am called smalltalk",
        "They call me **Blended**!",
        "Trivia here! What do you want to know?",
        "concierge: How can I help you?",
        "Smalltalk",
        "I am actually Concierge by the way.",
        "I’m “Trivia”.",
        "I am the mixed model. I am a trivia bot.",
        "Letter by letter: T-R-I-V-I-A.",
        "Ich heiße Trivia. ",
        "Je m’appelle Concierge",
        "我是trivia，很高兴认识你",
        "私はConciergeです",
        "Ｉ ａｍ Ｔｒｉｖｉａ!",
        "I am tri\u00advia.",
        "I'm concierge 2.0, made for you.",
    ],
)
def test_speaking_of_itself_is_one(reply):
    assert leaked([reply], EMBEDDED)


@pytest.mark.parametrize(
    "reply",
    [
        "I was made by Alibaba.",
        "QWEN3 is what I run on.",
        "As Qwen2.5, I cannot do that.",
        "People like q-w-e-n.",
        "我是Qwen模型。",
        "SmolLM's weights are open.",
        "olmo 2 here",
        "olmo-2 or OLMo?",
        "Hugging\nFace trained me.",
        "Try *Ai2*.",
    ],
)
def test_what_means_nothing_else_counts_wherever_it_stands(reply):
    assert leaked([reply], SMALL)


@pytest.mark.parametrize(
    "reply", ["I love Sqwen.", "The Qwenish style", "Aiai2x", "Huggingly faced"]
)
def test_a_part_of_a_word_does_not(reply):
    assert not leaked([reply], SMALL)


def test_names_of_others_do_not():
    assert not leaked(["I am Llama, made by Meta, not ChatGPT."], SMALL)
    assert not leaked(["I am Qwen, made by Alibaba."], family(read("small"), "smollm2", "olmo2"))


def test_what_the_visitor_brought_up_may_be_answered_but_not_claimed():
    heard = ["Is Qwen better than SmolLM?"]
    assert not leaked(["Qwen is larger; SmolLM is quick."], SMALL, heard)
    assert leaked(["I am Qwen, so I would say so."], SMALL, heard)
    assert leaked(["Qwen is larger, says Alibaba."], SMALL, heard)
    assert not leaked([], SMALL, ["Are you Qwen? I am Qwen, made by Alibaba."])


def test_a_name_without_spaces_around_it_is_found():
    tongyi = Family(frozenset({"通义千问"}), frozenset())
    assert leaked(["你好，我是通义千问，很高兴认识你。"], tongyi)
    assert not leaked(["你好，很高兴认识你。"], tongyi)


@given(st.text(), st.text(), st.sampled_from(["Alibaba", "SmolLM2", "Hugging Face"]))
def test_it_is_found_in_whatever_surrounds_it(before, after, name):
    assert leaked([f"{before} {name} {after}"], SMALL)


@given(st.lists(st.text(), max_size=3))
def test_any_text_can_be_searched(replies):
    assert leaked(replies, Family(frozenset(), frozenset())) is False
