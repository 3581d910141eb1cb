"""A battle and a chat over a reload, a side asked again, a shown identity: in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.conftest import start

pytestmark = pytest.mark.browser

BLUE = "rgb(37, 99, 235)"
TELLING = """
title = "Telling"
openers = ["An example."]
[[member]]
name = "alder"
engine = "scripted"
lines = ["My name is {name}."]
[[member]]
name = "birch"
engine = "scripted"
lines = ["A fine day."]
FAILS
[[blend]]
name = "Blended"
members = ["alder"]
"""


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """sites["telling"]: alder says its name; sites["failing"]: birch fails as well."""
    running = {}
    for name, fails in (("telling", ""), ("failing", "fails_at = 2")):
        folder = tmp_path_factory.mktemp(name)
        (folder / "r.toml").write_text(TELLING.replace("FAILS", fails))
        running[name] = start(folder / "arena.db", "--roster", str(folder / "r.toml"))
    yield running
    for site in running.values():
        assert site.stop() == 0


def send(page, box: str, text: str) -> None:
    page.locator(f"{box} textarea").fill(text)
    page.locator(f"{box} textarea").press("Enter")


def axe(page) -> list:
    return [v["id"] for v in Axe().run(page).response["violations"]]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_a_battle_survives_reloads_and_says_that_it_is_not_blind(sites, visit, width, dark):
    made = visit(sites["telling"].url, width=width, dark=dark)
    page = made.page
    page.get_by_role("tab", name="Arena").click()
    send(page, "#duel-box", "Hello")
    expect(page.locator("#duel-status")).to_contain_text("told who wrote it", timeout=20_000)
    page.reload()

    expect(page.locator("#duel-status")).to_contain_text("told who wrote it", timeout=20_000)
    expect(page.locator(".columns")).to_contain_text("My name is alder")
    expect(page.locator("#duel-result")).not_to_contain_text("was")
    page.locator("#vote-4").click()
    expect(page.locator("#duel-result")).to_contain_text("It is kept, but not counted.")
    # It turns blue in a moment: half way its words are hard to read.
    expect(page.locator("#new-battle")).to_have_css("background-color", BLUE)
    page.get_by_role("button", name="Share this battle").click()
    text = page.locator("#share-text textarea")
    expect(text).to_have_value(re.compile("> Hello.*before I knew: both bad", re.DOTALL))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert axe(page) == []
    page.get_by_role("button", name="An example.").click()
    expect(page.locator("#duel-box textarea")).to_have_value("An example.")
    expect(page.locator("#share")).to_have_count(0)
    assert made.clean()


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)])
def test_a_side_that_failed_is_asked_once_more(sites, visit, width, dark):
    page = visit(sites["failing"].url, width=width, dark=dark).page
    page.get_by_role("tab", name="Arena").click()
    for _ in range(12):  # until birch is drawn
        send(page, "#duel-box", "Hello")
        status = page.locator("#duel-status")
        expect(status).to_contain_text(re.compile("Go on|could not finish"), timeout=20_000)
        if "could not finish" in status.inner_text():
            break
        page.locator("#new-battle").click()
        expect(page.locator("#new-battle")).to_be_disabled()
    again = page.get_by_role("button", name=re.compile("Try [AB] again"))
    expect(again).to_be_visible()
    page.reload()
    expect(again).to_be_visible(timeout=20_000)
    expect(again).to_have_css("background-color", BLUE)
    assert axe(page) == []
    again.click()
    expect(page.locator("#duel-status")).to_contain_text("even when asked again", timeout=20_000)
    expect(again).to_have_count(0)
    expect(page.locator("#vote-1")).to_be_disabled()


def test_a_chat_survives_a_reload_until_it_is_cleared(sites, visit):
    page = visit(sites["telling"].url).page
    send(page, "#chat-box", "Remember me")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled(timeout=20_000)
    page.reload()
    expect(page.locator("#chat-log")).to_contain_text("My name is alder.", timeout=20_000)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#chat-log")).not_to_contain_text("My name is alder.")
    page.reload()
    expect(page.locator("#chat-box textarea")).to_be_enabled(timeout=20_000)
    expect(page.locator("#chat-log")).not_to_contain_text("My name is alder.")
