"""Blended Arena: python app.py [--roster NAME_OR_PATH] [--db PATH] [--host H] [--port N] …"""

import argparse
import asyncio
import importlib.util
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from arena import about, hold, host_key, login, zerogpu
from arena.moderation import Moderation
from arena.recent import Recent
from arena.records import StoreError
from arena.site import Site
from arena.store import Store
from arena.upkeep import Upkeep
from arena.web.boundary import Boundary, inside
from arena.web.listening import listen, open_to_all, raise_file_limit, url
from arena.web.server import Server
from blend import settings
from blend.command_line import use_utf8
from blend.members import MemberError
from blend.roster import Roster, RosterError, read
from blend.settings import SettingError, Settings

FAREWELL = 0.5
"""Seconds at a stop in which programs are told that their replies are cut."""
STYLE = Path(__file__).parent / "assets" / "style.css"

METRICS = 0.25
"""Seconds for which the text of /metrics serves, however many ask for it."""

ENVIRONMENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # Gradio sums up its last 10,000 events after each one, for a page that is not shown here.
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
    # Where matplotlib is there, Gradio asks for its backend at each event; to find one out costs
    # the first visitor a second.
    "MPLBACKEND": "agg",
}
"""What other libraries read when they are imported; what the host has set stays."""

SESSIONS = 250
"""Pages whose state Gradio keeps, at 0.4 MB each; one that is used again later finds its own in the
database."""

MOST_CONNECTIONS = 4096
"""Connections at a time, where the system gives twice as many file handles."""


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="app.py", description=__doc__)
    roster = os.environ.get(settings.variable("roster")) or by_default(os.environ)
    parser.add_argument("--roster", default=roster, help="a shipped roster's name or a .toml")
    settings.add_flags(parser)
    return parser.parse_args(argv)


def by_default(environ: Mapping[str, str]) -> str:
    """The roster where none is named: real models on a Space, what needs no download elsewhere.

    On ZeroGPU too: these run on the Space's own processor and spend no visitor's GPU seconds.
    """
    return "pocket" if environ.get("SPACE_ID") else "embedded"


def page(site: Site):
    """The whole page as gr.Blocks, not yet served."""
    import gradio as gr

    from arena.tabs import about as about_tab
    from arena.tabs import chat, duel, insights, leaderboard, programs
    from arena.tabs.header import header

    with gr.Blocks(title="Blended Arena", delete_cache=(3600, 3600)) as blocks:
        visitor = gr.BrowserState(storage_key="blended-arena-visitor", secret="a claim, no secret")
        preview = gr.State("")
        greeted = header(site, blocks, visitor, preview)
        with gr.Tabs(overflow_behavior="wrap"):
            with gr.Tab("Chat", id="chat"):
                chat.build(site, visitor, preview, greeted)
            with gr.Tab("Arena", id="arena"):
                duel.build(site, visitor, greeted)
            with gr.Tab("Leaderboard", id="leaderboard") as tab:
                leaderboard.build(site, tab)
            with gr.Tab("Insights", id="insights") as tab:
                insights.build(site, tab)
            with gr.Tab("About", id="about") as tab:
                about_tab.build(site, tab, visitor)
        programs.build(site)
    # The gate decides who waits: Gradio must not, before it.
    return blocks.queue(max_size=256, default_concurrency_limit=max(128, site.settings.limit))


