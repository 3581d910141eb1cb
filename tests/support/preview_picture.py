"""The picture that other sites show beside a link: python tests/support/preview_picture.py FILE."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

HTML = Path(__file__).with_suffix(".html")


def draw(file: Path) -> None:
    """Take the picture of the page beside this file, as large as such pictures are."""
    with sync_playwright() as playwright:
        args = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=args)
        page = browser.new_page(viewport={"width": 1200, "height": 630})
        page.set_content(HTML.read_text(encoding="utf-8"))
        page.screenshot(path=file)
        browser.close()


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
