"""The pages in a browser that asks for German or French: its words, on a phone, for everybody."""

import pytest
from browsing import fits, violations
from playwright.sync_api import expect

from arena.pages.header import PAGES
from arena.texts import Texts

pytestmark = pytest.mark.browser

SHOWN = {
    "": "chat.say",
    "arena": "battle.send",
    "leaderboard": "page.leaderboard",
    "votes": "votes.empty",
    "insights": "insights.refresh",
    "about": "about.delete_head",
    "contender": "contender.unknown",
}
"""A text of each page, by its path."""


@pytest.mark.parametrize(("locale", "language"), [("de-AT", "de"), ("fr-FR", "fr")])
def test_each_page_opens_in_the_language_and_fits_a_phone(scripted_site, visit, locale, language):
    texts = Texts(language)
    made = visit(scripted_site.url, width=390, path="about", locale=locale)
    assert SHOWN.keys() == PAGES.keys()
    for path, name in SHOWN.items():
        made.page.goto(f"{scripted_site.url}/{path}")
        expect(made.page.locator("html")).to_have_attribute("lang", language)
        expect(made.page.get_by_role("navigation").first).to_contain_text(texts("page.votes"))
        found = made.page.get_by_text(texts(name)).or_(made.page.get_by_placeholder(texts(name)))
        expect(found.first).to_be_attached()
        expect(made.page.get_by_text(texts("page.reading"))).to_have_count(0)
        assert fits(made.page), path
        if language == "de":
            assert violations(made.page) == [], path


def test_what_is_refused_is_said_in_the_language_and_another_language_reads_english(
    scripted_site, visit
):
    page = visit(scripted_site.url, locale="es-MX").page
    expect(page.locator("#chat-box textarea")).to_be_enabled()
    page.locator("#chat-box textarea").fill("x" * 8_001)
    page.locator("#chat-box textarea").press("Enter")
    expect(page.get_by_text("envía como mucho 8.000 a la vez")).to_be_visible()

    page = visit(scripted_site.url, locale="it-IT").page
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_placeholder("Say something")).to_be_visible()
