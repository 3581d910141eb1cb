"""Same origin: pages of other sites may not act here for who is visiting them. `/v1` is open."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.answer import refused

SAFE = ("GET", "HEAD")
"""What changes nothing, but for the paths in ACTING."""

ACTING = ("/gradio_api", "/logout")

FOREIGN = "Pages of another site cannot use this one: open it by its own address."


class SameOrigin:
    """Refuses what the page of another origin asks for, by what its browser says of it.

    A program that is no browser says nothing, and is let through: it has no visitor's cookies.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        if path.startswith("/v1"):
            return await self._open(scope, receive, send)
        acts = scope["method"] not in SAFE or path.startswith(ACTING)
        if acts and foreign(headers):
            return await refused(403, FOREIGN)(scope, receive, send)
        await self.app(_unmarked(scope), receive, send)

    async def _open(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`/v1` as any page may use it: without cookies, with a key of its own if one is needed."""
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            allowed = {
                "access-control-allow-origin": "*",
                "access-control-allow-methods": "GET, POST",
                "access-control-allow-headers": headers.get("access-control-request-headers", "*"),
                "access-control-max-age": "600",
            }
            return await Response(status_code=204, headers=allowed)(scope, receive, send)

        async def shared(message: dict) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["access-control-allow-origin"] = "*"
            await send(message)

        await self.app(_unmarked(scope), receive, shared if "origin" in headers else send)


def foreign(headers: Headers) -> bool:
    """Whether a browser says that the page of another origin asks.

    Browsers tell the relation itself wherever the connection is secure; else they tell the origin,
    and the site knows its own by the host that was asked for.
    """
    if "sec-fetch-site" in headers:
        return headers["sec-fetch-site"] not in ("same-origin", "none")
    if "origin" not in headers:
        return False
    hosts = (headers.get("host"), headers.get("x-forwarded-host"))
    try:
        origin = urlsplit(headers["origin"]).netloc.lower()
    except ValueError:  # no browser sends it
        return True
    return origin not in {h.lower() for h in hosts if h}


def _unmarked(scope: Scope) -> Scope:
    """Without what was looked at: Gradio would answer any origin, with cookies."""
    scope = dict(scope, headers=list(scope["headers"]))
    headers = MutableHeaders(scope=scope)
    for name in ("origin", "sec-fetch-site"):
        del headers[name]
    return scope


class OwnMachine:
    """Before Gradio's own server: no browser may come that way, past the rest of the boundary."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if "origin" in headers or "sec-fetch-site" in headers:
                return await refused(403, FOREIGN)(scope, receive, send)
        await self.app(scope, receive, send)
