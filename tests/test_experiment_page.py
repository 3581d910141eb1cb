"""An experiment in a real browser: two days, a restart, two tabs, and the host's preview."""

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from arena import simulate
from blend.roster import read
from tests.conftest import Wire, free_port, id_of, start
from tests.test_page import fits, rows, send, settled
from tests.test_visits import NOON

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

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

    def __init__(self, folder, visit):
        self.folder, self.visit = folder, visit
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


@pytest.fixture
def days(tmp_path, visit, monkeypatch):
    monkeypatch.setenv("BLENDED_ARENA_HOST_KEY", KEY)
    made = Days(tmp_path, visit)
    yield made
    assert made.running.stop() == 0


def answered(page, times: int = 1) -> None:
    """So many replies stand there: a page that is loaded again brings the earlier ones back."""
    said = re.compile("Good to hear from you.*" * times, re.DOTALL)
    expect(page.locator("#chat-log")).to_contain_text(said)
    settled(page)


def arms_of(db, visitor: str) -> list[tuple]:
    """The contenders that wrote a visitor's chats."""
    return rows(
        db,
        "SELECT DISTINCT t.name FROM conversations c JOIN contenders t ON t.id = c.contender"
        f" WHERE c.visitor = '{visitor}' AND NOT c.preview",
    )


def test_two_days_of_an_experiment(days, visit):
    made = visit(days.url)
    send(made.page, "#chat-box", "Good morning")
    answered(made.page)
    expect(made.page.locator("#chat-log .chip")).to_have_count(0)
    expect(made.page.locator("#chat-ribbon .mark")).to_have_count(0)
    for name in ("alder", "birch", "Blended"):
        expect(made.page.locator("#chat-log")).not_to_contain_text(name)
    people = [id for arm in ("Blended", "alder") for id in days.ids(arm, 5)]
    for visitor in people:
        days.say(visitor)
    ((me,),) = rows(days.db, "SELECT visitor FROM conversations ORDER BY created LIMIT 1")

    days.days.write_text("1")
    days.restart()
    for visitor in people[::2]:
        days.say(visitor)
    made.page.goto(days.url)
    send(made.page, "#chat-box", "And again")
    answered(made.page, 2)
    second = made.page.context.new_page()
    second.goto(days.url)
    send(second, "#chat-box", "In another tab")
    answered(second, 3)

    for visitor in (me, *people):
        assert arms_of(days.db, visitor) == [(days.experiment.arm(visitor),)]
    mine = f"SELECT day, turns, conversations, replies FROM visits WHERE visitor = '{me}'"
    assert rows(days.db, mine) == [("2026-03-01", 1, 1, 1), ("2026-03-02", 2, 0, 2)]
    assert all(0 < s < 60 for (s,) in rows(days.db, "SELECT seconds FROM visits"))

    days.days.write_text("2")
    page = visit(days.url).page
    page.get_by_role("tab", name="Insights").click()
    expect(page.locator("#insight-retention")).to_contain_text(
        re.compile(r"On day 1 after joining, \d+ % \(\d+ to \d+\) of Blended and \d+ % .* of alder")
    )
    expect(page.locator("#insights-about")).to_contain_text("Experiment 'trial': 11 visitors")
    expect(page.locator(".js-plotly-plot")).not_to_have_count(0)


def test_the_hosts_preview_is_shown_and_not_counted(days, visit):
    for address in (f"/?arm=birch&key={KEY.replace(' ', '%20')}", "/?arm=birch"):
        page = visit(days.url).page
        page.goto(days.url + address)
        expect(page.locator("#chat-box textarea")).to_be_enabled()
        expect(page.locator("#header")).not_to_contain_text("Preview")

    made = visit(days.url)
    made.page.goto(f"{days.url}/host")
    made.page.get_by_label("The host's key").fill(KEY)
    made.page.get_by_role("button", name="Enter").click()
    expect(made.page.get_by_role("heading", name="Review")).to_be_visible()
    made.page.goto(f"{days.url}/?arm=birch")
    expect(made.page.locator("#header")).to_contain_text("Preview: birch writes your chats.")
    send(made.page, "#chat-box", "Who are you?")
    answered(made.page)
    said = rows(
        days.db,
        "SELECT c.preview, t.member FROM conversations c JOIN turns t ON t.conversation = c.id",
    )
    assert said == [(1, "birch")]
    assert rows(days.db, "SELECT * FROM visits") == rows(days.db, "SELECT * FROM exposures") == []


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    options = ["--visitors", "300", "--days", "20", "--arms", "2"]
    assert simulate.main(["--db", str(folder / "a.db"), *options]) == 0
    votes = ["--votes", "1500", "--roster", "scripted"]
    assert simulate.main(["--db", str(folder / "a.db"), *votes]) == 0
    running = start(folder / "a.db", "--roster", "scripted")
    yield running
    assert running.stop() == 0


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_insights_page(simulated, visit, width, dark):
    made = visit(simulated.url, width=width, dark=dark)
    made.page.get_by_role("tab", name="Insights").click()
    rest = made.page.locator("#insights-later")
    expect(rest).to_contain_text("What other draws would have earned: rewards of other ways")
    expect(made.page.locator("#insight-best")).to_contain_text("points over its best member")
    expect(made.page.locator(".js-plotly-plot:visible")).to_have_count(11)
    expect(made.page.locator("#insight-looks")).to_contain_text("arm-2, engagement")
    assert fits(made.page) and made.clean()
    until = time.monotonic() + 10
    while (found := Axe().run(made.page).response["violations"]) and time.monotonic() < until:
        made.page.wait_for_timeout(500)
    assert [(v["id"], n["html"][:150]) for v in found for n in v["nodes"]] == []
