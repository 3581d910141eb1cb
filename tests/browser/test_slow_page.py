"""A slow network: what was asked for first comes last, and what was chosen last is shown."""

import re

import pytest
from browsing import chat, rows, send, settled, until
from playwright.sync_api import Route, expect

pytestmark = pytest.mark.browser

LIST, MESSAGES = "#history-list li", "#chat-log .user-row"


class Held:
    """The next request for an event, or its answer, on its way until it is let go."""

    def __init__(self, page, told: str, answered: bool = False):
        """told: what stands in the request. answered: the server has got it."""
        self._told, self._answered, self._route, self._answer = told, answered, None, None
        page.route("**/queue/join*", self._take)

    def _take(self, route: Route) -> None:
        if self._route is not None or self._told not in route.request.post_data:
            return route.fallback()
        self._route = route
        self._answer = route.fetch() if self._answered else None

    def let_go(self) -> None:
        if self._answered:
            self._route.fulfill(response=self._answer)
        else:
            self._route.continue_()


def item(page, title: str):
    return page.locator(LIST).filter(has_text=title).get_by_role("link")


def id_of(page, title: str) -> str:
    return page.locator(LIST).filter(has_text=title).get_attribute("data-chat")


def test_the_chat_that_was_chosen_last_is_shown_and_a_message_goes_where_it_was_meant(
    scripted_site, visit
):
    page = visit(scripted_site.url).page
    box = page.locator("#chat-box textarea")
    for text in ("Apple", "Berry"):
        chat(page, text)
        page.locator("#new-chat").click()
        expect(page.locator(MESSAGES)).to_have_count(0)
    apple, berry = id_of(page, "Apple"), id_of(page, "Berry")

    opening = Held(page, apple)
    item(page, "Apple").click()
    item(page, "Berry").click()
    expect(page.locator(MESSAGES)).to_contain_text("Berry")
    with page.expect_request(lambda request: berry in (request.post_data or "")):
        opening.let_go()  # it is shown, and then what was chosen after it once more
    expect(page.locator(MESSAGES)).to_contain_text("Berry")
    expect(page).to_have_url(re.compile(berry))

    sending = Held(page, "Of berries")
    send(page, "#chat-box", "Of berries")
    item(page, "Apple").click()
    expect(page.locator(MESSAGES)).to_contain_text("Apple")
    sending.let_go()
    expect(page.get_by_text("This page shows another chat by now")).to_be_visible()
    expect(page.locator(MESSAGES)).to_have_text([re.compile("Apple")])
    expect(box).to_have_value("Of berries")
    said = "SELECT prompt FROM turns WHERE conversation IN (?, ?) ORDER BY id"
    assert rows(scripted_site.db, said, apple, berry) == [("Apple",), ("Berry",)]
    # One that was taken back while the next was on its way stands before it in the box.
    left = page.evaluate("composer.take('chat-box', 'Taken back\\nSent', 'Sent', false)")
    assert left == ["Taken back", ""]


def test_stop_ends_a_reply_of_which_the_page_knows_nothing_yet(scripted_site, visit):
    page, text = visit(scripted_site.url).page, "halt " * 100
    box, answer = page.locator("#chat-box"), page.locator("#chat-log .bot")
    number = page.evaluate("gradio_config.dependencies.find((e) => e.api_name === 'reply').id")
    begun = Held(page, f'"fn_index":{number},', answered=True)
    send(page, "#chat-box", text)
    box.get_by_role("button", name="Stop").click()
    expect(answer).to_contain_text("Stopped")
    kept = "SELECT finished FROM turns WHERE prompt = ? AND reply IS NOT NULL"
    until(page, lambda: rows(scripted_site.db, kept, text.strip()) == [(0,)])
    with page.expect_response("**/run/predict*"):
        begun.let_go()
    settled(page)
    expect(answer).to_contain_text("Stopped")
