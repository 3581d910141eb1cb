"""A battle and a chat over a reload, a side asked again, a shown identity: in a real browser."""

import re

import pytest
from browsing import chat, faults, rows, running, send, violations
from playwright.sync_api import expect

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
def telling(tmp_path_factory):
    """alder says its name."""
    with running(tmp_path_factory.mktemp("telling"), TELLING.replace("FAILS", "")) as site:
        yield site


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """birch fails as well."""
    roster = TELLING.replace("FAILS", "fails_at = 2")
    with running(tmp_path_factory.mktemp("failing"), roster) as site:
        yield site


def test_a_battle_survives_reloads_and_says_that_it_is_not_blind(telling, visit):
    made = visit(telling.url, width=390, dark=True, path="arena")
    page = made.page
    send(page, "#duel-box", "Hello")
    expect(page.locator("#duel-status")).to_contain_text("told who wrote it")
    # As a page leaves it that never heard of the end: it went offline meanwhile.
    page.evaluate("sessionStorage.setItem('blended-arena-duel-box-sent', 'Hello')")
    page.reload()

    expect(page.locator("#duel-status")).to_contain_text("told who wrote it")
    expect(page.locator(".columns")).to_contain_text("My name is alder")
    expect(page.locator("#duel-box textarea")).to_have_value("")
    expect(page.locator("#duel-result")).not_to_contain_text("was")
    page.locator("#vote-4").click()
    expect(page.locator("#duel-result")).to_contain_text("It is kept, but not counted.")
    page.get_by_role("button", name="Share as text").click()
    text = page.locator("#share-text textarea")
    expect(text).to_have_value(re.compile("> Hello.*before I knew: both bad", re.DOTALL))
    assert faults(page) == []
    page.locator("#new-battle").click()
    page.get_by_role("button", name="An example.").click()
    expect(page.locator("#duel-box textarea")).to_have_value("An example.")
    expect(page.locator("#share")).to_have_count(0)
    assert made.clean()


def test_a_side_that_failed_is_asked_once_more(failing, visit):
    page = visit(failing.url, width=390, dark=True, path="arena").page
    box, status = page.locator("#duel-box textarea"), page.locator("#duel-status")
    for _ in range(40):  # until birch is drawn, which each of two battles has
        send(page, "#duel-box", "Hello")
        expect(status).to_contain_text(re.compile("Go on|could not finish"))
        if "could not finish" in status.inner_text():
            break
        page.locator("#new-battle").click()
        expect(page.locator("#new-battle")).to_be_disabled()
    expect(box).to_have_value("Hello")
    for name in ("alder ·", "birch"):
        expect(page.locator(".columns")).not_to_contain_text(name)
    assert ("void",) in rows(failing.db, "SELECT status FROM battles")
    again = page.get_by_role("button", name=re.compile("Try [AB] again"))
    page.reload()
    expect(again).to_have_css("background-color", BLUE)
    assert violations(page) == []
    again.click()
    expect(status).to_contain_text("even when asked again")
    expect(again).to_have_count(0)
    expect(page.locator("#vote-1")).to_be_disabled()


def test_a_chat_survives_a_reload_until_a_new_one_is_begun(telling, visit):
    page = visit(telling.url).page
    log = page.locator("#chat-log")
    chat(page, "Remember me")
    page.reload()
    expect(log).to_contain_text("My name is alder.")
    page.locator("#new-chat").click()
    expect(log).not_to_contain_text("My name is alder.")
    page.reload()
    expect(page.locator("#chat-box textarea")).to_be_enabled()
    expect(log).not_to_contain_text("My name is alder.")
