"""Headers: who asks, behind proxies that are trusted; and what a browser may do with an answer."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

from arena.site.identity import client_address

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


def with_policy(send: Send, policy: str) -> Send:
    """The same; answers that have no security headers of their own get them."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("x-content-type-options", "nosniff")
            headers.setdefault("referrer-policy", "same-origin")
            headers.setdefault("content-security-policy", policy)
        await send(message)

    return guarded


def with_caller(scope: Scope, proxies: int) -> Scope:
    """The same request from its caller's address, and nothing of what others claim.

    proxies: how many stand before the site, each adding to x-forwarded-for whom it saw. What an
    untrusted caller says of the host is dropped. What they say of the scheme is kept: only their
    own page depends on it.
    """
    peer, port = scope.get("client") or ("", 0)
    forwarded = ",".join(MutableHeaders(scope=scope).getlist("x-forwarded-for"))
    claims = ("forwarded", "x-forwarded-for", "x-real-ip")
    scope = without(scope, *claims, *(() if proxies else ("x-forwarded-host",)))
    return {**scope, "client": (client_address(peer, forwarded, proxies), port)}


def without(scope: Scope, *names: str) -> Scope:
    """The same request without these headers."""
    scope = {**scope, "headers": list(scope["headers"])}
    headers = MutableHeaders(scope=scope)
    for name in names:
        del headers[name]
    return scope
