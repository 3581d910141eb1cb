"""Text comes out whole: no halves of characters, no stop string, however its tokens fall."""

import chat_templates
import pytest
import tiny_models
from hypothesis import given, settings
from hypothesis import strategies as st

from blend.prompt.detokenizer import StreamDetokenizer
from blend.prompt.transformers_template import TransformersTemplate

THOUGHT = "<think>One.\n\nTwo.</think>\n\n"


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_models.tokenizer(400)


def spoken(tokenizer, text, stop=()):
    """The pieces that come of a text's tokens, and whether a stop string ended them."""
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids
    out = StreamDetokenizer(
        lambda part: tokenizer.decode(list(part), skip_special_tokens=True), stop
    )
    pieces = [out.add([i]) for i in ids]
    return [*pieces, out.end()], out.stopped


def test_a_character_is_never_shown_in_halves_and_never_unfinished(tokenizer):
    text = "Grüße 👩‍👩‍👧 from 東京, ça va? 🦊"

    pieces, _ = spoken(tokenizer, text)

    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)
    ids = tokenizer("ok 🦊", add_special_tokens=False).input_ids
    cut = StreamDetokenizer(tokenizer.decode)
    assert cut.add(ids[:-1]) + cut.end() == "ok "


@pytest.mark.parametrize(
    ("text", "stop", "said", "stops"),
    [
        ("I am fine.\nUS and them\nUSER: and you?", "\nUSER:", "I am fine.\nUS and them", True),
        ("I am fine.\nUS", "\nUSER:", "I am fine.\nUS", False),
        # White space before the first word is neither shown nor a reason to stop.
        (" \n Hello  there\nUser: no", "\n", "Hello  there", True),
        # A stop string ends the reply and no thought.
        (f"{THOUGHT}Hello.\nYou: no", "\n", f"{THOUGHT}Hello.", True),
        (THOUGHT[:-5], "\n", THOUGHT[:-5], False),
    ],
)
def test_a_stop_string_is_cut_however_its_tokens_fall(tokenizer, text, stop, said, stops):
    pieces, stopped = spoken(tokenizer, text, stop=(stop, "never"))

    assert ("".join(pieces), stopped) == (said, stops)
    assert len([piece for piece in pieces if piece]) > 2


@pytest.mark.parametrize("family", ["pygmalion", "chai", "vicuna"])
@pytest.mark.parametrize("kind", ["bytes", "first", "always"])
def test_the_stop_strings_of_a_shipped_template_end_a_reply(family, kind):
    tokenizer = chat_templates.tokenizer(family, kind)
    template = TransformersTemplate("m", tokenizer, 512, chat_templates.FAMILIES[family])
    said = "I am fine, \u00e7a va \U0001f98a?"

    for stop in template.stop:
        pieces, stopped = spoken(tokenizer, f" {said}{stop} and on", stop=template.stop)
        assert stopped and "".join(pieces) == said
        assert not any("\ufffd" in piece for piece in pieces)


@settings(deadline=None)
@given(st.booleans(), st.lists(st.integers(0, 390), max_size=120))
def test_pieces_add_up_to_the_text_of_any_ids_and_of_bytes_that_are_no_text(tokenizer, odd, values):
    bytes_ = [i for i in range(400) if tokenizer.decode([i]) == "\ufffd"]
    ids = [bytes_[n % len(bytes_)] for n in values] if odd else [max(6, n) for n in values]
    text = StreamDetokenizer(tokenizer.decode)

    said = "".join(text.add([i]) for i in ids) + text.end()

    whole = tokenizer.decode(ids).lstrip()
    assert whole.startswith(said) and set(whole[len(said) :]) <= {"\ufffd"}
    assert len(whole) - len(said) <= 3


@pytest.mark.parametrize("opening", ["<|bot|><think>\n", "<|bot|>", "<think></think>"])
def test_a_block_that_the_template_opens_is_opened_in_the_text(opening):
    opens = opening.endswith("<think>\n")
    text = StreamDetokenizer("".join, ["\n"], opening=opening)
    goes_on = StreamDetokenizer("".join, ["\n"], ["Hm"], opening=opening)

    assert text.add([" "]) == "" and text.add([" Hm.\n", "So."]) == "<think>Hm.\nSo." * opens + (
        "Hm." * (not opens)
    )
    assert goes_on.add(["m."]) == "m."
