"""Gradio's app, started for this machine only, behind the server that visitors reach."""

import socket
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from arena.site.site import Site
from arena.web.boundary import Boundary, inner_middleware
from arena.web.listening import free_port, raise_file_limit, start_listening
from arena.web.server import Server
from arena.web.starting import StartCheck

SESSIONS = 250
"""Pages whose state Gradio keeps, at 0.4 MB each; one that is used again later finds its own in the
database."""

MAX_CONNECTIONS = 4096
"""Connections at a time, where the system gives twice as many file handles."""


def launch(
    blocks: Any,
    config: Mapping[str, Any],
    site: Site,
    sockets: list[socket.socket],
    routes: Sequence[BaseRoute],
    innermost: Sequence[Middleware],
    **look: object,
) -> Server:
    """Start the page and the routes in the background; the members may still be loading.

    blocks: the page, a gr.Blocks. config: Gradio's description of it. look: its theme, style, head
    and texts, as its launch() takes them.
    """
    start_listening(sockets)
    boundary = Boundary(site, [f"/{path}" for path, *_ in config["pages"]])
    server = Server(sockets, boundary, most=min(MAX_CONNECTIONS, raise_file_limit() // 2))
    check = Middleware(StartCheck, starting=lambda: boundary.starting)
    blocks.launch(
        server_name="127.0.0.1",
        server_port=free_port(),
        root_path=site.settings.root_path or None,
        prevent_thread_lock=True,
        quiet=True,
        ssr_mode=False,
        run_history=False,
        footer_links=[],
        max_threads=128,
        state_session_capacity=SESSIONS,
        enable_monitoring=False,
        mcp_server=False,  # ours is among the routes
        app_kwargs={
            "routes": routes,
            "middleware": [check, *inner_middleware(site, config), *innermost],
            "lifespan": server.lifespan,
        },
        **look,
    )
    # A stream for each tab, of six that a browser opens, to tell that a tab was closed: no need.
    blocks.config["connect_heartbeat"] = False
    boundary.starting = False
    return server
