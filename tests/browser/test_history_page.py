"""The side bar with the visitor's own chats, in a real browser: a story, a phone, two windows."""

import json
import re

import pytest
from browsing import ECHO, chat, fits, rows, running, send, settled, until, violations
from playwright.sync_api import expect
from sqlite_utils.utils import sqlite3

pytestmark = pytest.mark.browser

TITLES = "#history-list li a"


def item(page, title: str):
    """One chat of the list."""
    return page.locator("#history-list li").filter(has_text=title)


def begin(page) -> None:
    """A new chat, by its button."""
    page.locator("#new-chat").click()
    expect(page.locator("#chat-log .user-row")).to_have_count(0)


def act(page, title: str, *names: str) -> None:
    """Press a chat's menu, and what is in it, one after the other."""
    item(page, title).get_by_role("button", name="More for").click()
    for name in names:
        item(page, title).get_by_role("button", name=name, exact=True).click()


def saved(page, title: str, form: str) -> tuple[str, str]:
    with page.expect_download() as download:
        act(page, title, form)
    return download.value.suggested_filename, download.value.path().read_text(encoding="utf-8")


def words_in(db, visitor_of: str) -> list[tuple]:
    """Everything that was said in a chat."""
    sql = "SELECT system, title, prompt, reply FROM turns JOIN conversations c ON c.id ="
    return rows(db, f"{sql} conversation WHERE c.id = ?", visitor_of)


def id_of_address(page) -> str:
    return re.search(r"[?&]chat=([\w-]+)", page.url)[1]


def test_two_chats_are_begun_found_renamed_saved_and_deleted(scripted_site, visit):
    made = visit(scripted_site.url)
    page, db = made.page, scripted_site.db
    chat(page, "The umbrella question")
    first = id_of_address(page)
    page.keyboard.press("Control+Shift+O")
    expect(page.locator("#chat-log .user-row")).to_have_count(0)
    expect(page.locator("#chat-box textarea")).to_be_focused()
    assert "chat=" not in page.url
    chat(page, "مرحبا <b>you</b>")
    expect(page.locator(TITLES)).to_have_text(["مرحبا <b>you</b>", "The umbrella question"])
    expect(page.locator(f"{TITLES}[aria-current]")).to_have_text("مرحبا <b>you</b>")

    page.locator(TITLES).last.press("Enter")
    expect(page.locator("#chat-log .user-row")).to_contain_text("The umbrella question")
    expect(page.locator(f"{TITLES}[aria-current]")).to_have_text("The umbrella question")
    expect(page).to_have_title(re.compile("^The umbrella question · "))
    page.go_back()
    expect(page.locator("#chat-log .user-row")).to_contain_text("مرحبا <b>you</b>")
    page.go_forward()
    expect(page.locator("#chat-log .user-row")).to_contain_text("The umbrella question")
    expect(page.locator(f"{TITLES}[aria-current]")).to_have_text("The umbrella question")
    act(page, "The umbrella question", "Rename")
    page.keyboard.type("<i>Rain</i>")
    page.keyboard.press("Enter")
    expect(item(page, "<i>Rain</i>").get_by_role("button")).to_be_focused()
    act(page, "<i>Rain</i>", "Rename")
    title = page.locator("#history-list .acts input")
    title.evaluate("each => each.removeAttribute('maxlength')")
    title.fill("x" * 121)
    title.press("Enter")
    expect(page.get_by_text("A title has at most 120 characters")).to_be_visible()
    chat(page, "And tomorrow?")
    expect(title).to_have_value("x" * 121)  # what was refused stays to be mended
    title.press("Escape")
    expect(page.locator(TITLES)).to_have_text(["<i>Rain</i>", "مرحبا <b>you</b>"])
    page.get_by_label("Search your chats").fill("UMBRELLA")
    expect(page.locator(TITLES)).to_have_text(["<i>Rain</i>"])
    page.get_by_label("Search your chats").fill("snow")
    expect(page.locator("#history-list")).to_contain_text("No chat of yours has these words.")
    assert violations(page) == []
    page.get_by_label("Search your chats").fill("")

    name, text = saved(page, "<i>Rain</i>", "Save as Markdown")
    assert name == "i-Rain-i.md" and text.startswith("# <i>Rain</i>\n\n**You**\n\nThe umbrella")
    assert len(re.findall(r"^\*\*\w+ · 33%\*\*$", text, re.MULTILINE)) == 2
    name, text = saved(page, "<i>Rain</i>", "Save as JSON")
    assert [turn["prompt"] for turn in json.loads(text)["turns"]][1:] == ["And tomorrow?"]

    page.reload()
    expect(page.locator("#chat-log")).to_contain_text("And tomorrow?")
    expect(page.locator(f"{TITLES}[aria-current]")).to_have_text("<i>Rain</i>")
    act(page, "مرحبا", "Delete", "Keep it")
    expect(item(page, "مرحبا").get_by_role("button")).to_be_focused()
    act(page, "<i>Rain</i>", "Delete", "Delete")
    expect(page.locator(TITLES)).to_have_text(["مرحبا <b>you</b>"])
    expect(page.locator("#chat-log .user-row")).to_have_count(0)
    assert "chat=" not in page.url
    assert {*words_in(db, first)} == {(None, None, None, None)}
    assert made.clean()


