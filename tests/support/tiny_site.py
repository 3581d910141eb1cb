"""A tiny app that answers with what came, and the boundary before it."""

from types import SimpleNamespace

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from arena.web.bodies import page_bytes
from arena.web.boundary import Boundary

LIMIT = page_bytes(100)
"""Bytes of a body of the page that the boundary lets through."""


async def tiny(scope, receive, send) -> None:
    """Answers with what came: its body's length, its headers, who asks, the query."""
    request = Request(scope, receive)
    body = await request.body()
    told = {"bytes": len(body), "headers": dict(request.headers), "query": request.url.query}
    told |= {"who": request.client.host, "body": body[:500].decode(errors="replace")}
    await JSONResponse(told, headers={"x-seen": "1"})(scope, receive, send)


def boundary(proxies: int = 0, counted=lambda address: address, starting=False) -> TestClient:
    """A client at 9.9.9.9 of a site that is all boundary."""
    site = SimpleNamespace(
        settings=SimpleNamespace(proxies=proxies, root_path="", longest_message=100),
        guard=SimpleNamespace(client_key=counted),
        hasher=lambda address: address,
    )
    made = Boundary(site)
    made.app, made.starting = tiny, starting
    return TestClient(made, client=("9.9.9.9", 5))
