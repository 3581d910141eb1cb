"""The start: while Gradio puts its page together, visitors get a small one that comes back."""

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.answer import refused

WAIT = {"retry-after": "2", "cache-control": "no-store"}

STARTING = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="{seconds}">
<title>Blended Arena</title>
<style>:root{{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}}
main{{max-width:40rem;margin:20vh auto;padding:0 1rem}}</style></head>
<body><main role="status"><h1>Blended Arena</h1><p>{said}</p></main></body></html>"""


def small_page(status: int, said: str, seconds: int) -> HTMLResponse:
    """A page that needs nothing else and loads itself again after so many seconds."""
    text = STARTING.format(said=said, seconds=seconds)
    return HTMLResponse(text, status, {**WAIT, "retry-after": str(seconds)})


class Starting:
    """Answers for the page until `over` is set; /healthz and /v1 say for themselves how it is."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.over or scope["path"].startswith(("/healthz", "/v1", "/metrics")):
            return await self.app(scope, receive, send)
        if scope["path"] == "/":
            answer = small_page(503, "The site is starting. This page loads itself again.", 2)
        else:
            answer = refused(503, "The site is starting: try again in a moment.", WAIT)
        await answer(scope, receive, send)
