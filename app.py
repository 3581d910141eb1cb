"""Blended Arena: python app.py [--roster NAME_OR_PATH] [--db PATH] [--host H] [--port N] …"""

import argparse
import asyncio
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

from arena.db import file_lock
from arena.db.store import Store
from arena.models import StoreError
from arena.pages.about import text as about_text
from arena.site import admin_key
from arena.site.identity import login_problem
from arena.site.moderation import Moderation
from arena.site.recording import TextRetention
from arena.site.site import Site
from arena.web.listening import listen, site_url
from blend.command_line import use_utf8
from blend.members import MemberError, gpu_call, zerogpu
from blend.roster import Roster, RosterError, read, settings
from blend.roster.settings import SettingError

STYLE = Path(__file__).parent / "assets" / "style.css"

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


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="app.py", description=__doc__)
    roster = os.environ.get(settings.variable("roster")) or default_roster(os.environ)
    parser.add_argument("--roster", default=roster, help="a shipped roster's name or a .toml")
    settings.add_flags(parser)
    return parser.parse_args(argv)


def default_roster(environ: Mapping[str, str]) -> str:
    """The roster where none is named: real models on a Space, what needs no download elsewhere.

    On ZeroGPU too: these run on the Space's own processor and spend no visitor's GPU seconds.
    """
    return "pocket" if environ.get("SPACE_ID") else "embedded"


def page(site: Site):
    """All pages as gr.Blocks, not yet served: a route each."""
    import gradio as gr

    from arena.pages import endpoints
    from arena.pages.about import page as about
    from arena.pages.battle import page as battle
    from arena.pages.chat import page as chat
    from arena.pages.chat.history import page as history
    from arena.pages.contender import page as contender
    from arena.pages.header import page_name
    from arena.pages.insights import page as insights
    from arena.pages.leaderboard import page as leaderboard
    from arena.pages.shell import shell
    from arena.pages.votes import page as votes

    with gr.Blocks(title="Blended Arena", delete_cache=(3600, 3600)) as blocks:
        top = shell(site, blocks, "")
        history.build(site, top, chat.build(site, top))
        endpoints.build(site)
    rooms = {
        "arena": battle,
        "leaderboard": leaderboard,
        "contender": contender,
        "votes": votes,
        "insights": insights,
        "about": about,
    }
    for path, room in rooms.items():
        with blocks.route(page_name(path), path):
            room.build(site, shell(site, blocks, path))
    # The site's own limiter decides who waits: Gradio must not, before it.
    return blocks.queue(max_size=256, default_concurrency_limit=max(128, site.settings.limit))


def routes(site: Site) -> list:
    """The routes beside the page: those for programs, and the host's page. Raises SettingError."""
    from arena.api import routes as api_routes
    from arena.pages import admin
    from arena.web.page_head import preview_route

    prefix = urlsplit(site.settings.root_path).path or "/"
    hosts = admin.routes(
        site.store.database.path, site.store.limits, site.host_key, site.hasher, prefix
    )
    return [*api_routes.routes(site, os.environ), *hosts, preview_route()]


def serve(site: Site, sockets: list[socket.socket]) -> tuple:
    """The page and its server, both running; the members may still be loading."""
    import gradio as gr
    from starlette.middleware import Middleware

    from arena.pages.appearance import style
    from arena.pages.broken_streams import BrokenStreams
    from arena.pages.header import PAGES, head, share_head
    from arena.pages.language import catalogues
    from arena.web.launch import launch
    from arena.web.page_head import BASE, PageHead

    system = ("ui-sans-serif", "system-ui", "sans-serif")
    # The default button is too pale for white text by WCAG's 4.5 to 1.
    theme = gr.themes.Default(
        primary_hue="blue", font=system, font_mono=("ui-monospace", "monospace")
    ).set(
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
    )
    css = STYLE.read_text(encoding="utf-8") + style(site.roster)
    heads = {f"/{path}": share_head(path, BASE) for path in PAGES}
    innermost = [Middleware(PageHead, heads, site.address), Middleware(BrokenStreams)]
    blocks = page(site)
    config = blocks.get_config_file()
    look = {"theme": theme, "css": css, "head": head(), "i18n": catalogues(config)}
    return blocks, launch(blocks, config, site, sockets, routes(site), innermost, **look)


