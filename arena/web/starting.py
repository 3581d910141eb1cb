"""While the site starts: a small page that loads itself again, and an answer to Gradio's check."""

from collections.abc import Callable

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.answer import refusal_response

WAIT = {"retry-after": "2", "cache-control": "no-store"}

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="{seconds}">
<title>Blended Arena</title>
<style>:root{{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}}
main{{max-width:40rem;margin:20vh auto;padding:0 1rem}}</style></head>
<body><main role="status"><h1>Blended Arena</h1><p>{message}</p></main></body></html>"""


def small_page(status: int, message: str, seconds: int) -> HTMLResponse:
    """The page, which loads itself again after so many seconds."""
    text = PAGE.format(message=message, seconds=seconds)
    return HTMLResponse(text, status, {**WAIT, "retry-after": str(seconds)})


def starting_answer(path: str, page: bool) -> Response | None:
    """What is answered while Gradio puts its page together; None for what says itself how it is.

    page: whether a page of the site is asked for.
    """
    if path.startswith(("/healthz", "/v1", "/metrics")):
        return None
    if page:
        return small_page(503, "The site is starting. This page loads itself again.", 2)
    return refusal_response(503, "The site is starting: try again in a moment.", WAIT)


class StartCheck:
    """Answers Gradio's own check, a HEAD of the page, at once for as long as the site starts.

    Gradio gives it three seconds and ends the program where they are over: on a busy machine they
    are not enough to put the page together. starting: whether visitors still get the small page;
    until then nobody but Gradio comes this far.
    """

    def __init__(self, app: ASGIApp, starting: Callable[[], bool]):
        self.app, self.starting = app, starting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        checked = scope["type"] == "http" and scope["method"] == "HEAD" and self.starting()
        await (Response() if checked else self.app)(scope, receive, send)
