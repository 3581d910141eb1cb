"""Who asks: the address behind the proxies that are trusted, and nothing of what others claim."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.origin import caller


class Caller:
    """Puts the caller's address where the connection's was, for all that comes behind.

    proxies: how many stand before the site, each adding to x-forwarded-for whom it saw. What an
    untrusted caller says of the host is dropped. What they say of the scheme is kept: only their
    own page depends on it.
    """

    def __init__(self, app: ASGIApp, proxies: int):
        self.app = app
        self.proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = dict(scope, headers=list(scope["headers"]))
        headers = MutableHeaders(scope=scope)
        peer, port = scope.get("client") or ("", 0)
        forwarded = ",".join(headers.getlist("x-forwarded-for"))
        who = caller(peer, forwarded, self.proxies)
        for name in ("forwarded", "x-forwarded-for", "x-real-ip"):
            del headers[name]
        if not self.proxies:
            del headers["x-forwarded-host"]
        scope["client"] = (who, port)
        await self.app(scope, receive, send)
