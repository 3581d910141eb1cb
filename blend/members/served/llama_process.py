"""A llama.cpp process that this program runs: its client, and its slots."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from blend.members.served import llama_server
from blend.members.served.llama_client import LlamaClient
from blend.members.served.process import ServerProcess, free_port, new_key
from blend.members.served.slots import Slots


class LlamaProcess:
    """One llama.cpp process, how it is asked, and what its caches hold.

    url: where its own HTTP interface begins. key: what a request shows it.
    """

    def __init__(self, name: str, slots: int, settings: Mapping[str, object]):
        """Starts it; see `llama_server.main` for the settings. Raises MemberDown."""
        port, self.key = free_port(), new_key()
        self.url = f"http://127.0.0.1:{port}"
        argument = json.dumps({**settings, "port": port, "slots": slots})
        command = [sys.executable, "-P", str(Path(llama_server.__file__)), argument]
        environment = {"LLAMA_API_KEY": self.key}
        self._process = ServerProcess(name, command, f"{self.url}/v1", self.key, environment)
        self.client = LlamaClient(name, self.url, self.key, self.ailing)
        self.slots = Slots(slots)

    def ailing(self) -> str | None:
        return self._process.ailing()

    def stop(self) -> None:
        self.client.close()
        self._process.stop()
