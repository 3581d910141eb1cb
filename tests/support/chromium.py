"""A Chromium of this machine, started and ended: Debian's or anybody's, found on the PATH."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage")
ALONE = (
    "--disable-background-networking",
    # Nothing else is found. Asking about each request in a test would take longer than the request.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""For a browser that reaches nothing outside this machine."""


class NoChromium(RuntimeError):
    """There is none on the PATH."""


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """A browser that has kept nothing. more: flags of its own. Raises NoChromium."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise NoChromium("no Chromium on the PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *more])
        yield browser
        browser.close()
