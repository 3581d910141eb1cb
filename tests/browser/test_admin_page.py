"""The host's page in a real browser: by the keyboard alone, on a phone, in the dark."""

import pytest
from app_process import start
from browsing import faults, rows
from playwright.sync_api import expect
from stored import filled

from arena.site.admin_key import HOST_KEY

pytestmark = pytest.mark.browser
KEY = "a key of many words"


@pytest.fixture(scope="module")
def hosted(tmp_path_factory):
    db = filled(tmp_path_factory.mktemp("hosted") / "arena.db", votes=40, visitors=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOST_KEY, KEY)
        running = start(db, "--roster", "scripted")
    yield running
    assert running.stop() == 0


def test_the_keyboard_bars_reviews_and_lifts(hosted, visit):
    page = visit(hosted.url, path=f"host?key={KEY}").page
    expect(page.get_by_role("status")).to_contain_text("The key is no longer part of the address")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Review")).to_be_visible()
    assert KEY not in page.url and KEY not in page.content()
    assert page.evaluate("document.cookie") == ""
    page.get_by_label("Visitor's id").focus()
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("There is no visitor “nobody”")
    expect(page.get_by_label("Visitor's id")).to_have_value("nobody")

    page.get_by_label("Visitor's id").fill("v1")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("v1 is barred")
    page.get_by_role("button", name="Store the review (10 votes)").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("10 votes were judged anew")
    expect(page.get_by_role("region", name="Reasons")).to_contain_text("The host has barred")
    assert rows(hosted.db, "SELECT sum(counted) FROM votes") == [(30,)]

    page.get_by_role("button", name="Lift the bar: v1").press("Enter")
    expect(page.get_by_text("Nobody is barred.")).to_be_visible()
    page.get_by_role("button", name="Store the review (10 votes)").press("Enter")
    expect(page.get_by_text("40 of 40 own votes counted")).to_be_visible()


def test_axe_finds_nothing_and_it_fits(hosted, visit):
    made = visit(hosted.url, path="host")
    assert faults(made.page) == []
    made.page.get_by_label("The host's key").fill(KEY)
    made.page.get_by_role("button", name="Enter").click()
    expect(made.page.get_by_role("heading", name="Review")).to_be_visible()
    assert faults(made.page) == [] and made.clean()
