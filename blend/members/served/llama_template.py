"""The way to write a conversation for a llama.cpp server, by the server's own tokenizer."""

from pathlib import Path
from typing import Any

from blend.encoder import Encoder
from blend.layout import Layout
from blend.llama_cpp_vocabulary import LlamaCppVocabulary
from blend.members import hub_files
from blend.members.keeper import Keeper
from blend.members.reasoning import known
from blend.members.served.llama_process import LlamaProcess
from blend.template import Template


def read(
    name: str, path: Path, keeper: Keeper[LlamaProcess], chat: str | None, *how: Any
) -> tuple[Template, tuple[str, ...]]:
    """The template, and the special tokens that the server must not leave out of what it writes.

    chat: in place of the file's own. how: see Layout. Raises MemberError.
    """
    about = keeper.service().client.properties()
    special = {key: about[key] for key in ("bos_token", "eos_token")}
    own = about["chat_template"] if hub_files.has_template(path) else None
    layout = Layout(name, chat or own, special, *how)
    vocabulary = LlamaCppVocabulary(
        lambda text, special: keeper.service().client.tokenize(text, special), layout.own
    )
    writer = Template(name, Encoder(vocabulary), layout, about["n_ctx"])
    return writer, known(vocabulary.markers)
