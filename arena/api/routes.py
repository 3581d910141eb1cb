"""All routes for programs: the site's state, the board as a file, /v1, and the tools for MCP."""

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from arena.api import leaderboard_files, visitor_votes
from arena.api.openai_routes import Api
from arena.site.cached_value import CachedValue
from arena.site.site import Site, api_key, offers_tools

METRICS_SECONDS = 0.25
"""How old the text of /metrics may be, however many ask for it."""


class StatusRoutes:
    """The handlers over one site."""

    def __init__(self, site: Site):
        self._site = site
        self._metrics = CachedValue(site.metrics.text, METRICS_SECONDS)

    def routes(self) -> list[Route]:
        """The routes, for the server that carries the page."""
        return [Route("/healthz", self.health), Route("/metrics", self.metrics)]

    async def health(self, request: Request) -> JSONResponse:
        """503 while members load, or where nobody can be answered; else 200."""
        health = await asyncio.to_thread(self._site.contenders.health)
        body = {
            "status": health.status,
            "votes": self._site.storage_status(),
            "storage": health.storage or "ready",
            "members": {"loaded": health.loaded, "of": health.members, "down": health.down},
        }
        return JSONResponse(body, status_code=200 if health.ok else 503)

    async def metrics(self, request: Request) -> Response:
        """The exposition text."""
        text = self._metrics.peek() or await asyncio.to_thread(self._metrics)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def routes(site: Site, environ: Mapping[str, str]) -> list[BaseRoute]:
    """The routes that the settings allow. Raises SettingError."""
    found = [
        *StatusRoutes(site).routes(),
        *leaderboard_files.routes(site),
        *visitor_votes.routes(site),
    ]
    if offers_tools(site.settings):
        from arena.api.mcp_tools import McpTools  # the package `mcp` may not be there

        found.append(McpTools(site).mount())
    if site.settings.api != "off":
        found += Api(site, api_key(site.settings, environ)).routes()
    return found
