"""The paths there are: those of this site, and of Gradio's only what its page needs."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.answer import refused

OWN = r"healthz|metrics|host|leaderboard\.\w+|v1(/.*)?"
PAGE = r"|config/?|theme\.css|favicon\.ico|robots\.txt|manifest\.json|pwa_icon(/\d+)?"
FILES = r"(assets|static|svelte)/.*"
LOGIN = r"login/(huggingface|callback)|logout"
EVENTS = r"gradio_api/(info/?|app_id/?|theme\.css|run/predict/?|queue/(join|data)|cancel|reset/?)"
TOOLS = r"gradio_api/(call/\w+(/\w+)?|mcp(/.*)?)"

ALLOWED = re.compile(f"/({OWN}|{PAGE}|{FILES}|{LOGIN}|{EVENTS}|{TOOLS})")


class Paths:
    """404 for all others: uploads, files, proxies, deep links, monitoring, and what is to come."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not ALLOWED.fullmatch(scope["path"]):
            return await refused(404, "There is no such page here.")(scope, receive, send)
        await self.app(self._described(scope), receive, send)

    def _described(self, scope: Scope) -> Scope:
        """Gradio keeps its description of the whole app, with the address by which it was first
        asked; that of a page, of which there is one, it makes anew for each who asks."""
        if scope["path"].rstrip("/") != "/gradio_api/info":
            return scope
        return dict(scope, query_string=b"page=")
