"""The servers of one remote member: which is asked next, and which rests."""

import threading
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from blend.members import MemberDown
from blend.members.supervisor import Keeper


@dataclass(slots=True, eq=False)
class Server:
    """One server. asked: requests in flight. window: tokens that it takes, where it told."""

    url: str
    asked: int = 0
    window: int | None = None

    def ailing(self) -> None:
        """Nothing: whoever asks it finds out."""

    def stop(self) -> None:
        """Nothing: it is not ours."""


class Servers:
    """Servers that take each other's place. May be used from several threads.

    look: asks a server whether it is there, and says what it lacks, or nothing. A server that
    failed is asked by nobody until `look` finds it well; see Keeper. It is then on trial: the rests
    go on growing until it has given a whole reply. All requests that fail with one server are one
    failure of it.
    """

    def __init__(self, name: str, look: Callable[[Server], str]):
        """Without a server: `open` them."""
        self._name = name
        self._look = look
        self._lock = threading.Lock()
        self._keepers: dict[Server, Keeper[Server]] = {}

    @property
    def down(self) -> str | None:
        """Why none of them can be asked, or None where one can."""
        reasons = [keeper.down for keeper in self._keepers.values()]
        return "; ".join(dict.fromkeys(reasons)) if all(reasons) else None

    @property
    def window(self) -> int | None:
        """Tokens that every server takes which told, or None where none did."""
        return min((server.window for server in self._keepers if server.window), default=None)

    def open(self, urls: Sequence[str]) -> None:
        """Look at these, at once, and ask them from now on in place of those before."""
        self.close()
        servers = [Server(url) for url in urls]
        with ThreadPoolExecutor(len(servers)) as pool:
            self._keepers = dict(zip(servers, pool.map(self._kept, servers), strict=True))

    def _kept(self, server: Server) -> Keeper[Server]:
        def start(_: threading.Event) -> Server:
            if lack := self._look(server):
                raise MemberDown(self._name, lack)
            return server

        return Keeper(self._name, start, required=False)

    def choose(self, history: str, without: Collection[Server] = ()) -> Server | None:
        """The least busy server that is well and not in `without`, or None.

        Among equally busy ones, the one that this history goes to every time: its cache knows it.
        """
        well = [s for s, keeper in self._keepers.items() if not keeper.down and s not in without]
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
        if keeper := self._keepers.get(server):
            keeper.well(server)

    def failed(self, server: Server, reason: str, rest: float | None = None) -> None:
        """Let it rest: `rest` seconds where it said so itself, else longer with each failure."""
        if keeper := self._keepers.get(server):
            keeper.fallen(server, reason, rest)

    def close(self) -> None:
        """Stop looking; harmless if done twice."""
        for keeper in self._keepers.values():
            keeper.close()
