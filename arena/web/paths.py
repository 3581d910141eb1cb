"""The paths there are beside the pages: this site's own, and of Gradio's only what a page needs."""

import re

OWN = r"preview\.png|healthz|metrics|host(/feedback)?|leaderboard\.\w+|votes\.json|v1(/.*)?"
PAGE = r"config/?|theme\.css|favicon\.ico|robots\.txt|manifest\.json|pwa_icon(/\d+)?"
FILES = r"(assets|static|svelte)/.*"
LOGIN = r"login/(huggingface|callback)|logout"
EVENTS = r"gradio_api/(info/?|app_id/?|theme\.css|run/predict/?|queue/(join|data)|cancel|reset/?)"
TOOLS = r"gradio_api/(call/\w+(/\w+)?|mcp(/.*)?)"

ALLOWED = re.compile(f"/({OWN}|{PAGE}|{FILES}|{LOGIN}|{EVENTS}|{TOOLS})")
"""All others are not found: uploads, files, proxies, deep links, monitoring, what is to come."""


def without_prefix(path: str, root: str) -> str:
    """The path within the site, as Starlette finds it. root: the application's root_path."""
    rest = path.removeprefix(root)
    return rest if rest[:1] in ("", "/") else path
