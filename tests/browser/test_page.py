"""The page in a real browser, on scripted members: what a visitor sees and what they must not."""

import re

import pytest
from browsing import chat, faults, fight, go, rows, send, settled, tab_to, until, violations
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
    expect(made.page.locator("#chat-authors .mark")).to_have_count(2)
    assert made.clean()


def test_a_reply_is_rated_drawn_anew_and_taken_back_and_the_database_keeps_it(scripted_site, visit):
    page, db = visit(scripted_site.url).page, scripted_site.db
    chat(page, "Undo me please")
    good = page.get_by_role("button", name="Reply 1 is good")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(good).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Try again: draw who writes reply 1 anew").click()
    expect(good).to_have_attribute("aria-pressed", "false")  # of another reply
    settled(page)
    page.get_by_role("button", name="Undo message 1 and its reply").click()

    expect(page.locator("#chat-box textarea")).to_have_value("Undo me please")
    expect(page.locator("#chat-box textarea")).to_be_focused()
    expect(page.locator("#chat-log .chip")).to_have_count(0)
    sql = "SELECT parent IS NOT NULL, undone, feedback FROM turns WHERE prompt = ? ORDER BY id"
    assert rows(db, sql, "Undo me please") == [(0, 0, 1), (1, 1, None)]


def test_a_message_is_edited_in_its_place_by_keyboard_and_what_followed_is_taken_back(
    scripted_site, visit
):
    made = visit(scripted_site.url)
    page, box = made.page, made.page.get_by_label("Your message, edited.")
    for text in ("Tell me", "Edit me", "And more"):
        chat(page, text)
    edit = page.get_by_role("button", name="Edit message 2")
    edit.press("Enter")
    expect(box).to_be_focused()
    expect(box).to_have_value("Edit me")
    box.press("Escape")
    expect(edit).to_be_focused()
    edit.press("Enter")
    box.fill("")
    box.press("Enter")
    expect(page.get_by_text("The message is empty")).to_be_visible()
    expect(box).to_be_visible()  # what cannot be sent stays to be mended
    box.fill("Edited by me")
    box.press("Enter")
    expect(page.locator("#chat-log .user-row")).to_have_count(2)
    expect(page.locator("#chat-log .user-row").last).to_contain_text("Edited by me")
    settled(page)
    expect(page.locator("#chat-log .chip")).to_have_count(2)
    texts = "Edit me", "And more", "Edited by me"
    undone = [rows(scripted_site.db, "SELECT undone FROM turns WHERE prompt = ?", t) for t in texts]
    assert undone == [[(1,)], [(1,)], [(0,)]] and made.clean()


def test_openers_are_cards_in_the_empty_chat_alone_and_one_is_sent_at_once(scripted_site, visit):
    made = visit(scripted_site.url)
    page, cards = made.page, made.page.locator("#chat-openers .card")
    expect(page.locator("#chat-box textarea")).to_be_enabled()
    page.locator("#chat-box textarea").fill("A draft")
    expect(cards).to_have_text(["Hello!", "Tell me something."])
    cards.first.press("Enter")
    settled(page)
    expect(page.locator("#chat-log .user-row .typed")).to_have_text("Hello!")
    expect(page.locator("#chat-box textarea")).to_have_value("A draft")
    expect(cards.first).to_be_hidden()
    page.locator("#new-chat").click()
    expect(cards.first).to_be_visible()
    assert made.clean()


def test_a_persona_is_set_before_the_first_message_and_read_after_it(scripted_site, visit):
    made = visit(scripted_site.url)
    page, persona = made.page, made.page.locator("#chat-persona textarea")
    expect(page.locator("#chat-box textarea")).to_be_enabled()
    page.get_by_role("button", name="Persona").press("Enter")
    expect(persona).to_be_focused()
    page.keyboard.type("I have two dogs.")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(persona).to_be_hidden()
    expect(page.get_by_role("button", name="Persona")).to_be_focused()
    chat(page, "And with it")
    page.get_by_role("button", name="Persona: set").click()
    expect(persona).to_have_value("I have two dogs.")
    expect(persona).to_be_disabled()
    system = (
        "SELECT c.system FROM conversations c JOIN turns t ON t.conversation = c.id"
        " WHERE t.prompt = 'And with it'"
    )
    assert rows(scripted_site.db, system) == [("I have two dogs.",)]
    page.locator("#new-chat").click()
    expect(page.locator("#chat-log .user-row")).to_have_count(0)
    expect(persona).to_have_value("")
    page.get_by_role("button", name="Persona").click()
    page.keyboard.type("A draft")
    page.locator("#history-list li a").filter(has_text="And with it").click()
    expect(persona).to_have_value("I have two dogs.")
    page.locator("#new-chat").click()
    expect(persona).to_have_value("A draft")
    page.get_by_role("button", name="Persona").click()
    persona.fill("")
    chat(page, "Without one")
    expect(page.get_by_role("button", name="Persona")).to_have_count(0)
    assert made.clean()


