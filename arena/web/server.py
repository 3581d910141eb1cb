"""The server that visitors reach. It runs in the event loop of Gradio's own server, which listens
on this machine only, for Gradio's check that it is up.

Gradio gives no say in its own server's connections, and it stops the program where its check is not
answered within three seconds, however many visitors wait before it.
"""

import asyncio
import errno
import logging
import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.boundary import Boundary
from arena.web.listening import BACKLOG

log = logging.getLogger(__name__)

IDLE = 10.0  # seconds that a connection may be open without a request, or with half of one
LOOK = 0.5  # seconds between two looks at the connections


class Server:
    """Sockets and the app behind them, served for as long as Gradio's own server runs.

    most: connections at a time. Where there are more, those go that have been idle longest.
    """

    def __init__(self, sockets: list[socket.socket], app: Boundary, most: int):
        self.most = most
        self._sockets = sockets
        self._app = app
        self._running: Counter[tuple] = Counter()
        self._ended: dict[tuple, float] = {}
        self._handles_told = float("-inf")
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                self,
                lifespan="off",
                ws="none",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=BACKLOG,
            )
        )

    @asynccontextmanager
    async def lifespan(self, app: ASGIApp) -> AsyncIterator[None]:
        """Serve while Gradio's app lives; for its `app_kwargs`."""
        self._app.app = app
        # Gradio's own server has set the level of the same log: each odd request would be a line.
        self._uvicorn.config.configure_logging()
        asyncio.get_running_loop().set_exception_handler(self._fault)
        tasks = [
            asyncio.create_task(self._uvicorn.serve(sockets=self._sockets)),
            asyncio.create_task(self._close_idle()),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; its connection is not idle meanwhile."""
        client = tuple(scope.get("client") or ())
        self._running[client] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= Counter((client,))
            self._ended[client] = asyncio.get_running_loop().time()

    async def _close_idle(self) -> None:
        """Close what never asked, or asked only half; uvicorn closes what is idle after that."""
        loop = asyncio.get_running_loop()
        since: dict[object, float] = {}
        while True:
            await asyncio.sleep(LOOK)
            now, here = loop.time(), self._uvicorn.server_state.connections
            by_client = {c: tuple(c.transport.get_extra_info("peername") or ())[:2] for c in here}
            since = {
                connection: max(since.get(connection, now), self._ended.get(client, 0.0))
                for connection, client in by_client.items()
                if client not in self._running
            }
            self._ended = {c: at for c, at in self._ended.items() if c in {*by_client.values()}}
            oldest = sorted(since, key=since.__getitem__)
            over = max(0, len(here) - self.most)
            late = sum(now - since[connection] > IDLE for connection in oldest)
            for connection in oldest[: max(over, late)]:
                connection.transport.abort()

    def _fault(self, loop: asyncio.AbstractEventLoop, context: dict) -> None:
        """Say once a minute that there are no file handles: the loop would, thousands of times."""
        fault = context.get("exception")
        if not isinstance(fault, OSError) or fault.errno not in (errno.EMFILE, errno.ENFILE):
            return loop.default_exception_handler(context)
        if loop.time() - self._handles_told > 60:
            self._handles_told = loop.time()
            log.error("No file handles are left, so new visitors wait: raise `ulimit -n`.")

    def close(self, patience: float = 0.5) -> None:
        """Take no more connections; those that are open are cut after `patience` seconds."""
        self._uvicorn.should_exit = True
        threading.Timer(patience, setattr, (self._uvicorn, "force_exit", True)).start()
