"""Text comes out whole: no halves of characters, no stop string, however its tokens fall."""

import chats
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from blend.text import Text
from blend.transformers_template import TransformersTemplate


@pytest.fixture(scope="module")
def tokenizer():
    return tiny.tokenizer(400)


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


def test_white_space_before_the_first_word_is_neither_shown_nor_a_reason_to_stop(tokenizer):
    pieces, stopped = spoken(tokenizer, " \n Hello  there\nUser: no", stop=("\n",))

    assert "".join(pieces) == "Hello  there" and stopped


@pytest.mark.parametrize("family", ["pygmalion", "chai", "vicuna"])
@pytest.mark.parametrize("kind", ["bytes", "first", "always"])
def test_the_stop_strings_of_a_shipped_template_end_a_reply(family, kind):
    tokenizer = chats.tokenizer(family, kind)
    template = TransformersTemplate("m", tokenizer, 512, chats.FAMILIES[family])
    said = "I am fine, \u00e7a va \U0001f98a?"

    for stop in template.stop:
        pieces, stopped = spoken(tokenizer, f" {said}{stop} and on", stop=template.stop)
        assert stopped and "".join(pieces) == said
        assert not any("\ufffd" in piece for piece in pieces)


@settings(deadline=None)
@given(st.lists(st.integers(6, 390), max_size=60))
def test_pieces_add_up_to_the_text_of_any_ids(tokenizer, ids):
    text = Text(tokenizer.decode)

    said = "".join(text.add([i]) for i in ids) + text.end()

    whole = tokenizer.decode(ids).lstrip()
    assert whole.startswith(said) and not whole[len(said) :].strip("\ufffd")
    assert len(whole) - len(said) <= 3


@settings(deadline=None)
@given(st.lists(st.integers(0, 255), max_size=120))
def test_bytes_that_are_no_text_come_out_as_they_would_at_once(tokenizer, values):
    bytes_ = [i for i in range(400) if tokenizer.decode([i]) == "\ufffd"]
    ids = [bytes_[value % len(bytes_)] for value in values]
    text = Text(tokenizer.decode)

    said = "".join(text.add([i]) for i in ids) + text.end()

    whole = tokenizer.decode(ids).lstrip()
    assert whole.startswith(said) and set(whole[len(said) :]) <= {"\ufffd"}
    assert len(whole) - len(said) <= 3


THOUGHT = "<think>One.\n\nTwo.</think>\n\n"


def test_a_stop_string_ends_the_reply_and_no_thought(tokenizer):
    pieces, stopped = spoken(tokenizer, f"{THOUGHT}Hello.\nYou: no", stop=("\n",))
    alone, thinks = spoken(tokenizer, THOUGHT[:-5], stop=("\n",))

    assert "".join(pieces) == f"{THOUGHT}Hello." and stopped
    assert "".join(alone) == THOUGHT[:-5] and not thinks


@pytest.mark.parametrize("opening", ["<|bot|><think>\n", "<|bot|>", "<think></think>"])
def test_a_block_that_the_template_opens_is_opened_in_the_text(opening):
    opens = opening.endswith("<think>\n")
    text = Text("".join, ["\n"], opening=opening)
    goes_on = Text("".join, ["\n"], ["Hm"], opening=opening)

    assert text.add([" "]) == "" and text.add([" Hm.\n", "So."]) == "<think>Hm.\nSo." * opens + (
        "Hm." * (not opens)
    )
    assert goes_on.add(["m."]) == "m."
