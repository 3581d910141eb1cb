"""The boundary: what a request passes before Gradio's app, and what stands inside that."""

import os
from collections.abc import Callable, Collection, Mapping

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.site.identity import account_id
from arena.site.limiter import SlidingWindow
from arena.site.site import Site
from arena.web.answer import refusal_response
from arena.web.bodies import BodyLimits, page_bytes
from arena.web.events import EventGuard, listeners
from arena.web.headers import policy, with_caller, with_policy, without
from arena.web.paths import ALLOWED, without_prefix
from arena.web.same_origin import FOREIGN, LoopbackOnly, is_cross_origin_action
from arena.web.starting import small_page, starting_answer
from arena.web.unread import UnreadAnswers

PAGES = 300
"""Pages that one address may load within a minute: beside replies they cost the server most, and 25
to 30 in a second keep a core busy."""


class Boundary:
    """What a request passes before Gradio's app.

    app: Gradio's, or None where it is not there yet. starting: until that is false, visitors get a
    small page that comes back. pages: the paths of Gradio's pages, such as "/arena".
    """

    def __init__(self, site: Site, pages: Collection[str] = ("/",)):
        self.app: ASGIApp | None = None
        self.starting = True
        self._pages_at = frozenset(pages)
        self._proxies = site.settings.proxies
        self._root = site.settings.root_path
        self._policy = policy(os.environ)
        self._counted, self._pages = address_key(site), SlidingWindow(PAGES)
        self._page = BodyLimits(self._inside, page_bytes(site.settings.longest_message))
        # Any page may use /v1: without cookies, with a key of its own if one is needed.
        self._api = CORSMiddleware(
            self._page, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        scope = with_caller(scope, self._proxies)
        further = self._api if scope["path"].startswith("/v1") else self._page
        answer = self._refusal(scope) or further
        # Starlette takes a prefix off the path: a page of the prefix's own name would be lost.
        if without_prefix(scope["path"], self._root) != scope["path"]:
            scope = {**scope, "path": self._root + scope["path"]}
        await answer(scope, receive, with_policy(send, self._policy))

    def _refusal(self, scope: Scope) -> Response | None:
        """Why the request goes no further, where that is so."""
        path = scope["path"]
        page = path in self._pages_at
        if self.starting and (answer := starting_answer(path, page)):
            return answer
        if not page and path.rstrip("/") in self._pages_at:  # Gradio's own way there has no prefix
            query = scope["query_string"].decode("latin-1")
            there = f"../{path.strip('/')}"
            return RedirectResponse(f"{there}?{query}" if query else there, 301)
        if not (page or ALLOWED.fullmatch(path)):
            return refusal_response(404, "There is no such page here.")
        if not path.startswith("/v1") and is_cross_origin_action(scope):
            return refusal_response(403, FOREIGN)
        page |= path in ("/config", "/config/")
        if page and (wait := self._pages.enter(self._counted(scope["client"][0]))):
            message = "Too many pages were loaded from your network: this one will load in"
            return small_page(429, f"{message} {wait} s.", wait)
        return None

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Gradio would answer any origin, with cookies.
        scope = without(scope, "origin", "sec-fetch-site")
        if scope["path"].rstrip("/") == "/gradio_api/info":
            # Gradio keeps its description of the whole app, with the address by which it was first
            # asked; that of a page, of which there is one, it makes anew for each who asks.
            scope["query_string"] = b"page="
        await self.app(scope, receive, send)


def address_key(site: Site) -> Callable[[str], str | None]:
    """How an address is counted: sealed, and this machine not at all."""
    return lambda address: site.guard.client_key(site.hasher(address))


def inner_middleware(site: Site, config: Mapping) -> list[Middleware]:
    """What stands within Gradio's own layers, where the session of a login has been read.

    config: Gradio's description of the page.
    """

    def who(session: Mapping) -> str | None:
        return account_id(session, site.hasher.account, site.store.erasure.is_erased)

    return [
        Middleware(LoopbackOnly),
        Middleware(
            EventGuard,
            known=listeners(config),
            account=who,
            key=address_key(site),
            longest=site.settings.longest_message,
        ),
        Middleware(UnreadAnswers),
    ]
