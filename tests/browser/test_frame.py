"""The frame of the pages in a real browser: a link each, with a title, for one visitor."""

import pytest
from browsing import faults, fits, go, rows, send, settled
from page_wire import Wire
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAGES = {
    "": ("Chat", "#chat-box textarea:enabled"),
    "arena": ("Arena", "#duel-box textarea:enabled"),
    "leaderboard": ("Leaderboard", "#board-sentence h2"),
    "contender?name=alder": ("alder", "#contender h2"),
    "votes": ("Your votes", "#votes-private p"),
    "insights": ("Insights", "#insights-later h2"),
    "about": ("About", "#about-stored li"),
}
"""By address: the page's name, and what is there once its own events have come."""


def open_page(page, site, path: str) -> None:
    """One of the pages, with what its own events bring."""
    page.goto(f"{site.url}/{path}")
    expect(page.locator(PAGES[path][1]).first).to_be_visible()


def test_every_page_is_a_link_with_a_title_and_back_and_forward_work(scripted_site, visit):
    made = visit(scripted_site.url)
    page = made.page
    for path, (name, _) in PAGES.items():
        open_page(page, scripted_site, path)
        expect(page).to_have_title(f"{name} · Blended Arena")
    go(page, "Leaderboard")
    expect(page).to_have_url(f"{scripted_site.url}/leaderboard")
    page.go_back()
    expect(page).to_have_title("About · Blended Arena")
    page.go_forward()
    expect(page).to_have_title("Leaderboard · Blended Arena")
    assert page.goto(f"{scripted_site.url}/about/?by=x").url == f"{scripted_site.url}/about?by=x"
    assert page.request.get(f"{scripted_site.url}/nowhere").status == 404
    assert made.clean()


def test_who_leaves_a_reply_finds_it_as_far_as_it_came_and_goes_on(scripted_site, visit):
    page, said = visit(scripted_site.url).page, ("word " * 200).strip()
    send(page, "#chat-box", said)
    expect(page.locator("#chat-log .bot")).to_contain_text("word word word")
    page.goto(f"{scripted_site.url}/about")
    go(page, "Chat")
    expect(page.locator("#chat-log .bot")).to_contain_text("word word word")
    settled(page)
    ((finished, reply),) = rows(
        scripted_site.db, "SELECT finished, reply FROM turns WHERE prompt = ?", said
    )
    assert not finished and reply.endswith("word") and len(reply) < len(said)
    send(page, "#chat-box", "Go on")
    expect(page.locator("#chat-log .chip")).to_have_count(2)


NOTICED = """window.noticed = []; new MutationObserver(() => {
  const notice = document.querySelector("#header .notice");
  if (notice) window.noticed.push(notice.textContent);
}).observe(document, { childList: true, subtree: true, characterData: true });"""


def test_no_page_says_that_models_load_once_they_are_here(scripted_site, browser):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(NOTICED)
    page.goto(scripted_site.url)
    expect(page.locator("#header .where")).to_have_text("Scripted · scripted")
    assert page.evaluate("window.noticed") == []
    context.close()


def test_a_page_watches_the_loading_only_once_it_was_greeted(scripted_site):
    """An earlier look would take away, after the greeting, that the host sees a preview."""
    parts = Wire(scripted_site.url).config["components"]
    assert {part["props"]["active"] for part in parts if part["type"] == "timer"} == {False}


def has_its_header(page) -> None:
    """In two lines, with the links to the pages."""
    assert page.locator("#header").bounding_box()["height"] <= 100, "two lines"
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def test_axe_finds_nothing_on_any_page_none_scrolls_sideways_and_nothing_leaves_the_machine(
    scripted_site, visit
):
    made = visit(scripted_site.url, width=390)
    for path in PAGES:
        open_page(made.page, scripted_site, path)
        assert (path, faults(made.page)) == (path, [])
        has_its_header(made.page)
    assert made.clean()


MOVING = """() => document.getAnimations().filter((one) => one.playState === 'running')
  .filter((one) => one.effect.getTiming().iterations === Infinity
    || one.effect.getComputedTiming().duration > 0)
  .map((one) => one.effect.target.outerHTML.slice(0, 200))"""


def test_at_200_percent_no_page_scrolls_sideways_and_nothing_moves_for_who_wants_it_so(
    scripted_site, browser
):
    context = browser.new_context(
        viewport={"width": 640, "height": 400}, device_scale_factor=2, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(scripted_site.url)
    send(page, "#chat-box", "word " * 60)
    expect(page.locator("#chat-log .bot")).to_contain_text("word word")
    assert page.evaluate(MOVING) == []
    settled(page)
    for path in PAGES:
        open_page(page, scripted_site, path)
        assert fits(page), path
        has_its_header(page)
        assert (path, page.evaluate(MOVING)) == (path, [])
    context.close()


def test_the_keyboard_reaches_the_pages_first(scripted_site, visit):
    page = visit(scripted_site.url).page
    expect(page.locator("#chat-box textarea")).to_be_enabled()
    link = page.get_by_role("navigation", name="Pages").get_by_role("link", name="About")
    for _ in range(12):
        page.keyboard.press("Tab")
        if link.evaluate("each => each === document.activeElement"):
            break
    expect(link).to_be_focused()
    assert link.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page).to_have_title("About · Blended Arena")
