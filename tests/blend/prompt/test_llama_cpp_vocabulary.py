"""llama.cpp's ids of a prompt: what a visitor types never becomes control and comes back whole."""

from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path

import chat_templates
import llama_tokenizers
import pytest
from chat_template_kinds import KINDS
from chat_templates import PERSONA, TALKS, check_nothing_is_lost, plain_ids, talk
from hypothesis import given, settings
from hypothesis import strategies as st
from real_models import real_model
from transformers import AutoTokenizer

from blend.prompt.chat_template import ChatTemplate
from blend.prompt.encoder import Encoder
from blend.prompt.llama_cpp_vocabulary import LlamaCppVocabulary
from blend.prompt.template import Template
from blend.prompt.transformers_template import TransformersTemplate
from blend.prompt.transformers_vocabulary import TransformersVocabulary
from blend.prompt.turns import fold_system
from blend.roster import read

SPACED = ("phi 3", "deepseek r1", "minimax", "zephyr", "llama 2", "vicuna 1", "mistral 7")
"""Kinds that are also read with a vocabulary that begins words with a space."""
PAIRS = [*((name, "words") for name in KINDS), *((name, "always") for name in SPACED)]
TYPED = [("deepseek r1", "words"), ("minimax", "words"), ("vicuna 1", "words")]
TYPED += [(name, "always") for name in SPACED[:4]]
EMBEDDED = [Path(spec.path) for spec in read("embedded").members]
REAL = ("smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct", "gemma-3-270m")


class Writer:
    """A chat template over a llama.cpp server. control: of the same tokenizer in transformers."""

    def __init__(self, server, tokenizer, chat, tokens, variables=()):
        self.server = server
        self.control = TransformersVocabulary(tokenizer, chat).control
        self.layout = ChatTemplate("m", chat, tokens, dict(variables), own_system=True)
        self.vocabulary = LlamaCppVocabulary(server.tokenize, self.layout.own)
        self.template = Template("m", Encoder(self.vocabulary), self.layout, 100_000)

    def prompt(self, messages):
        return list(self.template.prompt(messages, 16).ids)

    def check_it_stays_text(self, text):
        ids = self.vocabulary.encode(text, True)
        assert self.control.isdisjoint(ids)
        assert self.server.spelt(ids) in (text, f" {text}")

    def check_added_tokens_stay_text(self, tokenizer):
        for token in [t.content for t in tokenizer.added_tokens_decoder.values()]:
            for text in (token, f"a{token}b", f"a {token}{token} b"):
                self.check_it_stays_text(text)


@contextmanager
def written(name, scheme, folder):
    """The template of one of KINDS over llama.cpp, with the same vocabulary as chats.vocabulary."""
    kind, tokenizer = KINDS[name], chat_templates.vocabulary(name, scheme)
    file = folder / f"{name} {scheme}.gguf"
    llama_tokenizers.write(tokenizer, file, "dbrx")
    with llama_tokenizers.server(file) as server:
        yield Writer(server, tokenizer, kind.chat, tokenizer.special_tokens_map, kind.variables)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_the_ids_are_those_of_transformers_and_of_llama_cpp_for_the_whole_text(pair, tmp_path):
    kind, tokenizer = KINDS[pair[0]], chat_templates.vocabulary(*pair)
    strips = not kind.strip or pair[1] == "always"  # what llama.cpp knows by other means
    with written(*pair, tmp_path) as writer:
        for texts, system in product(TALKS, ("", PERSONA)):
            messages = talk(*texts, system=system)
            ids = writer.prompt(messages)
            whole = "".join(own + content for own, content in writer.layout.pieces(messages, True))
            assert ids == [i for i, _ in writer.server.tokenize(whole, True)]
            heard = messages if writer.layout._takes_system else fold_system(messages)
            assert not strips or ids == plain_ids(tokenizer, kind.chat, heard, kind.variables)
            ahead = writer.template.prefix(messages[:-1], 16).ids
            assert tuple(ids[: len(ahead)]) == ahead and len(ahead) > len(ids) // 3


@pytest.fixture(scope="module")
def writers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vocabularies")
    with ExitStack() as stack:
        yield {pair: stack.enter_context(written(*pair, folder)) for pair in TYPED}


