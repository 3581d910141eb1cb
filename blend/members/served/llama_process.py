"""A llama.cpp process that this program runs: its client, its slots, and its way with prompts."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blend.members import hub_files
from blend.members.served import llama_server
from blend.members.served.llama_client import LlamaClient
from blend.members.served.process import ServerProcess, new_key, on_free_port
from blend.members.served.slots import SlotPool
from blend.members.supervisor import Supervisor
from blend.prompt.chat_template import ChatTemplate
from blend.prompt.encoder import Encoder
from blend.prompt.llama_cpp_vocabulary import LlamaCppVocabulary
from blend.prompt.reasoning import marker_texts
from blend.prompt.template import Template


class LlamaProcess:
    """One llama.cpp process, how it is asked, and what its caches hold.

    url: where its own HTTP interface begins. key: what a request shows it.
    """

    def __init__(self, name: str, slots: int, settings: Mapping[str, object]):
        """Starts it; see `llama_server.main` for the settings. Raises MemberDown."""
        self.key = new_key()

        def start(port: int) -> ServerProcess:
            self.url = f"http://127.0.0.1:{port}"
            argument = json.dumps({**settings, "port": port, "slots": slots})
            command = [sys.executable, "-P", str(Path(llama_server.__file__)), argument]
            environment = {"LLAMA_API_KEY": self.key}
            return ServerProcess(name, command, f"{self.url}/v1", self.key, environment)

        self._process = on_free_port(start)
        self.failure = self._process.failure
        self.client = LlamaClient(name, self.url, self.key, self.failure)
        self.slots = SlotPool(slots)

    def stop(self) -> None:
        """End it; harmless where it has ended. Blocks for seconds at most."""
        self.client.close()
        self._process.stop()


def read_template(
    name: str, path: Path, supervisor: Supervisor[LlamaProcess], chat: str | None, *how: Any
) -> tuple[Template, tuple[str, ...]]:
    """The template of a GGUF file, over the server's own tokenizer, and the special tokens that the
    server must not leave out of what it writes.

    chat: in place of the file's own. how: see `ChatTemplate`. Raises MemberError.
    """
    about = supervisor.service().client.properties()
    special = {key: about[key] for key in ("bos_token", "eos_token")}
    own = about["chat_template"] if hub_files.has_template(path) else None
    layout = ChatTemplate(name, chat or own, special, *how)
    vocabulary = LlamaCppVocabulary(
        lambda text, special: supervisor.service().client.tokenize(text, special), layout.own
    )
    template = Template(name, Encoder(vocabulary), layout, about["n_ctx"])
    return template, marker_texts(vocabulary.markers)
