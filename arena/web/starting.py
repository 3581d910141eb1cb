"""A small page that loads itself again: for as long as the site starts, or has too much to do."""

from starlette.responses import HTMLResponse, Response

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