def routes(site: Site, key: str) -> list:
    """The routes beside the page: /healthz (503 while members load, 200 after), /metrics, the
    leaderboard as a file, the host's page, /v1, and the tools where they are offered."""
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    from arena import download, host
    from arena.api import Api

    async def healthz(request) -> JSONResponse:
        health = await asyncio.to_thread(site.health)
        body = {
            "status": health.status,
            "votes": site.keeping,
            "storage": health.storage or "ready",
            "members": {"loaded": health.loaded, "of": health.members, "down": health.down},
        }
        return JSONResponse(body, status_code=200 if health.ok else 503)

    told = Recent(site.metrics.text, METRICS)

    async def metrics(request) -> Response:
        text = told.peek() or await asyncio.to_thread(told)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    open_to = Api(site, key).routes() if site.settings.api != "off" else []
    own = [Route("/healthz", healthz), Route("/metrics", metrics), *download.routes(site)]
    prefix = urlsplit(site.settings.root_path).path or "/"
    own += host.routes(
        site.store.database.path, site.store.limits, site.host_key, site.seal, prefix
    )
    if tools(site.settings):
        from arena.tools import Tools  # the package `mcp` may not be there

        own.append(Tools(site).mount())
    return [*own, *open_to]


def api_key(site: Site) -> str:
    """What programs must send to /v1: nothing where it is open. Raises RosterError."""
    if site.settings.api != "key":
        return ""
    if not os.environ.get("BLENDED_ARENA_API_KEY"):
        raise RosterError('api = "key" needs the environment variable BLENDED_ARENA_API_KEY')
    return os.environ["BLENDED_ARENA_API_KEY"]


def tools(told: Settings) -> bool:
    """Whether the public endpoints are MCP tools, too: where that is wanted and can be had.

    Raises SettingError where it was asked for and cannot be.
    """
    there = importlib.util.find_spec("mcp") is not None
    if told.mcp and not there and "mcp" in told.origins:
        raise SettingError('mcp = true needs a package: pip install "gradio[mcp]"')
    return told.mcp and there


