"""What tests do on the page in a real browser, and the sites that several of them share."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from app_process import Running, start
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

expect.set_options(timeout=30_000)

BOTH = [(1280, False), (390, True)]
"""Width and darkness: a desk by day, a phone by night."""

ECHO = """
title = "Echo"
[[member]]
name = "alder"
engine = "scripted"
lines = ["{message}"]
[member.sampling]
max_tokens = 4000
[[member]]
name = "birch"
engine = "scripted"
lines = ["{message}"]
[member.sampling]
max_tokens = 4000
[[blend]]
name = "Blended"
members = ["alder", "birch"]
"""
"""Members that say again what they are told, so that nothing tells one from another."""


@contextmanager
def running(folder: Path, roster: str, *options: str) -> Iterator[Running]:
    """A site on a roster of its own, stopped in the end. roster: the text of its file."""
    (folder / "roster.toml").write_text(roster)
    site = start(folder / "arena.db", "--roster", str(folder / "roster.toml"), *options)
    yield site
    assert site.stop() == 0


def rows(db: Path, sql: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, values).fetchall()


def go(page, name: str) -> None:
    """Open another page by its link; nothing where it is open."""
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages).to_be_visible()
    link = pages.get_by_role("link", name=name)
    if link.get_attribute("aria-current") is None:
        link.click()
        expect(link).to_have_attribute("aria-current", "page")


def send(page, box: str, text: str) -> None:
    page.locator(f"{box} textarea").fill(text)
    page.locator(f"{box} textarea").press("Enter")


def chat(page, text: str) -> None:
    """A message of the chat, and its reply to the end."""
    before = page.locator("#chat-log .user-row").count()
    send(page, "#chat-box", text)
    expect(page.locator("#chat-log .user-row")).to_have_count(before + 1)
    settled(page)


def settled(page) -> None:
    """The reply has ended: it can be taken back."""
    expect(page.locator("#chat-log [data-act=undo]")).to_be_visible()
    expect(page.locator("#chat-box button", has_text="Send")).to_be_visible()


def fight(page, text: str = "Hello there") -> None:
    """A message of a battle, and both replies to their end."""
    go(page, "Arena")
    send(page, "#duel-box", text)
    expect(page.locator("#vote-1")).to_be_enabled()
    page.wait_for_timeout(400)  # a vote on what nobody looked at does not count


def tab_to(page, selector: str) -> None:
    """Go on by the Tab key until this has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(selector).evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"40 times Tab lead nowhere near {selector}")


def until(page, ready: Callable[[], object], within: float = 20.0) -> None:
    """Wait until something is so that the page does not show."""
    end = time.monotonic() + within
    while not ready() and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert ready()


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


FADED = """(dark) => !(window.gradio_config && document.body.classList.contains("dark") !== dark)
    && !document.getAnimations().some((one) => one instanceof CSSTransition
        && one.playState === "running")"""
"""Gradio has heeded the colour scheme, which the host's page does by its style alone. What fades in
a part that is folded away is finished, and listed until that is unfolded."""


def faults(page) -> list[tuple]:
    """What axe finds, and whether the page is too wide: at a desk by day, then on a phone by night,
    which it stays. One page that is resized costs less than two."""
    found = []
    for width, dark in BOTH:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.wait_for_function(FADED, arg=dark)
        found += [(width, *each) for each in violations(page, 30.0)]
        found += [] if fits(page) else [(width, "too wide")]
    return found


def violations(page, within: float = 10.0) -> list[tuple[str, str]]:
    """What axe finds, once nothing is half faded in any more."""
    until = time.monotonic() + within
    while True:
        found = Axe().run(page).response["violations"]
        if not found or time.monotonic() > until:
            return [(v["id"], node["html"][:200]) for v in found for node in v["nodes"]]
        page.wait_for_timeout(500)
