"""The frame of the pages in a real browser: a link each, with a title, for one visitor."""

import pytest
from browsing import go, rows, send, settled
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAGES = {
    "": "Chat",
    "arena": "Arena",
    "leaderboard": "Leaderboard",
    "contender?name=alder": "alder",
    "votes": "Your votes",
    "insights": "Insights",
    "about": "About",
}


def test_every_page_is_a_link_with_a_title_and_back_and_forward_work(scripted_site, visit):
    made = visit(scripted_site.url)
    page = made.page
    for path, name in PAGES.items():
        page.goto(f"{scripted_site.url}/{path}")
        expect(page).to_have_title(f"{name} · Blended Arena")
        page.wait_for_load_state("networkidle")
    go(page, "Leaderboard")
    expect(page).to_have_url(f"{scripted_site.url}/leaderboard")
    page.wait_for_load_state("networkidle")
    page.go_back()
    expect(page).to_have_title("About · Blended Arena")
    page.wait_for_load_state("networkidle")
    page.go_forward()
    expect(page).to_have_title("Leaderboard · Blended Arena")
    page.wait_for_load_state("networkidle")
    assert page.goto(f"{scripted_site.url}/about/?by=x").url == f"{scripted_site.url}/about?by=x"
    page.wait_for_load_state("networkidle")
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