def test_a_link_opens_its_chat_in_the_same_browser_alone(scripted_site, visit):
    page = visit(scripted_site.url).page
    stranger = visit(scripted_site.url, path="about").page
    chat(page, "Between us two")
    address, other = page.url, page.context.new_page()
    other.goto(address)
    expect(other.locator("#chat-log")).to_contain_text("Between us two")
    stranger.goto(address)
    expect(stranger.locator("#chat-log")).to_contain_text("another browser has it, or it was")
    expect(stranger.locator("#history-list")).to_contain_text("Your chats will appear here.")
    assert "Between us" not in stranger.content()
    expect(stranger.locator("#chat-box textarea")).to_be_enabled()
    expect(stranger).to_have_url(f"{scripted_site.url}/")
    stranger.go_back()
    expect(stranger).to_have_title("About · Blended Arena")
    page.goto(scripted_site.url)
    expect(page.locator("#chat-box textarea")).to_be_enabled()
    expect(page.locator("#chat-log .user-row")).to_have_count(0)
    expect(page.locator(TITLES)).to_have_text(["Between us two"])
    with page.context.expect_page() as opened:
        page.locator(TITLES).click(modifiers=["Control"])
    expect(opened.value.locator("#chat-log")).to_contain_text("Between us two")


def test_on_a_phone_it_is_a_drawer(scripted_site, visit):
    made = visit(scripted_site.url, width=390)
    page, toggle = made.page, made.page.get_by_role("button", name="Chats", exact=True)
    bar, box = page.locator("#history"), page.locator("#chat-box textarea")
    chat(page, "On a phone")
    begin(page)
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(bar).not_to_be_in_viewport()
    toggle.focus()
    page.keyboard.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(bar.get_by_role("button", name="Close the list of chats")).to_be_focused()
    expect(bar.get_by_role("heading", name="Your chats")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert fits(page) and violations(page) == [], scheme
    for _ in range(8):  # behind the drawer nothing is reached
        page.keyboard.press("Tab")
        assert page.evaluate("!document.activeElement.closest('#chat, #header')")
    page.keyboard.press("Escape")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(toggle).to_be_focused()
    toggle.click()
    page.mouse.click(380, 500)  # beside it
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.click()
    page.locator(TITLES).first.click()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#chat-log")).to_contain_text("On a phone")
    expect(box).to_be_enabled()
    assert fits(page) and made.clean()


def test_another_window_deletes_a_chat_that_this_one_shows(scripted_site, visit):
    made = visit(scripted_site.url)
    here, there = made.page, made.page.context.new_page()
    chat(here, "Soon gone")
    id = id_of_address(here)
    there.goto(here.url)
    expect(there.locator("#chat-log")).to_contain_text("Soon gone")
    act(there, "Soon gone", "Delete", "Delete")
    expect(there.locator(TITLES)).to_have_count(0)
    act(here, "Soon gone", "Rename")
    here.keyboard.type("Still here?")
    here.keyboard.press("Enter")
    expect(here.get_by_text("no such chat of yours")).to_be_visible()
    expect(here.get_by_label("Title of this chat")).to_have_value("Still here?")
    send(here, "#chat-box", "Are you there?")
    expect(here.get_by_text("was deleted")).to_be_visible()
    expect(here.locator("#chat-box textarea")).to_have_value("Are you there?")
    expect(here.locator(TITLES)).to_have_count(0)
    assert {*words_in(scripted_site.db, id)} == {(None, None, None, None)}


def test_a_reply_that_is_being_written_does_not_follow_into_another_chat(scripted_site, visit):
    page, db = visit(scripted_site.url).page, scripted_site.db
    chat(page, "A quiet one")
    begin(page)
    send(page, "#chat-box", "word " * 300)
    expect(page.locator("#chat-log .bot")).to_contain_text("word word word")
    item(page, "A quiet one").get_by_role("link").click()
    expect(page.locator("#chat-log .user-row")).to_have_text(re.compile("A quiet one"))
    stopped = "SELECT 1 FROM turns WHERE prompt LIKE 'word word%' AND reply <> ''"
    until(page, lambda: rows(db, stopped))
    expect(page.locator("#chat-log .user-row")).to_have_text(re.compile("A quiet one"))
    settled(page)
    item(page, "word word").get_by_role("link").click()
    expect(page.locator("#chat-log .bot")).to_contain_text("word word word")


def test_a_chat_is_followed_while_another_window_writes_it(scripted_site, visit):
    """Although a reply is left for it, and of several quick choices it is the last."""
    here = visit(scripted_site.url).page
    send(here, "#chat-box", "followed " * 300)
    expect(here.locator("#chat-log .bot")).to_contain_text("followed followed")
    there = here.context.new_page()
    there.goto(scripted_site.url)
    send(there, "#chat-box", "left " * 200)
    expect(there.locator("#chat-log .bot")).to_contain_text("left left left")
    for title in ("followed followed", "left left", "followed followed"):
        item(there, title).get_by_role("link").click()
    expect(there.locator("#chat-log .user-row")).to_contain_text("followed followed")
    settled(there)
    expect(there.locator("#chat-log .bot")).to_contain_text("followed followed")


def test_a_long_list_grows_by_a_button(scripted_site, visit):
    page = visit(scripted_site.url).page
    chat(page, "The newest")
    ((visitor, contender),) = rows(
        scripted_site.db,
        "SELECT visitor, contender FROM conversations WHERE id = ?",
        id_of_address(page),
    )
    with sqlite3.connect(scripted_site.db) as db:
        for n in range(70):
            db.execute(
                "INSERT INTO conversations (id, visitor, contender, kind, system, created)"
                " VALUES (?, ?, ?, 'chat', '', 1)",
                (f"old-{n:02}", visitor, contender),
            )
            db.execute(
                "INSERT INTO turns (id, conversation, position, prompt, features, opened)"
                " VALUES (?1, ?1, 0, ?2, '{}', ?3)",
                (f"old-{n:02}", f"Old {n}", 1000.0 - n),
            )
    db.close()
    page.reload()
    expect(page.locator(TITLES)).to_have_count(50)
    page.get_by_role("button", name="Show more").press("Enter")
    expect(page.locator(TITLES)).to_have_count(71)
    expect(page.locator(TITLES).nth(50)).to_be_focused()
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    expect(page.locator("#history-list h2")).to_have_text(["Today", "Older"])


def test_where_no_texts_are_stored_it_says_so_and_keeps_this_pages_chats(tmp_path, visit):
    with running(tmp_path, ECHO, "--no-texts") as site:
        made = visit(site.url)
        page, note = made.page, made.page.locator("#history-list .chats-note")
        expect(note).to_contain_text("This site does not keep what is said.")
        chat(page, "First secret")
        begin(page)
        chat(page, "Second secret")
        item(page, "First secret").get_by_role("link").click()
        expect(page.locator("#chat-log .bot")).to_contain_text("First secret")
        chat(page, "It goes on")
        _, text = saved(page, "First secret", "Save as Markdown")
        assert "It goes on" in text
        act(page, "Second secret", "Delete", "Delete")
        expect(page.locator(TITLES)).to_have_text(["First secret"])
        page.reload()
        expect(page.locator("#chat-log")).to_contain_text("is not kept here")
        expect(page.locator("#history-list")).to_contain_text("Your chats will appear here.")
        assert made.clean() and {*rows(site.db, "SELECT prompt, reply FROM turns")} == {
            (None, None)
        }
