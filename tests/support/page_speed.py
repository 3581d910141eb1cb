"""How soon a page is there, and whether a long chat stalls: python -m page_speed [--turns N] [URL].

Run it in tests/support; URL is of a site that runs already, by default one of its own on members
that say what they are told. It prints, for each page, when something is painted first in a cold
browser, when the page's own events have come, and what goes over the wire; then, for a chat of many
turns, the longest task of the browser while it is opened, scrolled and streams: by the clock, which
counts what else the machine does, and by the time that it had a processor.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browsing import ECHO, running
from chromium import chromium
from page_wire import Wire
from playwright.sync_api import Browser, Page

PAGES = {"chat": "", "arena": "arena", "leaderboard": "leaderboard", "about": "about"}
AWAKE = ":is(#chat-box, #duel-box) textarea:enabled, #board-sentence h2, #about-stored li"
RICH = "**bold**\n\n`code`\n\n```py\na=1\nb=2\n```\n\n|a|b|\n|---|---|\n|1|2|\n\n$x^2$"
SEEK = 250  # ms between two looks at the page: each frame's would be work of its own
ENDED = "!document.querySelector('#chat-box .stop-button')"
SHOWN = "(n) => document.querySelectorAll('#chat-log .reply').length > n"
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def cold(browser: Browser, url: str) -> str:
    """One line on a page that a browser opens which has kept nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, sizes = context.new_page(), []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    began = time.monotonic()
    page.goto(url)
    page.wait_for_selector(AWAKE, timeout=60_000)
    awake = time.monotonic() - began
    page.wait_for_timeout(1500)
    paint = page.evaluate(PAINT) / 1000
    context.close()
    wired = f"{sum(sizes) / 1000:5.0f} kB in {len(sizes)} requests"
    return f"first paint {paint:.2f} s, awake {awake:.2f} s, {wired}"


@contextmanager
def traced(browser: Browser, page: Page, what: str) -> Iterator[None]:
    """Print the longest of the page's tasks meanwhile, from the browser's own trace."""
    wire, events, ended = browser.new_browser_cdp_session(), [], []
    wire.on("Tracing.dataCollected", lambda told: events.extend(told["value"]))
    wire.on("Tracing.tracingComplete", lambda told: ended.append(told))
    wire.send("Tracing.start", {"traceConfig": {"includedCategories": ["toplevel"]}})
    yield
    page.wait_for_timeout(500)
    wire.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    wire.detach()
    tasks = page_tasks(events)
    clock, processor = (max(task[key] for task in tasks) / 1000 for key in ("dur", "tdur"))
    long = sum(task["dur"] > 50_000 for task in tasks)
    print(f"{what}: longest task {clock:.0f} ms, {processor:.0f} ms of a processor, {long} over 50")


def page_tasks(events: list[dict]) -> list[dict]:
    """The tasks of a trace in the main thread of the page, which is the busiest of all pages'."""
    named = [each for each in events if each["name"] == "thread_name"]
    mains = {each["pid"]: each["tid"] for each in named if each["args"]["name"] == "CrRendererMain"}
    ran = [each for each in events if each["name"] == "ThreadControllerImpl::RunTask"]
    tasks = [each for each in ran if mains.get(each["pid"]) == each["tid"] and "tdur" in each]
    ((busiest, _),) = Counter(each["pid"] for each in tasks).most_common(1)
    return [each for each in tasks if each["pid"] == busiest]


def long_chat(browser: Browser, url: str, turns: int) -> None:
    """A chat of so many turns: opened, scrolled, and streamed into."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{url}/about")
    own = page.locator("#about-own textarea, #about-own input")
    page.wait_for_function("document.querySelector('#about-own :is(textarea, input)')?.value")
    wire, visitor = Wire(url), own.input_value()
    _, _, id = wire.event("chat-box", "submit")["inputs"][:3]
    for n in range(turns):
        shown = wire.given.get(id, "")
        wire.call("chat-box", "submit", None, visitor, shown, f"{n + 1}: {RICH}", "", "")
    page.goto(url)
    newest = page.locator("#history-list li a").first.get_attribute("href")
    with traced(browser, page, f"{turns} turns are opened"):
        page.goto(f"{url}/{newest}")
        page.wait_for_function(SHOWN, arg=turns - 1, polling=SEEK, timeout=120_000)
    with traced(browser, page, "scrolled"):
        page.locator("#chat-log").hover()
        for _ in range(60):
            page.mouse.wheel(0, -600)
            page.wait_for_timeout(30)
    with traced(browser, page, "one more is streamed"):
        page.locator("#chat-box textarea").fill("word " * 120)
        page.locator("#chat-box textarea").press("Enter")
        page.wait_for_function(SHOWN, arg=turns, polling=SEEK)
        page.wait_for_function(ENDED, polling=SEEK, timeout=120_000)


def measure(url: str, turns: int) -> None:
    """Print it all for the site at an address."""
    for name, path in PAGES.items():
        with chromium() as browser:  # of its own: what one has kept, another context would use
            print(f"{name:12} {cold(browser, f'{url}/{path}')}", flush=True)
    with chromium() as browser:
        long_chat(browser, url, turns)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m page_speed", description=__doc__)
    parser.add_argument("url", nargs="?", default="")
    parser.add_argument("--turns", type=int, default=200)
    args = parser.parse_args(argv)
    if args.url:
        measure(args.url.rstrip("/"), args.turns)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        roster = ECHO.replace('engine = "scripted"', 'engine = "scripted"\npace = 0.03')
        with running(Path(folder), roster, "--messages-per-minute", "0") as site:
            measure(site.url, args.turns)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
