"""The server of one remote member: started by this program, kept running, and ended with it."""

import threading
from collections.abc import Callable

from blend.members import MemberDown, devices
from blend.members.keeper import Keeper
from blend.members.memory import Share
from blend.members.served.process import ServerProcess, free_port
from blend.members.served.serve import Serve

STARTING = threading.Lock()
"""Servers start one after another: each counts the memory that is free on its GPU."""


class OwnServer:
    """A server under a Keeper. Each start takes a free port, as another program may have taken the
    last one meanwhile."""

    def __init__(
        self,
        name: str,
        serve: Serve,
        values: dict[str, object],
        key: str,
        patience: float,
        share: Share | None,
        moved: Callable[[str], None],
    ):
        """Starts it. Blocks until it answers, minutes for a large model. Raises MemberDown.

        values: what its command is told beside port, key and share. patience: seconds in which it
        must answer. moved: told the URL of each server that was started.
        """
        self._name, self._serve, self._values, self._key = name, serve, values, key
        self._patience, self._share, self._moved = patience, share, moved
        self._closed = threading.Event()
        self._keeper = Keeper(name, self._start)

    @property
    def down(self) -> str | None:
        """Why it does not run just now, or None."""
        return self._keeper.down

    def well(self) -> None:
        """It gave a whole reply."""
        self._keeper.well()

    def close(self) -> None:
        """End it for good. Blocks for seconds at most."""
        self._closed.set()
        self._keeper.close()

    def _start(self) -> ServerProcess:
        while not STARTING.acquire(timeout=0.2):
            if self._closed.is_set():
                raise MemberDown(self._name, "it was closed")
        try:
            port = free_port()
            url = f"http://127.0.0.1:{port}/v1"
            values = {**self._values, "port": port, "key": self._key, **self._fractions()}
            command, environment = self._serve.filled(values)
            process = ServerProcess(
                self._name, command, url, self._key, environment, self._patience, self._closed
            )
        finally:
            STARTING.release()
        self._moved(url)
        return process

    def _fractions(self) -> dict[str, str]:
        """Its share of its GPU's memory, as vLLM counts it and as SGLang does: of all that there
        is, and of what is free at its start, without what the work on a batch takes."""
        if self._share is None:
            return {}
        whole = self._share.whole / devices.total(self._share.device)
        lasting = self._share.lasting / devices.free(self._share.device)
        return {"share": f"{whole:.3f}", "share_of_free": f"{min(lasting, 0.95):.3f}"}