@pytest.mark.parametrize("pair", TYPED, ids="-".join)
def test_only_what_the_template_writes_as_a_marker_is_control_and_what_is_typed_is_text(
    writers, pair
):
    kind, writer = KINDS[pair[0]], writers[pair]
    own = "".join(writer.layout.own)
    added = {"<s>", "</s>", *kind.special, *kind.plain, *kind.strip}
    names = {writer.server.has_reply[i].decode() for i in writer.vocabulary.control}
    assert names == {name for name in added if name in own}
    writer.check_added_tokens_stay_text(chat_templates.vocabulary(*pair))


# A vocabulary may lack the bytes of control characters and of what has no meaning yet.
anything = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=30)
markers = {token for name, _ in TYPED for token in (*KINDS[name].special, *KINDS[name].plain)}
tricks = [
    *sorted(markers),
    *chat_templates.TYPED,
    "\u2581",
    "\ue010",
    "\ue0000\ue001",
    " ",
    "\n",
    "USER:",
]
typed = st.lists(st.one_of(anything, st.sampled_from(tricks)), max_size=6).map("".join)


@settings(deadline=None, max_examples=60)
@given(st.lists(typed, min_size=1, max_size=3), typed)
def test_nothing_that_is_typed_becomes_control_and_nothing_is_lost(writers, texts, system):
    plain = talk(*("x" * bool(t.strip()) for t in texts), system="x" * bool(system.strip()))
    for writer in writers.values():
        messages, control = talk(*texts, system=system), writer.control
        ids = writer.prompt(messages)
        assert [i for i in ids if i in control] == [i for i in writer.prompt(plain) if i in control]
        check_nothing_is_lost(messages, writer.server.spelt(ids))


@pytest.mark.parametrize("file", EMBEDDED, ids=lambda file: file.name)
def test_the_models_that_ship_read_the_same_ids_on_both_engines(file):
    tokenizer = AutoTokenizer.from_pretrained(file.parent)
    other = TransformersTemplate("m", tokenizer, 100_000, own_system=True)
    with llama_tokenizers.server(file) as server:
        tokens = {key: server.props[key] for key in ("bos_token", "eos_token")}
        writer = Writer(server, tokenizer, server.props["chat_template"], tokens)
        for texts, system in product(TALKS, ("", PERSONA)):
            messages = talk(*texts, system=system)
            assert writer.template.prompt(messages, 16) == other.prompt(messages, 16)
            assert writer.template.prefix(messages[:-1], 16) == other.prefix(messages[:-1], 16)


@pytest.fixture(scope="module", params=REAL)
def real(request):
    """A real model on llama.cpp, and its tokenizer as transformers reads it from the file."""
    from tokenizers import pre_tokenizers

    file = real_model(request.param)
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    backend = tokenizer.backend_tokenizer
    if file.name.startswith("smollm2"):  # which reads digits one by one; transformers drops that
        digits = pre_tokenizers.Digits(individual_digits=True)
        backend.pre_tokenizer = pre_tokenizers.Sequence([digits, backend.pre_tokenizer])
    with llama_tokenizers.server(file) as server:
        chat = server.props["chat_template"]
        tokens = {key: server.props[key] for key in ("bos_token", "eos_token")}
        yield Writer(server, tokenizer, chat, tokens), tokenizer


@pytest.mark.real
def test_a_real_model_reads_the_ids_of_its_chat_template_and_typed_tokens_are_text(real):
    writer, tokenizer = real
    code = "def f(x):\n    return x  # ok\n\n\n"
    more = (" Yes.\n\n1. a\n2. b ", "And “you” 🦊?", code, "a < b, it's 2024-05-06!")

    for texts, system in product((*TALKS, (*TALKS[0], *more)), ("", PERSONA)):
        messages = talk(*texts, system=system)
        assert writer.prompt(messages) == plain_ids(tokenizer, writer.layout.chat, messages)
    writer.check_added_tokens_stay_text(tokenizer)


@pytest.mark.real
@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_whatever_is_typed_to_a_real_model_stays_text(real, data):
    writer, tokenizer = real
    added = [token.content for token in tokenizer.added_tokens_decoder.values()]
    parts = st.one_of(anything, st.sampled_from([*added, *tricks]))
    writer.check_it_stays_text("a" + "".join(data.draw(st.lists(parts, max_size=6))))
