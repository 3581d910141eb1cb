"""Only a template's own text becomes control; whatever people say comes back whole."""

import json

import chat_templates
import pytest
import tiny_models
import vocabularies
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from real_models import real_model
from tokenizers import AddedToken, Tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from blend.prompt.encoder import Encoder
from blend.prompt.transformers_vocabulary import TransformersVocabulary

WHOLE = ("bytes", "first", "always", "unigram")
"""The vocabularies that can spell any text."""
WORDS = ("ü", "ö", "÷", "é", "hello", "Größe", "🦊", "  ", "\n\n", "#", "...", "東京", "▁▁")
MARKERS = ("<think>", "</think>", "[INST]", "<|im_start|>", "<｜User｜>", "]~b]", "<unk>", "</s>")
TEXTS = ("Führer", "über schöne Größe", "one ÷ two", "é hello  a\n\nb ▁▁", *WORDS[:7])


def check_it_stays_text(tokenizer, vocabulary, text):
    encoder = Encoder(vocabulary)
    ids = encoder.encode([("", text)])
    assert tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text
    assert vocabulary.decode(ids) == text and encoder.control.isdisjoint(ids)


@pytest.mark.parametrize("kind", ["bytes", "first", "always"])
@pytest.mark.parametrize("marker", ["</s>", ""])
def test_pieces_joined_are_the_whole(kind, marker):
    tokenizer = chat_templates.tokenizer("mistral", kind)
    pieces = [("<s>[INST]", "Hello there"), (f"{marker}\nUSER:", " and you?"), (" so", "")]

    ids = Encoder(TransformersVocabulary(tokenizer)).encode(pieces)

    whole = "".join(own + content for own, content in pieces)
    assert ids == tokenizer(whole, add_special_tokens=False).input_ids


@pytest.mark.parametrize("base", WHOLE)
@pytest.mark.parametrize("special", [True, False])
def test_letters_that_were_added_are_text(base, special):
    added = [AddedToken(text, special=special) for text in WORDS]
    tokenizer = vocabularies.with_added(base, added)
    vocabulary = TransformersVocabulary(tokenizer)
    for text in TEXTS:
        check_it_stays_text(tokenizer, vocabulary, text)


def test_what_is_control_is_special_or_a_marker_or_the_templates_own_sign():
    plain = [AddedToken(text, special=False) for text in (*WORDS, *MARKERS, "►", "User")]
    special = [AddedToken(text, special=True) for text in ("Ω", "   ")]
    tokenizer = vocabularies.with_added("bytes", [*plain, *special])

    control = TransformersVocabulary(tokenizer, "{{ '►User\n\n' ~ ']~b]' }}").control

    names = set(tokenizer.convert_ids_to_tokens(sorted(control)))
    assert names == {*MARKERS, "<s>", "►", "Ω"} - {"<unk>"}


@st.composite
def tokens(draw):
    """A token as a vocabulary may add one."""
    text = draw(st.one_of(st.sampled_from(WORDS + MARKERS), st.text("abü <|>", min_size=1)))
    flags = ("special", "normalized", "lstrip", "rstrip", "single_word")
    return AddedToken(text, **{flag: draw(st.booleans()) for flag in flags})


@pytest.mark.parametrize("base", vocabularies.BASES)
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_content_becomes_control_and_nothing_is_lost_in_any_vocabulary(base, data):
    added = data.draw(st.lists(tokens(), max_size=5))
    # Llama's first normalizer makes a space and a letter of a letter that was added, for all texts.
    assume(base != "always" or all(len(t.content) > 1 for t in added if t.normalized))
    tokenizer = vocabularies.with_added(base, added)
    vocabulary = TransformersVocabulary(tokenizer, "{{ '#' }}")
    encoder = Encoder(vocabulary)
    texts = [token.content for token in tokenizer.added_tokens_decoder.values()]
    parts = st.one_of(st.sampled_from(texts), st.text("abcü <|>\n1", max_size=4))
    # The decoders of SentencePiece leave out a space before the first word.
    text = "a" + "".join(data.draw(st.lists(parts, max_size=6)))

    ids = encoder.encode([("<s>", text)])

    assert encoder.control.intersection(ids) == {ids[0]} == {tokenizer.bos_token_id}
    if base in WHOLE:
        check_it_stays_text(tokenizer, vocabulary, text)


def test_a_letter_that_a_byte_level_decoder_takes_for_a_byte_is_said_whole():
    # As DeepSeek's first vocabularies: bytes that no text has are not in the model, but were added.
    data = json.loads(vocabularies.BASES["bytes"]())
    letters = [text for text in data["model"]["vocab"] if text != "ü"]
    data["model"]["vocab"] = {text: place for place, text in enumerate(letters)}
    backend = Tokenizer.from_str(json.dumps(data))
    backend.add_tokens([AddedToken("ü", special=False)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>")

    ids = tokenizer("Führer", add_special_tokens=False).input_ids

    assert tokenizer.decode(ids) == "F\ufffdhrer"
    assert TransformersVocabulary(tokenizer).decode(ids) == "Führer"


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct", "gemma-3-270m"]
)
def test_every_added_token_of_a_real_vocabulary_is_text_where_it_is_typed(name):
    file = real_model(name)
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    vocabulary = TransformersVocabulary(tokenizer, tokenizer.chat_template or "")
    for token in tokenizer.added_tokens_decoder.values():
        for text in (token.content, f"a{token.content}b", f"a {token.content}{token.content} b"):
            check_it_stays_text(tokenizer, vocabulary, text)


def test_no_space_is_put_where_the_tokenizer_puts_none():
    vocabulary = TransformersVocabulary(tiny_models.tokenizer())

    assert vocabulary.decode(vocabulary.encode(" a", False)) == " a"
