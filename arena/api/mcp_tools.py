"""The public endpoints as tools for MCP: JSON text to read, structured content for programs.

Gradio's own server gives the text of Python's values and counts every caller as the site itself.
Only imported where the package `mcp` is installed, which `gradio[mcp]` brings.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import jsonschema
from mcp import types
from mcp.server.fastmcp.tools import Tool
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Mount
from starlette.types import Message, Receive, Scope, Send

from arena.api import page_programs
from arena.api.connection import while_connected
from arena.api.errors import SHOWN
from arena.api.openai_routes import hashed_address
from arena.models import StoreError
from arena.ranking.board import leaderboard as board
from arena.site.leaderboards import LeaderboardQuery
from arena.site.site import Site

log = logging.getLogger(__name__)

PATH = "/gradio_api/mcp"

LONGEST_ERROR = 500
"""Characters; an error may repeat what was sent."""


class McpTools:
    """The tools over one site, as ASGI. Each request stands for itself: there are no sessions."""

    def __init__(self, site: Site):
        self._site = site
        functions = [self.leaderboard, *([self.ask] if site.settings.api == "open" else [])]
        self._functions: dict[str, Callable[..., Awaitable[Any]]] = {
            function.__name__: function for function in functions
        }
        self._schemas = {
            name: Tool.from_function(function).parameters
            for name, function in self._functions.items()
        }
        self._server: Server = Server("Blended Arena")
        self._server.list_tools()(self._list)
        # Its own check would repeat what was sent, of any length.
        self._server.call_tool(validate_input=False)(self._call)

    def mount(self) -> Mount:
        """Where clients find it."""
        return Mount(PATH, app=self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a client that leaves ends what it has asked for."""
        with suppress(ClientDisconnect):
            body = await Request(scope, receive).body()
            await while_connected(receive, self._handle(scope, _replay(body), send))

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        manager = StreamableHTTPSessionManager(self._server, json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    async def ask(self, message: str, contender: str = "") -> page_programs.ProgramReply:
        """The reply of a blend of small models, or of a single one, to one message: its text, the
        member that wrote it, and how likely that member was to be drawn.

        message: what is said to it. contender: who answers, by name; by default the blend that this
        site is about.
        """
        address = hashed_address(self._site, self._server.request_context.request)
        return await page_programs.ask(self._site, message, contender, address)

    async def leaderboard(
        self, by: str = "", part: str = "", style: bool = False, source: str = ""
    ) -> dict[str, Any]:
        """The leaderboard: for each contender, best first, its rank range, rating with 95 %
        interval, number of battles, win, tie and both-bad rates, how often it was drawn, whether it
        is preliminary or retired, and what visitors gave as reasons for their votes on it.

        by: rows of slices of the votes instead: turns, language, length, month or category
        (categories overlap). part: of one of these slices only, by its name, as "2 or 3 turns".
        style: ratings at equal length and markdown. source: whose votes: own, imported, judged
        (by machines) or simulated; by default this site's own.
        """
        try:
            shown = await self._site.boards.board(
                LeaderboardQuery(source, by, part, style), self._site.contenders.ids
            )
        except StoreError as error:
            log.error("%s", error)
            raise ValueError("The board cannot be read just now: try again in a moment.") from None
        return {"contenders": board.leaderboard_rows(shown)}

    async def _list(self) -> list[types.Tool]:
        return [
            types.Tool(
                name=name,
                description=inspect.getdoc(self._functions[name]),
                inputSchema=schema,
            )
            for name, schema in self._schemas.items()
        ]

    async def _call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What a tool gives; a dict becomes both kinds of content. What is raised is told."""
        if name not in self._functions:
            raise ValueError(f"There is no such tool: there are {', '.join(self._functions)}.")
        try:
            jsonschema.validate(arguments, self._schemas[name])
        except jsonschema.ValidationError as error:
            raise ValueError(error.message[:SHOWN]) from None
        try:
            return await self._functions[name](**arguments)
        except ValueError as error:
            raise ValueError(str(error)[:LONGEST_ERROR]) from None


def _replay(body: bytes) -> Receive:
    """A receive that gives this body, and after it nothing any more."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else await asyncio.Event().wait()

    return receive
