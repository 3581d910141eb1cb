"""The picture that other sites show beside a link: python tests/support/preview_picture.py FILE."""

import sys
from pathlib import Path

from chromium import chromium

HTML = Path(__file__).with_suffix(".html")


def draw(file: Path) -> None:
    """Take the picture of the page beside this file, as large as such pictures are."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 630})
        page.set_content(HTML.read_text(encoding="utf-8"))
        page.screenshot(path=file)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