def dimmed(page) -> list[bool]:
    """Whether each reply is dim; it takes a moment to fade."""
    style = "all => all.map(one => getComputedStyle(one).opacity < 1)"
    return page.locator("#chat-log .bot-row .said").evaluate_all(style)


def test_a_member_lights_its_turns_up_and_each_draw_says_why(scripted_site, visit):
    made = visit(scripted_site.url, width=390, dark=True)
    page, chips = made.page, made.page.locator("#chat-log .chip")
    while len({*chips.all_text_contents()}) < 2:
        chat(page, f"One more, after {chips.count()}")
    writers = chips.all_text_contents()
    others = [each != writers[0] for each in writers]
    marks = page.locator("#chat-authors .mark")
    for come, leave in (
        (marks.first.hover, page.locator("#chat-box textarea").hover),
        (chips.first.hover, page.locator("#chat-box textarea").hover),
        (chips.first.click, page.locator("#header h1").click),
    ):
        come()
        until(page, lambda: dimmed(page) == others)
        leave()
        until(page, lambda: not any(dimmed(page)))
    page.locator("#chat-box textarea").focus()
    while "light" not in (page.evaluate("document.activeElement.dataset.act") or ""):
        page.keyboard.press("Shift+Tab")
    until(page, lambda: any(dimmed(page)))
    marks.last.focus()
    page.keyboard.press("Home")
    expect(marks.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips.first).to_be_focused()

    why = page.get_by_role("button", name="Why this one? Reply 1")
    panel = page.locator("#chat-log .chances").first
    why.press("Enter")
    expect(why).to_have_attribute("aria-expanded", "true")
    expect(panel).to_contain_text("every member as likely as any other")
    assert sorted(panel.locator("li").all_inner_texts()) == [f"{n}\n33%" for n in NAMES]
    expect(panel.locator(".drawn bdi")).to_have_text(writers[0].partition(" ")[0])
    assert faults(page) == []
    why.press("Enter")
    expect(panel).to_be_hidden()
    assert made.clean()


def test_stop_keeps_what_was_said(scripted_site, visit):
    page = visit(scripted_site.url).page
    send(page, "#chat-box", "word " * 200)
    expect(page.locator("#chat-log .bot")).to_contain_text("word word word")
    page.locator("#chat-box button", has_text="Stop").click()

    expect(page.locator("#chat-box button", has_text="Send")).to_be_visible()
    expect(page.locator("#chat-log .bot")).to_contain_text("word word word")
    settled(page)


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


def test_a_battle_from_message_to_names_and_board(scripted_site, visit):
    made = visit(scripted_site.url, width=390, dark=True, path="arena")
    page = made.page
    fight(page)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert label_is_above(page, "#column-a") and label_is_above(page, "#column-b")
    for name in NAMES:
        expect(page.locator(".columns")).not_to_contain_text(name)
    page.get_by_role("button", name="Tie").click()

    expect(page.locator("#duel-result")).to_contain_text("You said: a tie. It counts.")
    expect(page.locator("#duel-result .chip", has_text="Blended")).to_have_count(1)
    expect(page.locator("#vote-1")).to_be_disabled()
    expect(page.locator("#duel-result .result")).to_be_focused()
    assert faults(page) == []
    go(page, "Leaderboard")
    expect(page.locator("#board-counted")).to_contain_text("counted, from")
    expect(page.locator("#board-table")).to_contain_text("Blended")
    expect(page.locator(".js-plotly-plot")).to_have_count(0)
    assert faults(page) == [] and made.clean()


def test_the_keyboard_alone_is_enough(scripted_site, visit):
    page = visit(scripted_site.url, path="arena").page
    fight(page)
    page.locator("#duel-box textarea").press("1")
    assert page.locator("#duel-box textarea").input_value() == "1"
    page.locator("#vote-2").focus()
    page.keyboard.press("2")
    expect(page.locator("#duel-result")).to_contain_text("You said: B is better")
    expect(page.locator("#duel-result .result")).to_be_focused()
    tab_to(page, "#new-battle")
    page.keyboard.press("Enter")
    expect(page.locator("#duel-status")).to_contain_text("Two hidden contenders")
    expect(page.locator("#duel-box textarea")).to_be_focused()


def test_a_skip_is_void_also_while_replies_stream(scripted_site, visit):
    page, db = visit(scripted_site.url, path="arena").page, scripted_site.db
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
