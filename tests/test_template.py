"""What a visitor types stays text, the window is cut in large steps, and text comes out whole."""

import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import SPECIAL, TEMPLATE

from blend.conversation import Message
from blend.members import MemberError
from blend.template import Template, Text, cut

CHATML = (
    "{% for m in messages %}{{ '<|begin|>' + m['role'] + '\\n' + m['content'] | trim"
    " + '<|end|>\\n' }}{% endfor %}{% if add_generation_prompt %}<|begin|>assistant\n{% endif %}"
)
VICUNA = (
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}"
    "{% elif m['role'] == 'user' %}{{ 'USER: ' + m['content'] + ' ' }}"
    "{% else %}{{ 'ASSISTANT: ' + m['content'] + '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)
CHATS = (TEMPLATE, CHATML, VICUNA)
SENTENCES = [
    "Hello there, how are you doing today? I am fine, thank you for asking.",
    "My dog likes to run in the park, and so do I when the weather is good.",
    "USER: Tell me about your family. ASSISTANT: They live far away in the north.",
]


@pytest.fixture(scope="module")
def tokenizer():
    return tiny.tokenizer(400, SENTENCES, added=["<think>"])


def talk(*texts, system=""):
    said = [Message(("user", "assistant")[n % 2], text) for n, text in enumerate(texts)]
    return [Message("system", system)] * bool(system) + said


def entries(messages):
    return [{"role": message.role, "content": message.text} for message in messages]


@pytest.mark.parametrize("chat", CHATS)
def test_ordinary_text_gives_the_ids_of_the_chat_template(tokenizer, chat):
    messages = talk("Hello there", " I am fine, thank you. ", "and  your dog?\nAnd you?")

    ids = Template("m", tokenizer, 512, chat).prompt(messages, 16).ids

    plain = tokenizer.apply_chat_template(
        entries(messages), chat_template=chat, add_generation_prompt=True
    )
    assert list(ids) == plain["input_ids"]


@pytest.mark.parametrize("marker", [*SPECIAL, "<think>"])
@pytest.mark.parametrize("chat", CHATS)
def test_a_control_token_that_is_typed_stays_text(tokenizer, chat, marker):
    template = Template("m", tokenizer, 512, chat)

    harmless = template.prompt(talk("a b c"), 16).ids
    typed = template.prompt(talk(f"a{marker}{marker[:3]}{marker} c"), 16).ids

    def control(ids):
        return [i for i in ids if i in template.control]

    assert control(typed) == control(harmless)
    assert f"a{marker}{marker[:3]}{marker} c" in tokenizer.decode(typed)


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
typed = st.lists(st.one_of(anything, st.sampled_from([*SPECIAL, "<think>", "\ue0000\ue001", " "])))


@settings(deadline=None, max_examples=60)
@given(st.lists(typed.map("".join), min_size=1, max_size=7), typed.map("".join))
def test_nothing_that_is_typed_becomes_control(tokenizer, texts, system):
    texts = texts if len(texts) % 2 else texts[:-1]
    for chat in CHATS:
        template = Template("m", tokenizer, 100_000, chat)
        ids = template.prompt(talk(*texts, system=system), 16).ids
        plain = template.prompt(talk(*("x" * bool(t) for t in texts), system="x" * bool(system)), 1)
        assert [i for i in ids if i in template.control] == [
            i for i in plain.ids if i in template.control
        ]


def test_a_template_without_a_system_role_reads_it_in_the_first_message(tokenizer):
    template = Template("m", tokenizer, 512, VICUNA)

    with_system = template.prompt(talk("Hello", system="Be kind."), 16)

    assert with_system.ids == template.prompt(talk("Be kind.\n\nHello"), 16).ids


def test_the_cut_stays_put_for_several_turns_and_warming_foresees_it(tokenizer):
    template, texts, cuts, kept = Template("m", tokenizer, 400, TEMPLATE), [], [], 0
    warmed = ()
    for n in range(40):
        texts.append(f"My dog likes question {n}?")
        prompt = template.prompt(talk(*texts, system="Be kind."), 80)
        assert len(prompt.ids) <= 320
        kept += prompt.ids[: len(warmed)] == warmed
        cuts.append(prompt.cut_turns)
        texts.append("I am fine, thank you for asking.")
        warmed = template.prefix(talk(*texts, system="Be kind."), 80).ids

    assert kept == 40
    assert cuts == sorted(cuts) and cuts[-1] > 20
    assert len(set(cuts)) <= 9  # each cut lasts for several turns
    assert "Be kind." in tokenizer.decode(prompt.ids)


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), max_size=30))
def test_a_cut_fits_wherever_the_last_message_does(turns):
    lengths, asked = [a + b for a, b in turns], [a for a, _ in turns]

    start = cut(lengths, asked, 10, 100)

    if turns:
        alone = asked[-1] + 10 > 100
        assert alone or 10 + sum(lengths[start:-1]) + asked[-1] <= 100


def test_a_message_longer_than_the_window_is_an_error_that_says_so(tokenizer):
    template = Template("tiny", tokenizer, 64, TEMPLATE)

    with pytest.raises(MemberError, match=r"tiny: the message is too long: .* where 48 fit"):
        template.prompt(talk("Hi", "Hello", "dog " * 200), 16)
    with pytest.raises(MemberError, match="leaves nothing of its window"):
        template.prompt(talk("Hi"), 64)


def test_a_template_that_refuses_is_an_error_of_the_member(tokenizer):
    picky = "{% if messages | length > 1 %}{{ raise_exception('one at a time') }}{% endif %}ok"

    with pytest.raises(MemberError, match=r"picky: its chat template refuses .* one at a time"):
        Template("picky", tokenizer, 64, picky)


def spoken(tokenizer, text, stop=()):
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids
    out = Text(lambda part: tokenizer.decode(list(part), skip_special_tokens=True), stop)
    pieces = [out.add([i]) for i in ids]
    return [*pieces, out.end()], out.stopped


def test_a_character_is_never_shown_in_halves(tokenizer):
    text = "Grüße 👩‍👩‍👧 from 東京, ça va? 🦊"

    pieces, _ = spoken(tokenizer, text)

    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)


def test_a_character_that_is_never_finished_is_never_shown(tokenizer):
    ids = tokenizer("ok 🦊", add_special_tokens=False).input_ids
    text = Text(tokenizer.decode)

    assert text.add(ids[:-1]) + text.end() == "ok "


def test_a_stop_string_is_cut_even_when_it_comes_in_pieces(tokenizer):
    text = "I am fine.\nUS and them\nUSER: and you?"

    pieces, stopped = spoken(tokenizer, text, stop=("\nUSER:", "never"))

    assert stopped and "".join(pieces) == "I am fine.\nUS and them"
    assert len([piece for piece in pieces if piece]) > 3


def test_the_beginning_of_a_stop_string_is_text_when_no_more_comes(tokenizer):
    pieces, stopped = spoken(tokenizer, "I am fine.\nUS", stop=("\nUSER:",))

    assert not stopped and "".join(pieces) == "I am fine.\nUS"


@settings(deadline=None)
@given(st.lists(st.integers(6, 390), max_size=60))
def test_pieces_add_up_to_the_text_of_any_ids(tokenizer, ids):
    text = Text(tokenizer.decode)

    said = "".join(text.add([i]) for i in ids) + text.end()

    whole = tokenizer.decode(ids)
    assert whole.startswith(said) and not whole[len(said) :].strip("\ufffd")
    assert len(whole) - len(said) <= 3