def serve(site: Site, sockets: list[socket.socket]):
    """Start the page and the routes in the background; the members may still be loading.

    Gradio's own server is for this machine only; visitors reach another one, on `sockets`.
    """
    import gradio as gr
    from starlette.middleware import Middleware

    from arena.tabs.broken_streams import BrokenStreams
    from arena.tabs.header import head
    from arena.tabs.look import style

    system = ("ui-sans-serif", "system-ui", "sans-serif")
    mono = ("ui-monospace", "monospace")
    # The default button is too pale for white text by WCAG's 4.5 to 1.
    theme = gr.themes.Default(primary_hue="blue", font=system, font_mono=mono).set(
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
    )
    blocks = page(site)
    open_to_all(sockets)
    boundary = Boundary(site)
    server = Server(sockets, boundary, most=min(MOST_CONNECTIONS, raise_file_limit() // 2))
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
        theme=theme,
        css=STYLE.read_text(encoding="utf-8") + style(site.roster),
        head=head(),
        mcp_server=False,  # ours is among the routes
        app_kwargs={
            "routes": routes(site, api_key(site)),
            "middleware": [*inside(site, blocks.get_config_file()), Middleware(BrokenStreams)],
            "lifespan": server.lifespan,
        },
    )
    # A stream for each tab, of six that a browser opens, to tell that a tab was closed: no need.
    blocks.config["connect_heartbeat"] = False
    boundary.starting = False
    return blocks, server


def free_port() -> int:
    """A port of this machine that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(
    args: argparse.Namespace, stopped: threading.Event, clock: Callable[[], float] = time.time
) -> None:
    """Roster → store → page → members → URL, then wait to be stopped."""
    roster = read(args.roster)
    told = settings.resolved(roster.settings, os.environ, vars(args))
    if os.environ.get("SPACE_ID") and "proxies" not in told.origins:
        told = told.told({"proxies": 1}, "Space")
    check(told)
    # Gradio's own server is for this machine only, whatever this says; `told` has what it says.
    os.environ.pop("GRADIO_SERVER_NAME", None)
    sockets = listen(told.host, told.port)
    try:
        with hold.site(told.db):
            store = Store.open(
                told.db, keep_texts=told.texts, clock=clock, longest_gap=told.longest_gap
            )
            run_on(store, replace(roster, settings=told), sockets, stopped)
    finally:
        for each in sockets:
            each.close()


def check(told: settings.Settings) -> None:
    """Raise SettingError for what only this machine tells: the login, the key, a module."""
    Moderation.named(told.moderation)
    if why := host_key.fault(os.environ):
        raise SettingError(why)
    if told.login_to_vote and (why := login.off(os.environ)):
        raise SettingError(f"login_to_vote cannot be met. {why}")


def run_on(
    store: Store, roster: Roster, sockets: list[socket.socket], stopped: threading.Event
) -> None:
    """The page on a store that is open, until it is stopped; then the store is closed.

    sockets: where visitors are listened for.
    """
    from tqdm import tqdm

    from arena.hub import Hub  # reads the environment that main() sets

    site = Site(roster, store, lent=lent())
    site.hub = Hub(store, site.settings.hub, site.settings.hub_minutes)
    upkeep = Upkeep(store, site.settings.text_days)
    blocks = None
    if roster.note:
        print(roster.note, flush=True)
    try:
        site.hub.start()
        if site.lent is None:  # else `spaces` packs the models at the launch: they come first
            blocks, server = serve(site, sockets)
        with tqdm(total=len(roster.members), desc="loading models", leave=False) as bar:
            site.load(
                lambda name: bar.set_postfix_str(name, refresh=False) or bar.update(),
                lambda said: bar.write(said, file=sys.stdout),
            )
        if blocks is None:
            blocks, server = serve(site, sockets)
        if os.environ.get("SPACE_ID"):
            print(site.keeping, *about.off(site, os.environ), sep="\n")
        print(url(site.settings.host, sockets), flush=True)
        # Not signal.pause(): a signal just before it, or taken by another thread, would be missed.
        while not stopped.is_set():
            upkeep.tick(time.time())
            time.sleep(0.5)
    finally:
        # A second Ctrl-C must not leave the database in the middle of something.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if blocks is not None:
            drain(site, site.settings.drain)
            # Gradio waits five seconds for streams that were cut; their clients learn it sooner.
            threading.Timer(0.5, setattr, (blocks.server, "force_exit", True)).start()
            server.close(patience=0.5)
            blocks.close(verbose=False)
        asyncio.run(site.aclose())
        site.hub.close()
        store.close()


def lent() -> zerogpu.Lent | None:
    """The GPU, where this is a Space on ZeroGPU. `spaces` must come before anything uses CUDA."""
    if not zerogpu.here(os.environ):
        return None
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # threads that a fork would lack
    import spaces

    return zerogpu.Lent(spaces.GPU)


def drain(site: Site, limit: float) -> None:
    """Let nobody in any more; give replies in flight and what is not stored yet `limit` seconds.

    Programs whose replies did not end are then told so.
    """
    until = time.monotonic() + limit
    site.gate.closed = True
    while (site.gate.inside or len(site.deferred)) and time.monotonic() < until:
        time.sleep(0.05)
    site.gate.end()
    until = time.monotonic() + FAREWELL
    while site.gate.inside and time.monotonic() < until:
        time.sleep(0.02)


def heed_stops() -> threading.Event:
    """Let SIGTERM and Ctrl-C raise KeyboardInterrupt, and set the event that is returned: Python
    ignores what is raised while it clears something away, as it often does in the first seconds."""
    stopped = threading.Event()

    def stop(number: int, frame: object) -> None:
        stopped.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as shells start what stays behind
        signal.signal(signal.SIGINT, stop)
    return stopped


def main(argv: list[str] | None = None, clock: Callable[[], float] = time.time) -> int:
    """The program; its exit code is 2 for anything the caller can mend.

    clock: seconds since 1970, for what is counted by day.
    """
    use_utf8()
    args = arguments(argv)
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        run(args, heed_stops(), clock)
    except KeyboardInterrupt:
        return 0
    except (RosterError, SettingError, StoreError, MemberError, OSError) as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
