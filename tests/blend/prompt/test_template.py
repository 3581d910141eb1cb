"""What a visitor types stays text, whatever the template, and the window is cut in large steps."""

from itertools import product

import chat_templates
import pytest
import tiny_models
from chat_templates import WIDE, check_nothing_is_lost, plain_ids, spelt, talk
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blend.members import MemberError, TooLong
from blend.members.local.checkpoint import Checkpoint
from blend.message import Message
from blend.prompt.transformers_template import TransformersTemplate
from blend.prompt.turns import truncate_turns
from blend.roster import read

EMBEDDED = {spec.name: spec.path for spec in read("embedded").members}
WRITERS = [
    (family, kind) for family in chat_templates.FAMILIES for kind in ("bytes", "first", "always")
]
WRITERS += [(name, "embedded") for name in EMBEDDED]


def written(family, kind, window=WIDE):
    """The template and tokenizer of one pair of WRITERS."""
    if kind == "embedded":
        return TransformersTemplate("m", Checkpoint.locate(EMBEDDED[family]).tokenizer(), window)
    tokenizer, chat = chat_templates.tokenizer(family, kind), chat_templates.FAMILIES[family]
    return TransformersTemplate("m", tokenizer, window, chat, own_system=True)


@pytest.fixture(scope="module")
def writers():
    return {pair: written(*pair) for pair in WRITERS}


def control(template, ids):
    return [i for i in ids if i in template.control]


@pytest.mark.parametrize("pair", WRITERS, ids="-".join)
def test_ordinary_text_gives_the_ids_of_the_chat_template(writers, pair):
    messages = talk("Hello there", " I am fine, thank you. ", "and  your dog?\nAnd you?")
    template = writers[pair]
    plain = plain_ids(template.tokenizer, template.chat, messages)
    assert list(template.prompt(messages, 16).ids) == plain


# A tokenizer of the spaced kind spells its own sign for a space like one.
anything = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\u2581"), max_size=30
)
tricks = [
    *chat_templates.TYPED,
    "\ue0000\ue001",
    "\ue002",
    " ",
    "\n",
    "USER:",
    "\nYou:",
    "{{ stop }}",
]
typed = st.lists(st.one_of(anything, st.sampled_from(tricks)), max_size=6).map("".join)


@settings(deadline=None, max_examples=100)
@given(st.lists(typed, min_size=1, max_size=7), typed)
@example(["".join(f"a{marker}{marker[:3]}{marker} c" for marker in chat_templates.TYPED)], "")
def test_nothing_that_is_typed_becomes_control_and_nothing_is_lost(writers, texts, system):
    texts = texts if len(texts) % 2 else texts[:-1]
    # A persona of white space is none.
    plain = talk(*("x" * bool(t) for t in texts), system="x" * bool(system.strip()))
    for template in writers.values():
        messages = talk(*texts, system=system)
        ids = template.prompt(messages, 16).ids
        assert control(template, ids) == control(template, template.prompt(plain, 16).ids)
        check_nothing_is_lost(messages, spelt(template, ids))


@pytest.mark.parametrize("pair", WRITERS, ids="-".join)
def test_the_cut_stays_put_for_several_turns_and_warming_foresees_it(writers, pair):
    unit = writers[pair].prompt(talk(*["My dog likes question 1?"] * 3), 16).ids
    one = writers[pair].prompt(talk("My dog likes question 1?"), 16).ids
    unit = (len(unit) - len(one)) // 2 + 1
    template = written(*pair, 12 * unit + 80)
    cuts, kept, texts, warmed = [], 0, [], ()

    for n in range(24):
        texts.append(f"My dog likes question {n}?")
        prompt = template.prompt(talk(*texts, system="Be kind."), 80)
        assert len(prompt.ids) <= 12 * unit
        kept += prompt.ids[: len(warmed)] == warmed
        cuts.append(prompt.cut_turns)
        texts.append("My dog likes question 1?")
        warmed = template.prefix(talk(*texts, system="Be kind."), 80).ids

    assert kept == 24
    assert cuts == sorted(cuts) and cuts[-1] > 12
    assert len(set(cuts)) <= 12  # each cut lasts for several turns
    assert "Be kind." in spelt(template, prompt.ids)


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), max_size=30))
def test_a_cut_fits_wherever_the_last_message_does(turns):
    lengths, asked = [a + b for a, b in turns], [a for a, _ in turns]

    start = truncate_turns(lengths, asked, 10, 100)

    if turns:
        alone = asked[-1] + 10 > 100
        assert alone or 10 + sum(lengths[start:-1]) + asked[-1] <= 100


def test_a_message_longer_than_the_window_is_an_error_that_says_so():
    template = TransformersTemplate("tiny", tiny_models.tokenizer(400), 64)

    with pytest.raises(MemberError, match=r"tiny: the message is too long: .* where 48 fit"):
        template.prompt(talk("Hi", "Hello", "dog " * 200), 16)
    with pytest.raises(MemberError, match="leaves nothing of its window"):
        template.prompt(talk("Hi"), 64)
    assert template.measure(talk("dog " * 1_000_000), 16, 16).tokens > 1_000_000


@pytest.mark.parametrize("pair", WRITERS, ids="-".join)
def test_what_is_measured_is_what_fits(pair):
    window, reserve = 260, 60
    template = written(*pair, window)
    for system, words in product(("", "Be kind."), range(0, 200, 14)):
        messages = talk("Hi", "Hello", "dog " * words + "end", system=system)
        length = template.measure(messages, 5_000, reserve)
        assert length.system == bool(system)
        if length.tokens <= length.room:
            prompt, most = template.bounded(messages, 5_000, reserve)
            assert reserve <= most == window - len(prompt.ids)
        else:
            with pytest.raises(TooLong):
                template.bounded(messages, 5_000, reserve)


@pytest.mark.parametrize("pair", WRITERS, ids="-".join)
def test_a_reply_that_was_begun_is_gone_on_with(writers, pair):
    template = writers[pair]
    messages = talk("Hello there", "I like", "Why?", "Because the dog", system="Be kind.")
    prompt, anew = (template.prompt(m, 16) for m in (messages, messages[:-1]))

    begun = spelt(template, prompt.ids)
    assert begun.startswith(spelt(template, anew.ids).rstrip())
    assert begun.endswith("Because the dog")
    assert (prompt.beginning, anew.beginning) == (prompt.ids[-8:], ())
    for text, kept in (("Because.\n\n", "Because.\n\n"), ("Because ", "Because")):
        ended = template.prompt([*messages[:-1], Message("assistant", text)], 16)
        assert spelt(template, ended.ids).endswith(kept)
    white = [*messages[:-1], Message("assistant", " \n")]  # begins no reply
    assert template.prompt(white, 16).ids == anew.ids


@pytest.mark.parametrize("pair", WRITERS, ids="-".join)
def test_a_system_message_alone_is_answered(writers, pair):
    alone = [Message("system", "Tell me of your dog.")]
    assert "Tell me of your dog." in spelt(writers[pair], writers[pair].prompt(alone, 16).ids)
    assert writers[pair].measure(alone, 16, 16).tokens > 3
    begun = [*alone, Message("assistant", "My dog")]
    said = spelt(writers[pair], writers[pair].prompt(begun, 16).ids)
    assert "Tell me of your dog." in said and said.endswith("My dog")
