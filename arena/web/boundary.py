"""The boundary put together: what stands before Gradio's app, outermost last."""

import os
from collections.abc import Callable, Mapping

from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send

from arena.login import account
from arena.site import Site
from arena.web.bodies import Bodies, page_bytes
from arena.web.caller import Caller
from arena.web.events import Events, listeners
from arena.web.headers import SecurityHeaders, policy
from arena.web.meter import Meter
from arena.web.paths import Paths
from arena.web.same_origin import OwnMachine, SameOrigin
from arena.web.starting import Starting
from arena.web.unread import Unread


class Boundary:
    """What a request passes before Gradio's app. The app comes when there is one: see `lead_to`."""

    def __init__(self, site: Site):
        self._app = None
        settings = site.settings
        app = Bodies(self._inside, page_bytes(settings.longest_message))
        app = Meter(app, counted(site))
        app = Paths(SameOrigin(app))
        self.starting = Starting(app)
        app = Caller(self.starting, settings.proxies)
        self._outermost = SecurityHeaders(app, policy(os.environ))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._outermost(scope, receive, send)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def lead_to(self, app) -> None:
        """Say what the requests that pass go to."""
        self._app = app


def counted(site: Site) -> Callable[[str], str | None]:
    """How an address is counted: sealed, and this machine not at all."""
    return lambda address: site.guard.counted(site.seal(address))


def inside(site: Site, config: Mapping) -> list[Middleware]:
    """What stands within Gradio's own layers, where the session of a login has been read.

    config: Gradio's description of the page.
    """

    def who(session: Mapping) -> str | None:
        return account(session, site.seal.account, site.store.forgotten)

    return [
        Middleware(OwnMachine),
        Middleware(
            Events,
            known=listeners(config),
            account=who,
            key=counted(site),
            longest=site.settings.longest_message,
        ),
        Middleware(Unread),
    ]
