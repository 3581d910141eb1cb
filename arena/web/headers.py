"""Security headers: what a browser may do with an answer, said with every one of them."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SPACE_FRAMES = ("https://huggingface.co", "https://*.hf.space")
"""Who shows a Space in a frame of their own."""


def policy(environ: Mapping[str, str]) -> str:
    """The page's content security policy: all of it comes from here, and goes nowhere else.

    Gradio writes scripts and styles into the page, and makes functions of the listeners' scripts.
    """
    frames = ("'self'", *(SPACE_FRAMES if environ.get("SPACE_ID") else ()))
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {' '.join(frames)}",
        )
    )


class SecurityHeaders:
    """Adds them to answers that have none of their own."""

    def __init__(self, app: ASGIApp, policy: str):
        self.app = app
        self.policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "same-origin")
                headers.setdefault("content-security-policy", self.policy)
            await send(message)

        await self.app(scope, receive, guarded)