def run(
    args: argparse.Namespace, stopped: threading.Event, clock: Callable[[], float] = time.time
) -> None:
    """Roster → store → page → members → URL, then wait to be stopped."""
    roster = read(args.roster)
    chosen = settings.resolve(roster.settings, os.environ, vars(args))
    if os.environ.get("SPACE_ID") and "proxies" not in chosen.origins:
        chosen = chosen.with_values({"proxies": 1}, "Space")
    check(chosen)
    # Gradio's own server is for this machine only, whatever this says; `chosen` has what it says.
    os.environ.pop("GRADIO_SERVER_NAME", None)
    sockets = listen(chosen.host, chosen.port)
    try:
        with file_lock.site(chosen.db):
            store = Store.open(
                chosen.db, keep_texts=chosen.texts, clock=clock, longest_gap=chosen.longest_gap
            )
            run_on(store, replace(roster, settings=chosen), sockets, stopped)
    finally:
        for each in sockets:
            each.close()


def check(chosen: settings.Settings) -> None:
    """Raise SettingError for what only this machine tells: the login, the key, a module."""
    Moderation.named(chosen.moderation)
    if chosen.publish and not chosen.texts:
        raise SettingError("publish = true needs texts = true: without texts nothing is published")
    if problem := admin_key.key_problem(os.environ):
        raise SettingError(problem)
    if chosen.login_to_vote and (problem := login_problem(os.environ)):
        raise SettingError(f"login_to_vote cannot be met. {problem}")


def run_on(
    store: Store, roster: Roster, sockets: list[socket.socket], stopped: threading.Event
) -> None:
    """The page on a store that is open, until it is stopped; then the store is closed.

    sockets: where visitors are listened for.
    """
    from arena.exchange.hub import Hub  # reads the environment that main() sets
    from arena.simulation.synthetic_strengths import demo_votes

    site, served = Site(roster, store, lent=lent(), demo=demo_votes), None
    hub = Hub(store, site.settings.hub, site.settings.hub_minutes)
    site.copies = hub.status
    retention = TextRetention(store.erasure, site.settings.text_days)
    if roster.note:
        print(roster.note, flush=True)
    try:
        hub.start()
        if site.lent is None:  # else `spaces` packs the models at the launch: they come first
            served = serve(site, sockets)
        load(site)
        served = served or serve(site, sockets)
        if os.environ.get("SPACE_ID"):
            print(site.storage_status(), *about_text.missing_features(site, os.environ), sep="\n")
        print(site_url(site.settings.host, sockets), flush=True)
        # Not signal.pause(): a signal just before it, or taken by another thread, would be missed.
        while not stopped.is_set():
            retention.tick(time.time())
            time.sleep(0.5)
    finally:
        # A second Ctrl-C must not leave the database in the middle of something.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if served is not None:
            stop(site, *served)
        asyncio.run(site.aclose())
        hub.close()
        store.close()


def load(site: Site) -> None:
    """Load the members, and show how far it is."""
    from tqdm import tqdm

    with tqdm(total=len(site.roster.members), desc="loading models", leave=False) as bar:
        site.contenders.load(
            lambda name: bar.set_postfix_str(name, refresh=False) or bar.update(),
            lambda sentence: bar.write(sentence, file=sys.stdout),
        )


def stop(site: Site, blocks, server) -> None:
    """Stop the page and its server, once the replies in flight had their time."""
    site.drain(site.settings.drain)
    # Gradio waits five seconds for streams that were cut; their clients learn it sooner.
    threading.Timer(0.5, setattr, (blocks.server, "force_exit", True)).start()
    server.close(patience=0.5)
    blocks.close(verbose=False)


def lent() -> gpu_call.GpuLease | None:
    """The GPU, where this is a Space on ZeroGPU. `spaces` must come before anything uses CUDA."""
    if not zerogpu.is_zerogpu(os.environ):
        return None
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # threads that a fork would lack
    import spaces

    return gpu_call.GpuLease(spaces.GPU)


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
