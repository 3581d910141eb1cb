"""A server that stops and comes back under open pages; and tabs that come at once."""

import pytest
from app_process import free_port, start
from browsing import chat, rows, send, settled
from page_wire import Wire
from playwright.sync_api import expect
from stored import id_of

pytestmark = pytest.mark.browser


def test_pages_come_back_by_themselves_with_what_was_said_and_typed(tmp_path, visit):
    port = free_port()
    options = ("--roster", "load", "--drain", "0")
    running = start(tmp_path / "arena.db", *options, port=port)
    arena, page = visit(running.url, path="arena").page, visit(running.url).page
    send(arena, "#duel-box", "Are you there?")
    chat(page, "Are you there?")
    expect(arena.locator("#vote-1")).to_be_enabled()
    area = page.locator("#chat-box textarea")
    send(page, "#chat-box", "word " * 300)
    expect(page.locator("#chat-log .bot").last).to_contain_text("word word word")
    area.press_sequentially("my next thought")
    assert running.stop() == 0

    expect(page.get_by_text("Attempting reconnection")).to_be_visible()
    assert "Task" not in page.locator("body").inner_text()
    area.press_sequentially(", and more")
    arena.locator("#duel-box textarea").press_sequentially("Mine")
    running = start(tmp_path / "arena.db", *options, port=port)
    expect(page.get_by_text("Attempting reconnection")).to_be_hidden()
    expect(page.locator("#chat-log")).to_contain_text("word word word")
    expect(area).to_have_value("my next thought, and more")
    area.press("Enter")
    settled(page)
    assert len(rows(running.db, "SELECT 1 FROM conversations WHERE kind = 'chat'")) == 1
    arena.locator("#vote-1").click()
    expect(arena.locator("#duel-result")).to_contain_text("You said: A is better.")
    expect(arena.locator(".columns")).to_contain_text("Are you there?")
    assert running.stop() == 0


def test_a_battle_is_voted_on_by_a_page_that_the_server_has_forgotten(scripted_site):
    me, other = id_of("forgotten"), id_of("other")
    Wire(scripted_site.url).call("duel-box", "submit", None, me, "", "Forget me")
    ((battle,),) = rows(scripted_site.db, "SELECT id FROM battles WHERE visitor = ?", me)
    said = "".join(Wire(scripted_site.url).call("vote-1", "click", None, me, battle))
    assert "You said: A is better." in said
    foreign = "".join(Wire(scripted_site.url).call("vote-1", "click", None, other, battle))
    assert "nothing to vote on" in foreign and "alder" not in foreign


def test_tabs_opened_at_once_are_one_visitor(scripted_site, browser):
    context = browser.new_context()
    pages = [context.new_page() for _ in range(4)]
    for page in pages:
        page.goto(scripted_site.url, wait_until="commit")
    for n, page in enumerate(pages):
        chat(page, f"From tab {n} of one browser")
    visitors = rows(
        scripted_site.db,
        "SELECT DISTINCT c.visitor FROM turns t JOIN conversations c ON c.id = t.conversation"
        " WHERE t.prompt LIKE 'From tab % of one browser'",
    )
    assert len(visitors) == 1
    context.close()


def test_a_page_that_gets_no_answer_says_why_that_may_be(scripted_site, visit):
    page = visit(scripted_site.url).page
    expect(page.locator("#chat-box textarea")).to_be_enabled()
    page.route("**/gradio_api/**", lambda route: None)  # as where the browser holds it back
    page.clock.install()
    page.locator("#chat-box textarea").fill("Hello?")
    with page.expect_request("**/gradio_api/**"):  # from then on the page counts
        page.locator("#chat-box textarea").press("Enter")
    page.clock.run_for(9_000)
    notice = page.locator("#waiting-notice")
    expect(notice).to_contain_text("about six tabs")
    expect(notice).to_have_attribute("role", "status")
    page.unroute_all(behavior="ignoreErrors")
    expect(page.locator("#chat-box textarea")).to_have_value("Hello?")
