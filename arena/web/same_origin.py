"""Same origin: pages of other sites may not act here for who is visiting them. `/v1` is open."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.answer import refusal_response

ACTING = ("/gradio_api", "/logout")  # paths that change something whatever the method is
FOREIGN = "Pages of another site cannot use this one: open it by its own address."


def is_cross_origin_action(scope: Scope) -> bool:
    """Whether the page of another origin asks for more than a link to here would.

    A program that is no browser says nothing, and is let through: it has no visitor's cookies.
    """
    acts = scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(ACTING)
    return acts and is_cross_origin(Headers(scope=scope))


def is_cross_origin(headers: Headers) -> bool:
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


class LoopbackOnly:
    """Before Gradio's own server: no browser may come that way, past the rest of the boundary."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if "origin" in headers or "sec-fetch-site" in headers:
                return await refusal_response(403, FOREIGN)(scope, receive, send)
        await self.app(scope, receive, send)
