"""Bodies: how much of a request is read, for how long, and how much of all of them at once."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.web.answer import refusal_response

SECONDS = 30.0  # within which a body must arrive
PROGRAMS = ("/v1", "/gradio_api/mcp")
API_BYTES = 1_000_000  # of a request to one of PROGRAMS: more than any window holds
TOGETHER = 64_000_000  # bytes of all bodies that are being read

DROPPED, DROPPING = 8_000_000, 5.0
"""Bytes beyond a limit that are still read and thrown away, and the seconds for that: a connection
that is closed on unread bytes is reset, and its client never sees why."""


def page_bytes(longest_message: int) -> int:
    """Bytes of a request of the page: a message and a persona as JSON, twelve bytes a letter at
    worst, and room for a message that is too long to be told so in words."""
    return 65_536 + 24 * longest_message


class BodyLimits:
    """Reads a body before anything else does; what is behind gets all of it or nothing."""

    def __init__(self, app: ASGIApp, page: int):
        self.app = app
        self.page = page
        self._reading = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in ("GET", "HEAD"):
            return await self.app(scope, receive, send)
        limit = API_BYTES if scope["path"].startswith(PROGRAMS) else self.page
        body = await self._read(Headers(scope=scope), receive, limit)
        if isinstance(body, Response):
            if body.status_code == 413:
                await _drop(receive)
            return await body(scope, receive, send)
        if body is not None:
            await self.app(scope, replay_body(body, receive), send)

    async def _read(
        self, headers: Headers, receive: Receive, limit: int
    ) -> bytes | Response | None:
        """The body, or why it is not read; None where the client left."""
        too_long = refusal_response(413, f"This is too long: send at most {limit:,} bytes.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > limit:
            return too_long
        parts, size = [], 0
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return None
                    part = message.get("body", b"")
                    size += len(part)
                    self._reading += len(part)
                    parts.append(part)
                    if size > limit:
                        return too_long
                    if self._reading > TOGETHER:
                        again = {"retry-after": "2"}
                        return refusal_response(
                            503, "Too much is being sent just now: try again.", again
                        )
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            return refusal_response(
                408, f"This took over {SECONDS:.0f} seconds to arrive: send it again."
            )
        finally:
            self._reading -= size


async def _drop(receive: Receive) -> None:
    """Read the rest of a body and keep nothing of it."""
    left = DROPPED
    with suppress(TimeoutError):
        async with asyncio.timeout(DROPPING):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


def replay_body(body: bytes, receive: Receive) -> Receive:
    """`receive` for an app that has not read yet: the whole body, then what comes after it."""
    sent: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return sent.pop() if sent else await receive()

    return replay
