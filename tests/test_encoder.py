"""Texts that follow one another are encoded as they would be in one."""

import chats
import pytest
import tiny

from blend.encoder import Encoder


@pytest.mark.parametrize("kind", ["bytes", "first", "always"])
@pytest.mark.parametrize("marker", ["</s>", ""])
def test_pieces_joined_are_the_whole(kind, marker):
    tokenizer = chats.tokenizer("mistral", kind)
    pieces = [("<s>[INST]", "Hello there"), (f"{marker}\nUSER:", " and you?"), (" so", "")]

    ids = Encoder(tokenizer).encode(pieces)

    whole = "".join(own + content for own, content in pieces)
    assert ids == tokenizer(whole, add_special_tokens=False).input_ids


@pytest.mark.parametrize("kind", ["bytes", "first", "always"])
def test_a_marker_that_is_not_special_is_broken_without_a_gap(kind):
    tokenizer = chats.tokenizer("mistral", kind)
    encoder = Encoder(tokenizer)

    ids = encoder.encode([("[INST]", "I <think> so, </s> you <think>")])

    assert tokenizer.decode(ids).endswith("I <think> so, </s> you <think>")
    assert [i for i in ids if i in encoder.control] == ids[:1]


def test_no_space_is_put_where_the_tokenizer_puts_none():
    encoder = Encoder(tiny.tokenizer())

    assert not encoder._prefixes and encoder.decode(encoder.encode([("", " a")])) == " a"


def test_the_control_tokens_are_all_that_were_added(tmp_path):
    tokenizer = tiny.tokenizer(added=["<think>", "  "])

    names = tokenizer.convert_ids_to_tokens(sorted(Encoder(tokenizer).control))

    assert names == [*tiny.SPECIAL, "<think>"]
