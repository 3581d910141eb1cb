"""Answers that nobody fetches: Gradio keeps what was asked, and the answer, until it is read."""

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from urllib.parse import parse_qs, quote

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.web.bodies import replay_body

PATIENCE = 30.0  # seconds after which nobody will come for an answer; a page asks at once
MOST = 2_000_000  # bytes of all requests whose answers are waiting; beyond that, the oldest go
ONE_STREAM = 500_000  # bytes asked for while one stream is open; beyond that, nobody reads it
BEGINNING = 0.2  # seconds of a stream that are read: it must have begun to be left

JOIN, CALL = "/gradio_api/queue/join", "/gradio_api/call/"


class UnreadAnswers:
    """Lets go of answers that wait too long, as Gradio does where a tab is closed: by beginning to
    read the session's stream, and leaving it."""

    def __init__(self, app: ASGIApp, patience: float = PATIENCE, most: int = MOST):
        self.app = app
        self._patience = patience
        self._most = most
        self._waiting: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._streams: dict[str, int] = {}
        self._tasks: set[asyncio.Task] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path, method = scope["path"].rstrip("/"), scope["method"]
        if method == "POST" and (path == JOIN or path.startswith(CALL)):
            return await self._asked(scope, receive, send)
        if method == "GET" and path.startswith(CALL):
            self._waiting.pop(path.rsplit("/", 1)[-1], None)
        elif method == "GET" and path == "/gradio_api/queue/data":
            query = parse_qs(scope["query_string"].decode("latin-1"))
            session = "".join(query.get("session_hash", []))
            return await self._read(session, scope, receive, send)
        await self.app(scope, receive, send)

    async def _read(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a stream on. A page that has one open asks for no other: all it asks meanwhile is
        answered there."""
        self._waiting.pop(session, None)
        self._streams[session] = 0
        try:
            await self.app(scope, receive, send)
        finally:
            self._streams.pop(session, None)

    async def _asked(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on and note where its answer waits: under its session, or its event."""
        raw, answer = await Request(scope, receive).body(), bytearray()

        async def noted(message: Message) -> None:
            answer.extend(message.get("body", b""))
            await send(message)

        await self.app(scope, replay_body(raw, receive), noted)
        with suppress(ValueError, AttributeError):
            event = orjson.loads(bytes(answer)).get("event_id")
            if isinstance(event, str):
                session = orjson.loads(raw).get("session_hash") or event
                self._note(scope, session, len(raw))

    def _note(self, scope: Scope, session: str, size: int) -> None:
        if session in self._streams:
            self._streams[session] += size
            if self._streams[session] > ONE_STREAM:
                del self._streams[session]
                self._begin_to_let_go(scope, session)
            return
        since, before = self._waiting.get(session, (time.monotonic(), 0))
        self._waiting[session] = (since, before + size)
        held = sum(size for _, size in self._waiting.values())
        for name, (since, size) in list(self._waiting.items()):
            if held <= self._most and time.monotonic() - since < self._patience:
                break
            held -= size
            del self._waiting[name]
            self._begin_to_let_go(scope, name)

    def _begin_to_let_go(self, scope: Scope, session: str) -> None:
        task = asyncio.create_task(self._let_go(scope, session))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _let_go(self, scope: Scope, session: str) -> None:
        """Read the beginning of a session's stream and leave."""

        async def receive() -> Message:
            return await asyncio.Future()  # it is left by being cancelled

        async def send(message: Message) -> None:
            pass

        path, query = "/gradio_api/queue/data", f"session_hash={quote(session)}".encode()
        made = {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": query}
        reading = asyncio.create_task(self.app({**scope, **made}, receive, send))
        await asyncio.wait([reading], timeout=BEGINNING)
        reading.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await reading
