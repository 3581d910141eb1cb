"""An experiment in a real browser: the host's preview, two days, a restart, two tabs."""

import re

import pytest
from app_process import free_port, start
from browsing import chat, go, rows, send, settled
from page_wire import Wire
from playwright.sync_api import expect
from stored import id_of

from blend.roster import read
from tests.arena.db.repositories.test_visits import NOON

pytestmark = pytest.mark.browser

TRIAL = """
title = "Trial"
[[member]]
name = "alder"
engine = "scripted"
lines = ["Good to hear from you."]
[[member]]
name = "birch"
engine = "scripted"
lines = ["Good to hear from you."]
[[blend]]
name = "Blended"
members = ["alder", "birch"]
[experiment]
name = "trial"
salt = "pepper"
arms = { Blended = 1, alder = 1 }
"""

CLOCKED = """
import sys, time
from pathlib import Path
import app
start, began, days = float(sys.argv.pop(1)), time.time(), Path(sys.argv.pop(1))
clock = lambda: start + time.time() - began + 86_400 * int(days.read_text())
sys.exit(app.main(sys.argv[1:], clock))
"""
"""The program at a time of our own: from noon on, and a file says how many days later."""

KEY = "open sesame, open wide"


class Days:
    """A site whose clock can be moved by days."""

    def __init__(self, folder):
        self.db, self.days, self.roster = (folder / name for name in ("a.db", "days", "r.toml"))
        self.days.write_text("0")
        self.roster.write_text(TRIAL)
        self.experiment = read(self.roster).experiment
        self.port = free_port()
        self.start()

    def start(self):
        program = ("-c", CLOCKED, str(NOON), str(self.days))
        self.running = start(self.db, "--roster", str(self.roster), program=program, port=self.port)
        self.url = self.running.url

    def restart(self):
        assert self.running.stop() == 0
        self.start()

    def ids(self, arm: str, count: int) -> list[str]:
        """Ids of visitors who get this arm."""
        ids = (id_of(f"{arm}-{n}") for n in range(10_000))
        return [id for id in ids if self.experiment.arm(id) == arm][:count]

    def say(self, visitor: str) -> None:
        Wire(self.url).call("chat-box", "submit", None, visitor, "", "Hello")


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BLENDED_ARENA_HOST_KEY", KEY)
        made = Days(tmp_path_factory.mktemp("days"))
        yield made
    assert made.running.stop() == 0


def answered(page, text: str, times: int) -> None:
    """So many replies stand there: a page that is loaded again brings the earlier ones back."""
    send(page, "#chat-box", text)
    said = re.compile("Good to hear from you.*" * times, re.DOTALL)
    expect(page.locator("#chat-log")).to_contain_text(said)
    settled(page)


def test_the_hosts_preview_is_shown_and_not_counted(days, visit):
    for address in (f"?arm=birch&key={KEY.replace(' ', '%20')}", "?arm=birch"):
        page = visit(days.url, path=address).page
        expect(page.locator("#chat-box textarea")).to_be_enabled()
        expect(page.locator("#header")).not_to_contain_text("Preview")

    page = visit(days.url, path="host").page
    page.get_by_label("The host's key").fill(KEY)
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("heading", name="Review")).to_be_visible()
    page.goto(f"{days.url}/?arm=birch")
    expect(page.locator("#header")).to_contain_text("Preview: birch writes your chats.")
    chat(page, "Who are you?")
    said = rows(
        days.db,
        "SELECT c.preview, t.member FROM conversations c JOIN turns t ON t.conversation = c.id",
    )
    assert said == [(1, "birch")]
    assert rows(days.db, "SELECT * FROM visits") == rows(days.db, "SELECT * FROM exposures") == []
    page.goto(days.url)
    expect(page.locator("#history-list")).to_contain_text("Your chats will appear here.")


def test_two_days_of_an_experiment(days, visit):
    made = visit(days.url)
    chat(made.page, "Good morning")
    for place in (".chip", ".mark", ".chances", "[data-who]", "[data-act=why]", "[class*=who-]"):
        expect(made.page.locator(f"#chat {place}")).to_have_count(0)
    made.page.get_by_role("button", name="Reply 1 is good").click()
    for name in ("alder", "birch", "Blended"):
        expect(made.page.locator("#chat-log")).not_to_contain_text(name)
    people = [id for arm in ("Blended", "alder") for id in days.ids(arm, 5)]
    for visitor in people:
        days.say(visitor)
    own = "SELECT visitor FROM conversations WHERE NOT preview ORDER BY created LIMIT 1"
    ((me,),) = rows(days.db, own)

    days.days.write_text("1")
    days.restart()
    for visitor in people[::2]:
        days.say(visitor)
    made.page.reload()
    answered(made.page, "And again", 2)
    second = made.page.context.new_page()
    second.goto(made.page.url)
    answered(second, "In another tab", 3)

    writers = (
        "SELECT DISTINCT t.name FROM conversations c JOIN contenders t ON t.id = c.contender"
        " WHERE c.visitor = ? AND NOT c.preview"
    )
    for visitor in (me, *people):
        assert rows(days.db, writers, visitor) == [(days.experiment.arm(visitor),)]
    mine = "SELECT day, turns, conversations, replies FROM visits WHERE visitor = ?"
    assert rows(days.db, mine, me) == [("2026-03-01", 1, 1, 1), ("2026-03-02", 2, 0, 2)]
    assert all(0 < s < 60 for (s,) in rows(days.db, "SELECT seconds FROM visits"))

    days.days.write_text("2")
    page = visit(days.url).page
    go(page, "Insights")
    expect(page.locator("#insight-retention")).to_contain_text(
        re.compile(r"On day 1 after joining, \d+ % \(\d+ to \d+\) of Blended and \d+ % .* of alder")
    )
    expect(page.locator("#insights-about")).to_contain_text("Experiment 'trial': 11 visitors")
    expect(page.locator(".js-plotly-plot")).not_to_have_count(0)


def test_neither_the_list_of_chats_nor_a_saved_one_tells_an_arm(days, visit):
    page = visit(days.url).page
    chat(page, "Hello")
    expect(page.locator("#history-list li a")).to_have_text("Hello")
    told = page.locator("#history").inner_html()
    for form in ("Save as Markdown", "Save as JSON"):
        page.get_by_role("button", name="More for Hello").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=form).click()
        told += download.value.path().read_text(encoding="utf-8")
    assert told.count("Good to hear from you.") == 2
    assert not re.search("alder|birch|Blended|member|chance|trial", told)
