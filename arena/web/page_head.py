"""What the HTML of a page says to who runs no script, as sites that show a link do: its title, what
it is, and a preview picture. The page is packed on its way, too.

Gradio's template names itself there, one title for all pages, and a picture of its own site.
Gradio packs only what has a file's ending.
"""

import asyncio
import gzip
import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.web.paths import without_prefix

PICTURE = Path(__file__).parents[2] / "assets" / "preview.png"
BASE = "{base}"
"""Stands in a head for the site's address."""

GRADIOS = re.compile(rb"\s*<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>")


class PageHead:
    """Puts our head into Gradio's pages, in place of its own words for sites that show a link.

    heads: by a page's path, such as "/arena", what its head says, as HTML. address: the
    site's own, by a request's headers.
    """

    def __init__(
        self, app: ASGIApp, heads: Mapping[str, str], address: Callable[[Mapping[str, str]], str]
    ):
        self.app = app
        self._heads = heads
        self._address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = without_prefix(scope.get("path", ""), scope.get("root_path", ""))
        head = self._heads.get(path)
        if scope["type"] != "http" or head is None:
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        ours = head.replace(BASE, escape(self._address(headers))).encode()
        packed = "gzip" in headers.get("accept-encoding", "")
        start: Message = {}
        body = b""

        async def collect(message: Message) -> None:
            """Send the answer when it is whole: its length changes with its head."""
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                page = GRADIOS.sub(b"", body).replace(b"</head>", ours + b"</head>", 1)
                await _send_whole(send, start, page, packed)

        await self.app(scope, receive, collect)


async def _send_whole(send: Send, start: Message, page: bytes, packed: bool) -> None:
    headers = MutableHeaders(raw=start["headers"])
    headers.add_vary_header("accept-encoding")
    if packed:
        headers["content-encoding"] = "gzip"
        page = await asyncio.to_thread(gzip.compress, page, 6)
    headers["content-length"] = str(len(page))
    await send(start)
    await send({"type": "http.response.body", "body": page})


def preview_route() -> Route:
    """The preview picture."""

    async def picture(request: Request) -> FileResponse:
        return FileResponse(PICTURE, headers={"cache-control": "public, max-age=86400"})

    return Route(f"/{PICTURE.name}", picture)
