"""The whole story on the models that ship: chat, battle, vote, board, in a real browser."""

import re
import sqlite3

import pytest
from playwright.sync_api import expect

from tests.conftest import start

pytestmark = pytest.mark.browser
MEMBERS = ("smalltalk", "trivia", "concierge")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    running = start(tmp_path_factory.mktemp("story") / "arena.db", wait=180)
    yield running
    assert running.stop() == 0


def resident(pid: int) -> int:
    """Megabytes of memory that the program holds."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


@pytest.mark.parametrize("width", [1280, 390])
def test_the_whole_story(site, visit, width):
    made = visit(site.url, width=width)
    page = made.page
    page.locator("#chat-box textarea").fill("Can you find me a restaurant in San Jose?")
    page.locator("#chat-box textarea").press("Enter")
    expect(page.locator("#chat-log .chip")).to_have_text(
        re.compile(rf"({'|'.join(MEMBERS)}) · 33%"), timeout=60_000
    )

    page.get_by_role("tab", name="Arena").click()
    page.locator("#duel-box textarea").fill("Do you like music?")
    page.locator("#duel-box textarea").press("Enter")
    expect(page.locator("#vote-1")).to_be_enabled(timeout=60_000)
    for name in (*MEMBERS, "mixed"):
        expect(page.locator("#column-a .message-wrap")).not_to_contain_text(f"{name} ·")
    columns = [page.locator(f"#column-{side} .bot").inner_text() for side in "ab"]
    # A vote on what nobody can have looked at does not count.
    page.wait_for_timeout(400 + 10 * min(map(len, columns)))
    page.locator("#vote-1").click()
    expect(page.locator("#duel-result")).to_contain_text("You said: A is better. It counts.")
    expect(page.locator("#duel-result .chip", has_text="Blended")).to_have_count(1)

    page.get_by_role("tab", name="Leaderboard").click()
    expect(page.locator("#board-counted")).to_contain_text("counted, from", timeout=30_000)
    expect(page.locator("#board-table")).to_contain_text("Blended")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert made.clean()
    with sqlite3.connect(f"file:{site.db}?mode=ro", uri=True) as connection:
        drawn = connection.execute("SELECT member, chance, reply FROM turns").fetchall()
    assert all(member and reply and 0 < chance <= 1 for member, chance, reply in drawn)


def test_it_stays_under_its_memory(site):
    assert site.health()[1]["members"] == {"loaded": 4, "of": 4, "down": {}}
    assert resident(site.process.pid) < 1_200
