"""The servers of one remote member: which is asked next, which rests, and for how long."""

import logging
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

log = logging.getLogger(__name__)

LONGEST_REST = 60.0
"""Seconds after which a server that failed is looked at again, however often it failed."""


@dataclass(slots=True, eq=False)
class Server:
    """One server. asked: requests in flight. failures: since its last whole reply. ailment: why it
    rests, empty where it does not. until: when the rest ends. window: tokens, where it told."""

    url: str
    asked: int = 0
    failures: int = 0
    ailment: str = ""
    until: float = 0.0
    window: int | None = None


class Servers:
    """Servers that take each other's place. May be used from several threads.

    look: asks a server whether it is there, and says what it lacks, or nothing. A server that
    failed is asked by nobody until `look` finds it well, in a thread that lives as long as one
    rests: after 1 s, then 2, 4, up to LONGEST_REST. It is then on trial: the rests go on growing
    until it has given a whole reply.
    """

    def __init__(self, name: str, urls: Sequence[str], look: Callable[[Server], str]):
        self._name = name
        self._all = tuple(Server(url) for url in urls)
        self._look = look
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._watched = False

    @property
    def down(self) -> str | None:
        """Why none of them can be asked, or None where one can."""
        ailments = [server.ailment for server in self._all]
        return "; ".join(dict.fromkeys(ailments)) if all(ailments) else None

    @property
    def window(self) -> int | None:
        """Tokens that every server takes which told, or None where none did."""
        return min((server.window for server in self._all if server.window), default=None)

    def move(self, url: str) -> None:
        """One takes the place of all of them, and is looked at."""
        self._all = (Server(url),)
        self.check()

    def check(self) -> None:
        """Look at all of them, at once; those that are not there rest."""
        self._look_at(self._all)

    def choose(self, history: str, without: Collection[Server] = ()) -> Server | None:
        """The least busy server that is well and not in `without`, or None.

        Among equally busy ones, the one that this history goes to every time: its cache knows it.
        """
        well = [s for s in self._all if not s.ailment and s not in without]
        return min(
            well, key=lambda s: (s.asked, zlib.crc32((s.url + history).encode())), default=None
        )

    @contextmanager
    def asking(self, server: Server) -> Iterator[None]:
        """Count a request as in flight."""
        with self._lock:
            server.asked += 1
        try:
            yield
        finally:
            with self._lock:
                server.asked -= 1

    def answered(self, server: Server) -> None:
        """It gave a whole reply: whatever was held against it is forgotten."""
        with self._lock:
            server.failures, server.ailment = 0, ""

    def failed(self, server: Server, reason: str, rest: float | None = None) -> None:
        """Let it rest: for `rest` seconds where it said so itself, else longer with each failure.

        All requests that fail with one server are one failure of it.
        """
        with self._lock:
            if server.ailment and (rest is None or time.monotonic() + rest <= server.until):
                return
        self._lay_down(server, reason, rest)

    def _lay_down(self, server: Server, reason: str, rest: float | None = None) -> None:
        with self._lock:
            server.failures += rest is None
            level = logging.WARNING if server.failures == 1 and rest is None else logging.INFO
            if rest is None:
                rest = min(LONGEST_REST, 2.0 ** (server.failures - 1))
            server.ailment, server.until = reason, time.monotonic() + rest
            watch = not self._watched and not self._closed.is_set()
            self._watched = self._watched or watch
        log.log(level, "%s: %s rests for %.3g s: %s", self._name, server.url, rest, reason)
        if watch:
            threading.Thread(target=self._watch, name=f"{self._name}-watch", daemon=True).start()

    def close(self) -> None:
        """Stop looking; harmless if done twice."""
        self._closed.set()

    def _watch(self) -> None:
        while True:
            with self._lock:
                ends = [server.until for server in self._all if server.ailment]
                if not ends or self._closed.is_set():
                    self._watched = False
                    return
            if not self._closed.wait(max(0.0, min(ends) - time.monotonic())):
                now = time.monotonic()
                self._look_at([s for s in self._all if s.ailment and s.until <= now])

    def _look_at(self, servers: Sequence[Server]) -> None:
        if not servers:
            return
        with ThreadPoolExecutor(len(servers)) as pool:
            for server, lack in zip(servers, pool.map(self._look, servers), strict=True):
                if lack:
                    self._lay_down(server, lack)
                elif server.ailment:
                    with self._lock:
                        server.ailment = ""
                    log.warning("%s: %s is there again", self._name, server.url)
