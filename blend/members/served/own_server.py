"""The server of one remote member: started by this program, kept running, and ended with it."""

import threading
from collections.abc import Callable, Mapping

from blend.members import MemberDown
from blend.members.local import devices
from blend.members.local.memory import DeviceShare
from blend.members.served.process import ServerProcess, on_free_port
from blend.members.served.serve import ServeCommand
from blend.members.supervisor import Supervisor

STARTING = threading.Lock()
"""Servers start one after another: each counts the memory that is free on its GPU."""


def supervise_server(
    name: str,
    serve: ServeCommand,
    values: Mapping[str, object],
    key: str,
    patience: float,
    share: DeviceShare | None,
    opened: Callable[[list[str]], None],
) -> Supervisor[ServerProcess]:
    """Start the server and keep it running. Blocks until it answers, minutes for a large model.

    Each start takes a free port, as another program may have taken the last one meanwhile. values:
    what its command is told beside port, key and share. patience: seconds in which it must answer.
    opened: told the URL, alone in a list, of each server that was started. Raises MemberDown.
    """

    def start(closed: threading.Event) -> ServerProcess:
        def on(port: int) -> ServerProcess:
            every = {**values, "port": port, "key": key, **_fractions(share)}
            command, environment = serve.fill(every)
            url = f"http://127.0.0.1:{port}/v1"
            made = ServerProcess(name, command, url, key, environment, patience, closed)
            opened([url])
            return made

        while not STARTING.acquire(timeout=0.2):
            if closed.is_set():
                raise MemberDown(name, "it was closed")
        try:
            return on_free_port(on)
        finally:
            STARTING.release()

    return Supervisor(name, start)


def _fractions(share: DeviceShare | None) -> dict[str, str]:
    """Its share of its GPU's memory, as vLLM counts it and as SGLang does: of all that there is,
    and of what is free at its start, without what the work on a batch takes."""
    if share is None:
        return {}
    whole = share.total / devices.total_memory(share.device)
    lasting = share.resident / devices.free_memory(share.device)
    return {"share": f"{whole:.3f}", "share_of_free": f"{min(lasting, 0.95):.3f}"}
