"""The page in a real browser, on scripted members: what a visitor sees and what they must not."""

import re

import pytest
from browsing import BOTH, chat, fight, fits, go, rows, send, settled, until, violations
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

NAMES = ("alder", "birch", "cedar")


def label_is_above(page, log: str) -> bool:
    """Whether the label hides no message, however far they are scrolled."""
    label = page.locator(f'{log} [data-testid="block-label"]').bounding_box()
    messages = page.locator(f'{log} [role="log"]').bounding_box()
    return label["y"] + label["height"] <= messages["y"]


def test_a_chat_shows_who_wrote_what_and_what_is_typed_is_text(scripted_site, visit):
    made = visit(scripted_site.url)
    typed = "<img src=http://example.org/x.png> ![y](http://example.org/y.png) <|end|> <b>b</b>"
    chat(made.page, typed)
    expect(made.page.locator("#chat-log .chip")).to_have_text(re.compile(r"\w+ · 33%"))
    expect(made.page.locator("#chat-log .user")).to_contain_text("<|end|> <b>b</b>")

    chat(made.page, "And again")
    expect(made.page.locator("#chat-ribbon .mark")).to_have_count(2)
    assert label_is_above(made.page, "#chat-log") and made.clean()


def test_regenerate_undo_thumb_and_clear_are_kept_in_the_database(scripted_site, visit):
    page, db = visit(scripted_site.url).page, scripted_site.db
    chat(page, "Undo me please")
    page.get_by_label("Like", exact=True).first.click()
    liked = "SELECT 1 FROM turns WHERE prompt = 'Undo me please' AND feedback = 1"
    until(page, lambda: rows(db, liked))
    page.get_by_role("button", name="Regenerate").click()
    expect(page.locator("#chat-box button", has_text="Stop")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#chat-box textarea")).to_have_value("Undo me please")
    expect(page.locator("#chat-log .chip")).to_have_count(0)
    sql = "SELECT parent IS NOT NULL, undone, feedback FROM turns WHERE prompt = ? ORDER BY id"
    assert rows(db, sql, "Undo me please") == [(0, 0, 1), (1, 1, None)]
    chat(page, "Clear me")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Several small models, one conversation", exact=True)).to_be_visible()


def test_stop_keeps_what_was_said(scripted_site, visit):
    page = visit(scripted_site.url).page
    send(page, "#chat-box", "word " * 200)
    expect(page.locator("#chat-log .bot")).to_contain_text("word word word")
    page.locator("#chat-box button", has_text="Stop").click()

    expect(page.locator("#chat-box button", has_text="Send")).to_be_visible()
    expect(page.locator("#chat-log .bot")).to_contain_text("word word word")
    expect(page.get_by_role("button", name="Regenerate")).to_be_enabled()


def test_a_bad_message_loses_nothing(scripted_site, visit):
    page = visit(scripted_site.url).page
    send(page, "#chat-box", "y" * 100_000)
    expect(page.get_by_text("100,000 characters; send at most 8,000")).to_be_visible()
    assert len(page.locator("#chat-box textarea").input_value()) == 100_000


def test_two_visitors_do_not_mix_and_keep_their_ids_over_a_reload(scripted_site, visit):
    pages = [visit(scripted_site.url).page for _ in range(2)]
    for count, time in enumerate(("before", "after"), start=1):
        for who, page in zip(("first", "second"), pages, strict=True):
            send(page, "#chat-box", f"I am the {who}, {time} the reload")
            expect(page.locator("#chat-log .chip")).to_have_count(count)
            settled(page)
            page.reload()
    expect(pages[0].locator("#chat-log .chip")).to_have_count(2)
    expect(pages[0].locator("#chat-log")).not_to_contain_text("second")
    visitors = rows(
        scripted_site.db,
        "SELECT c.visitor, count(*) FROM turns t JOIN conversations c ON c.id = t.conversation"
        " WHERE t.prompt LIKE 'I am the %the reload' GROUP BY 1",
    )
    assert [count for _, count in visitors] == [2, 2]


@pytest.mark.parametrize(("width", "dark"), BOTH)
def test_a_battle_from_message_to_names_and_board(scripted_site, visit, width, dark):
    made = visit(scripted_site.url, width=width, dark=dark)
    page = made.page
    chat(page, "Hello")
    assert violations(page) == []
    fight(page)
    assert label_is_above(page, "#column-a") and label_is_above(page, "#column-b")
    for name in NAMES:
        expect(page.locator(".columns")).not_to_contain_text(name)
    page.get_by_role("button", name="Tie (3)").click()

    expect(page.locator("#duel-result")).to_contain_text("You said: a tie. It counts.")
    expect(page.locator("#duel-result .chip", has_text="Blended")).to_have_count(1)
    expect(page.locator("#vote-1")).to_be_disabled()
    expect(page.locator("#duel-result .result")).to_be_focused()
    assert fits(page) and violations(page) == []
    go(page, "Leaderboard")
    expect(page.locator("#board-counted")).to_contain_text("counted, from")
    expect(page.locator("#board-table")).to_contain_text("Blended")
    expect(page.locator(".js-plotly-plot")).to_have_count(4)
    assert fits(page) and violations(page) == [] and made.clean()


def test_the_keyboard_alone_is_enough(scripted_site, visit):
    page = visit(scripted_site.url).page
    fight(page)
    page.locator("#duel-box textarea").press("1")
    assert page.locator("#duel-box textarea").input_value() == "1"
    page.locator("#vote-2").focus()
    page.keyboard.press("2")
    expect(page.locator("#duel-result")).to_contain_text("You said: B is better")
    expect(page.locator("#duel-result .result")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#new-battle")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#duel-status")).to_contain_text("Two hidden contenders")
    expect(page.locator("#duel-box textarea")).to_be_focused()


def test_a_skip_is_void_also_while_replies_stream(scripted_site, visit):
    page, db = visit(scripted_site.url).page, scripted_site.db
    reason = (
        "SELECT b.status, b.void_reason, t.finished FROM battles b JOIN turns t"
        " ON t.conversation IN (b.left_conversation, b.right_conversation) WHERE t.prompt = ?"
    )
    fight(page, "Skip this battle")
    page.get_by_role("button", name="Skip: new battle").click()
    expect(page.locator("#vote-1")).to_be_disabled()
    assert rows(db, reason, "Skip this battle") == [("void", "skipped", 1)] * 2

    long = ("Too long " * 100).strip()
    send(page, "#duel-box", long)
    expect(page.locator("#column-a .bot")).to_contain_text("Too long")
    page.get_by_role("button", name="Skip: new battle").press("Enter")
    expect(page.locator("#duel-status")).to_contain_text("Two hidden contenders")
    expect(page.locator("#duel-box textarea")).to_be_focused()
    assert rows(db, reason, long) == [("void", "skipped", 0)] * 2
    fight(page, "And on with others")
    page.locator("#vote-3").click()
    expect(page.locator("#duel-result")).to_contain_text("You said: a tie. It counts.")
