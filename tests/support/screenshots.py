"""Pictures of each page in each state, to be looked at: python -m screenshots FOLDER [NAME…].

Run it in tests/support. NAME is the beginning of a state's name, as chat or arena-void; without one
all are taken. A picture is called STATE-WIDTH-light.png, or dark.
"""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app_process import ROOT, start
from chromium import chromium
from playwright.sync_api import Browser, Page
from screenshot_states import SITES, STATES, PageState

sys.path.insert(0, str(ROOT))

DEVICES = ({1440: 900, 1024: 768}, {390: 844})
"""Width and height of each picture. A page is brought into its state on each device: a phone's may
be another than that of a desk made narrow."""
SCHEMES = ("light", "dark")
LONGEST = 6000  # pixels of a page that is taken whole


@contextmanager
def site(name: str, folder: Path) -> Iterator[str]:
    """The address of one of the SITES, run on its own members and database."""
    made = SITES[name]
    shutil.rmtree(folder / name, ignore_errors=True)  # what an earlier run has left
    (folder / name).mkdir(parents=True)
    roster = folder / name / "roster.toml"
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    if made.line:
        line = f"lines = [{json.dumps(made.line)}]\n"
        text = re.sub(r"lines = \[.*?\]\n(?=ALDER)", lambda _: line, text, flags=re.S)
    roster.write_text(text.replace("ALDER", made.member) + made.more, encoding="utf-8")
    db = folder / name / "arena.db"
    made.fill(db, roster)
    running = start(db, "--roster", str(roster), *made.options)
    try:
        yield running.url
    finally:
        running.stop()


def take(browser: Browser, url: str, state: PageState, folder: Path) -> None:
    """Bring a page into the state on each device, and take it at all sizes, light and dark."""
    for sizes in DEVICES:
        width, height = next(iter(sizes.items()))
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        page.goto(f"{url}/{state.path}")
        state.act(page)
        for width, height in sizes.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(300)  # figures are drawn anew at the new width
                picture(page, state, folder / f"{state.name}-{width}-{scheme}.png")
        context.close()
    print(state.name, flush=True)


def picture(page: Page, state: PageState, file: Path) -> None:
    """What one sees, or the whole page."""
    if state.whole:
        tall = page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": min(tall, LONGEST)}
        page.screenshot(path=file, full_page=True, clip=clip)
    else:
        page.screenshot(path=file)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=[""])
    args = parser.parse_args(argv)
    chosen = [state for state in STATES if state.name.startswith(tuple(args.names))]
    args.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for name in dict.fromkeys(state.site for state in chosen):
            with site(name, args.folder / "sites") as url:
                for state in chosen:
                    if state.site == name:
                        take(browser, url, state, args.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
