"""Servers of a test in processes of their own: started, found by a mark, and waited for."""

import sys

import psutil
import pytest

from blend.members import MemberDown
from blend.members.served.process import ServerProcess, free_port, new_key

SERVER = """
import socket, sys, time
port, key = sys.argv[1:3]
with socket.create_server(("127.0.0.1", int(port))) as server:
    while True:
        one, _ = server.accept()
        said = "200 OK" if f"Bearer {key}" in one.recv(9999).decode() else "401 No"
        one.sendall(f"HTTP/1.1 {said}\\r\\ncontent-length: 0\\r\\n\\r\\n".encode())
        one.close()
"""
KEYLESS = SERVER.replace('f"Bearer {key}" in', "b'' == b'' or")


class Starter:
    """Starts servers of a test. mark: stands in the command of each, so that none is missed."""

    def __init__(self, mark: str):
        self.mark, self.made = mark, []

    def __call__(self, code=SERVER, port=None, **options) -> ServerProcess:
        port, key = port or free_port(), new_key()
        command = [sys.executable, "-ISc", code, str(port), key, self.mark]
        url = f"http://127.0.0.1:{port}/v1"
        self.made.append(ServerProcess("oak", command, url, key, **{"patience": 60, **options}))
        return self.made[-1]

    def fails(self, code=SERVER, **options) -> str:
        with pytest.raises(MemberDown) as failure:
            self(code, **options)
        assert not self.alive()
        return str(failure.value)

    def alive(self) -> list[psutil.Process]:
        """The guards and the servers that run."""
        every = psutil.process_iter(["cmdline", "status"])
        mine = [p for p in every if self.mark in (p.info["cmdline"] or ())]
        return [p for p in mine if p.info["status"] != psutil.STATUS_ZOMBIE]

    def one(self, guard: bool = False) -> psutil.Process:
        """The server that runs, or its guard."""
        (one,) = (p for p in self.alive() if ("guard.py" in " ".join(p.cmdline())) == guard)
        return one
