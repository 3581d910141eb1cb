"""The servers of one remote member: which is asked next, and which rests."""

import asyncio
import logging
import random
import threading
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from blend.members import MemberDown
from blend.members.remote.errors import ServerError
from blend.members.supervisor import Supervisor

log = logging.getLogger(__name__)

MAX_PAUSE = 10.0
"""Seconds that a request waits at most before it tries again, whatever the server asks for."""


@dataclass(slots=True, eq=False)
class RemoteServer:
    """One server. active: requests under way. window: tokens that it takes, where it told."""

    url: str
    active: int = 0
    window: int | None = None

    def failure(self) -> None:
        """Nothing: a request that it fails finds out."""

    def stop(self) -> None:
        """Nothing: it is not ours."""


class Servers:
    """Servers that can replace each other. May be used from several threads.

    check: says what a server lacks, or nothing. A server that failed gets no request until a check
    finds it well; see supervisor.py. Its pauses grow until it has given a whole reply. All requests
    that fail with one server at once are one failure of it.
    """

    def __init__(self, name: str, check: Callable[[RemoteServer], str]):
        """Without a server: `open` them."""
        self._name = name
        self._check = check
        self._lock = threading.Lock()
        self._supervised: dict[RemoteServer, Supervisor[RemoteServer]] = {}

    @property
    def down(self) -> str | None:
        """Why none of them can be asked, or None where one can."""
        reasons = [supervisor.down for supervisor in self._supervised.values()]
        return "; ".join(dict.fromkeys(reasons)) if all(reasons) else None

    @property
    def window(self) -> int | None:
        """The smallest window that a server told, or None where none did."""
        return min((server.window for server in self._supervised if server.window), default=None)

    def open(self, urls: Sequence[str]) -> None:
        """Check these, all at once, and use them from now on instead of those before."""
        self.close()
        servers = [RemoteServer(url) for url in urls]
        with ThreadPoolExecutor(len(servers)) as pool:
            supervisors = pool.map(self._supervise, servers)
            self._supervised = dict(zip(servers, supervisors, strict=True))

    def _supervise(self, server: RemoteServer) -> Supervisor[RemoteServer]:
        def start(_: threading.Event) -> RemoteServer:
            if lack := self._check(server):
                raise MemberDown(self._name, lack)
            return server

        return Supervisor(self._name, start, required=False)

    def choose(self, history: str, without: Collection[RemoteServer] = ()) -> RemoteServer | None:
        """The least busy server that is up and not in `without`, or None.

        Of equally busy ones the same history always gets the same one: its cache knows it.
        """
        up = [s for s, supervisor in self._supervised.items() if not supervisor.down]
        return min(
            (server for server in up if server not in without),
            key=lambda server: (server.active, zlib.crc32((server.url + history).encode())),
            default=None,
        )

    async def after(
        self, error: ServerError, history: str, tried: Sequence[RemoteServer]
    ) -> RemoteServer:
        """The server for the next try: another one at once, or the same after a pause.

        Raises the error again where neither is of use.
        """
        if error.retry and (other := self.choose(history, tried)):
            return other
        pause = error.retry_after
        if pause is None:
            pause = 0.25 * 2 ** (len(tried) - 1) * random.uniform(0.5, 1.5)
        if error.retry != "here" or pause > MAX_PAUSE:
            raise error
        log.info("%s: asking again in %.2f s: %s", self._name, pause, error.reason)
        await asyncio.sleep(pause)
        return self.choose(history) or tried[-1]

    @contextmanager
    def count(self, server: RemoteServer) -> Iterator[None]:
        """Count a request as under way."""
        with self._lock:
            server.active += 1
        try:
            yield
        finally:
            with self._lock:
                server.active -= 1

    def succeeded(self, server: RemoteServer) -> None:
        """It gave a whole reply: its failures are forgotten."""
        if supervisor := self._supervised.get(server):
            supervisor.report_success(server)

    def failed(self, server: RemoteServer, reason: str, rest: float | None = None) -> None:
        """Let it rest: `rest` seconds where it said so itself, else longer with each failure."""
        if supervisor := self._supervised.get(server):
            supervisor.report_failure(server, reason, rest)

    def close(self) -> None:
        """Stop checking; calling it twice is harmless."""
        for supervisor in self._supervised.values():
            supervisor.close()
