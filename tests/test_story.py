"""The whole story on the models that ship: chat, battle, vote, board, in a real browser."""

import re
from pathlib import Path

import httpx
import psutil
import pytest
from browsing import fits, rows, send, tab
from playwright.sync_api import expect

from tests.conftest import start

pytestmark = pytest.mark.browser
MEMBERS = ("smalltalk", "trivia", "concierge")
TELLING = """
import sys, app
code = app.main()
print("imported:", sorted({"torch", "transformers", "openai"} & {*sys.modules}))
sys.exit(code)
"""
"""app.py, which says in the end what it has imported."""
TOYS = "These models are toys. For real ones: python app.py --roster pocket"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    running = start(tmp_path_factory.mktemp("story") / "arena.db", program=("-c", TELLING))
    yield running
    assert running.stop() == 0
    assert running.lines[-1] == "imported: []\n"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_whole_story(site, visit, width):
    made = visit(site.url, width=width)
    page = made.page
    expect(page.locator("#header")).to_contain_text(TOYS)
    send(page, "#chat-box", "Can you find me a restaurant in San Jose?")
    expect(page.locator("#chat-log .chip")).to_have_text(
        re.compile(rf"({'|'.join(MEMBERS)}) · 33%"), timeout=60_000
    )

    tab(page, "Arena")
    send(page, "#duel-box", "Do you like music?")
    expect(page.locator("#vote-1")).to_be_enabled(timeout=60_000)
    for name in (*MEMBERS, "mixed"):
        expect(page.locator("#column-a .message-wrap")).not_to_contain_text(f"{name} ·")
    columns = [page.locator(f"#column-{side} .bot").inner_text() for side in "ab"]
    # A vote on what nobody can have looked at does not count.
    page.wait_for_timeout(400 + 10 * min(map(len, columns)))
    page.locator("#vote-1").click()
    expect(page.locator("#duel-result")).to_contain_text("You said: A is better. It counts.")
    expect(page.locator("#duel-result .chip", has_text="Blended")).to_have_count(1)

    tab(page, "Leaderboard")
    expect(page.locator("#board-counted")).to_contain_text("counted, from")
    expect(page.locator("#board-table")).to_contain_text("Blended")
    assert fits(page) and made.clean()
    drawn = rows(site.db, "SELECT member, chance, reply FROM turns")
    assert all(member and reply and 0 < chance <= 1 for member, chance, reply in drawn)


def test_the_terminal_says_that_they_are_toys_and_a_program_is_answered(site):
    assert [TOYS in line for line in site.lines if "toys" in line] == [True]
    asked = {"model": "trivia", "messages": [{"role": "user", "content": "Do you like jazz?"}]}
    answer = httpx.post(f"{site.url}/v1/chat/completions", json=asked, timeout=60)
    assert answer.json()["choices"][0]["message"]["content"]


def test_all_processes_stay_under_their_memory_and_none_has_torch(site):
    assert site.health()[1]["members"] == {"loaded": 4, "of": 4, "down": {}}
    app = psutil.Process(site.process.pid)
    processes = [app, *app.children(recursive=True)]
    assert len(processes) == 1 + 4 * 2  # a server and its guard for each member
    assert sum(one.memory_full_info().pss for one in processes) < 600e6
    maps = [Path(f"/proc/{one.pid}/maps").read_text() for one in processes]
    assert not any("libtorch" in told for told in maps)
    assert sum("llamacpp" in told for told in maps) == 4
