"""A server in a process of its own: started, waited for, watched, and ended with this program."""

import http.client
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import psutil

from blend.members import MemberDown
from blend.members.served import guard
from blend.members.served.output import LastLines

PROBE_EVERY, PROBE_TIMEOUT = 2.0, 3.0
"""Seconds between two checks of a server, and in which it must answer one: a server that hangs is
known after two checks, ten seconds."""
SILENT_LIMIT = 60.0
"""Seconds without an answer after which a server is given up however busy it is: it may read a long
prompt for seconds."""
LOADING = (429, 502, 503, 504)
"""What a server answers that is not ready; any other answer will do: not all list their models."""
IDLE = 0.05
"""Seconds of processor time between two checks below which a server that does not answer hangs."""


PORTS = 3
"""Ports that are tried, where other programs take them between the choice and the start."""

Started = TypeVar("Started")


class PortTaken(MemberDown):
    """Another program listens on the port that the server was to have."""


def on_free_port(start: Callable[[int], Started]) -> Started:
    """What `start` makes of a free port; of another one where it raises PortTaken."""
    for _ in range(PORTS - 1):
        with suppress(PortTaken):
            return start(free_port())
    return start(free_port())


def free_port() -> int:
    """A port of the loopback address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def new_key() -> str:
    """A key for one server, which other users of the machine do not know."""
    return secrets.token_hex(24)


class ServerProcess:
    """A server that answers at `url` (which ends in /v1) once this is made; see `__init__`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        url: str,
        key: str,
        environment: Mapping[str, str] | None = None,
        patience: float = 600.0,
        cancelled: threading.Event | None = None,
    ):
        """Starts the command and waits until the server answers. Raises MemberDown, and PortTaken
        where another one answers.

        name: of the member, for errors. environment: added to this program's. patience: seconds
        until it must answer. cancelled: set where nobody wants it any more.
        """
        self._name, self._key = name, key
        self._url = urlsplit(url)
        self._silence: str | None = None
        self._reason: str | None = None
        self._stopped = threading.Event()
        self._tree: set[psutil.Process] = set()
        self._process = subprocess.Popen(
            [sys.executable, "-IS", str(Path(guard.__file__)), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C is for the program to heed
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | (environment or {}),
        )
        self._output = LastLines(name, self._process.stdout, hidden=key)
        try:
            self._wait(patience, cancelled or threading.Event())
        except BaseException:  # Ctrl-C
            self.stop()
            raise
        self._watcher = threading.Thread(target=self._watch, name=f"{name}-watch", daemon=True)
        self._watcher.start()

    def failure(self) -> str | None:
        """Why it answers nothing any more, or None. Does not block."""
        return self._reason or self._ending() or self._silence

    def stop(self) -> None:
        """End it and all that it started. Blocks for seconds at most; may be called twice."""
        self._reason = self.failure() or "its server was stopped"
        self._stopped.set()
        started = self._processes()
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(guard.GRACE + 5)
        except subprocess.TimeoutExpired:  # the guard itself was stopped
            self._process.kill()
            self._process.wait()
        for process in started:  # where the guard was killed, or one left its group
            with suppress(psutil.Error):
                process.kill()
        self._output.wait(1)

    def _wait(self, patience: float, cancelled: threading.Event) -> None:
        """Return when the server answers, and it is this one. Raises MemberDown."""
        start, status = time.monotonic(), None
        while (waited := time.monotonic() - start) < patience:
            if reason := self._ending(patience=5):
                taken = self._probe("/models") is not None
                raise (PortTaken if taken else MemberDown)(self._name, reason)
            status = self._probe("/models")
            if status is not None and not self._listens():
                status = self._probe("/models")  # it may have answered just before it ended
                if status is not None and not self._listens():
                    taken = f"port {self._url.port} is taken by another program"
                    reason = self._ending(patience=5) or self._output.after(taken)
                    raise PortTaken(self._name, reason)
            if status in (401, 403):
                reason = "its server refuses the key that it was to have: write {key} in `serve`"
                raise MemberDown(self._name, reason)
            if status is not None and status not in LOADING:
                return
            if cancelled.wait(min(0.5, max(0.05, waited / 20))):
                raise MemberDown(self._name, "it was closed")
        last = f" (its last answer was {status})" if status else ""
        reason = f"its server was not ready within {patience:g} s{last}"
        raise MemberDown(self._name, self._output.after(reason))

    def _probe(self, what: str = "") -> int | None:
        """The HTTP status of a path under its URL, or None; the URL itself costs it least."""
        host, port = self._url.hostname, self._url.port
        connection = http.client.HTTPConnection(host, port, timeout=PROBE_TIMEOUT)
        try:
            bearer = {"Authorization": f"Bearer {self._key}"}
            connection.request("GET", self._url.path + what, headers=bearer)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _listens(self) -> bool:
        """Whether one of its processes listens on the port: some servers ignore keys, so that an
        answer alone could come from any other server."""
        port = self._url.port
        for process in self._processes():
            with suppress(psutil.Error):
                sockets = process.net_connections("tcp")
                if any(s.status == psutil.CONN_LISTEN and s.laddr.port == port for s in sockets):
                    return True
        return False

    def _processes(self) -> list[psutil.Process]:
        """All that it ever started, as far as it was seen: one may have left the tree since."""
        with suppress(psutil.Error):
            children = psutil.Process(self._process.pid).children(recursive=True)
            self._tree = self._tree | {*children}  # a new one: two threads come here
        return [*self._tree]

    def _watch(self) -> None:
        """A thread: notice that it hangs, which no exit code tells."""
        since, spent = None, 0.0
        while not self._stopped.wait(PROBE_EVERY) and self._process.poll() is None:
            start = time.monotonic()
            if self._probe() is not None:
                since = self._silence = None
                continue
            before, spent = spent, self._processor_time()
            if since is None:
                since = start
                continue
            silent = time.monotonic() - since
            if 0 <= spent - before < IDLE or silent > SILENT_LIMIT:
                self._silence = f"its server has not answered for {silent:.0f} s"

    def _processor_time(self) -> float:
        """Seconds that its processes have used so far."""
        total = 0.0
        for process in self._processes():
            with suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def _ending(self, patience: float = 0.2) -> str | None:
        """How it ended, with its last lines, which may be on their way; None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        self._output.wait(patience)
        number = -code if code < 0 else code - 128  # the way in which shells report a signal
        ended = f"ended with exit code {code}"
        if 0 < number <= 64:
            ended = f"was ended by signal {number}"
        return self._output.after(f"its server {ended}")
