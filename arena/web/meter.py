"""The rate at which whole pages are loaded: they cost the server most, beside replies."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from arena.rates import Rate
from arena.web.starting import small_page

PAGES = 300
"""Pages that one address may load within a minute. 25 to 30 in a second keep a core busy."""


class Meter:
    """Puts off who loads too many pages within a minute, by the caller's address.

    key: an address as it is counted; None for one that is not.
    """

    def __init__(self, app: ASGIApp, key: Callable[[str], str | None]):
        self.app = app
        self._key = key
        self._pages = Rate(PAGES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = scope["path"] in ("/", "/config", "/config/")
        if page and (wait := self._pages.take(self._key(scope["client"][0]))):
            said = f"Too many pages were loaded from your network: this one will load in {wait} s."
            return await small_page(429, said, wait)(scope, receive, send)
        await self.app(scope, receive, send)
