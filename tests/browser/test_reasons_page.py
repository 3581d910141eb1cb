"""Reasons for a vote in a real browser: chips and a comment, stored with it, told by the board."""

import json
import time
import urllib.request

import pytest
from browsing import chat, faults, fight, rows, until
from page_wire import Wire
from playwright.sync_api import expect
from stored import id_of

pytestmark = pytest.mark.browser

GIVEN = "SELECT side, kind, reason FROM vote_reasons WHERE battle = ? AND given ORDER BY 1, 3"


def latest(db) -> str:
    """The battle that was voted on last."""
    return rows(db, "SELECT battle FROM votes ORDER BY rowid DESC LIMIT 1")[0][0]


def vote(page, choice: int) -> None:
    page.locator(f"#vote-{choice}").click()
    expect(page.locator("#duel-result .card")).to_have_count(2)


def test_vote_chips_comment_and_a_reload(scripted_site, visit):
    made = visit(scripted_site.url, width=390, dark=True, path="arena")
    page, db = made.page, scripted_site.db
    fight(page)
    expect(page.locator("#duel-reasons")).to_have_count(0)
    vote(page, 1)
    expect(page.get_by_role("group", name="What was good about A")).to_be_visible()
    expect(page.get_by_role("group", name="What was wrong with B")).to_be_visible()
    expect(page.locator("#duel-reasons .chips")).to_have_count(2)
    for reason in ("more helpful", "better style", "wrong facts", "better style"):
        page.get_by_role("checkbox", name=reason).click()
    expect(page.locator("#vote-note")).to_contain_text("Saved with your vote.")
    stored = [("left", "good", "more_helpful"), ("right", "bad", "wrong_facts")]
    battle = latest(db)
    until(page, lambda: rows(db, GIVEN, battle) == stored)
    page.locator("#vote-comment textarea").fill("It knew the river.")
    page.locator("#vote-save").click()
    comment = "SELECT comment FROM vote_comments WHERE battle = ?"
    until(page, lambda: rows(db, comment, battle) == [("It knew the river.",)])
    assert faults(page) == []
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(page.get_by_role("checkbox", name="more helpful")).to_be_checked()
    expect(page.get_by_role("checkbox", name="better style")).not_to_be_checked()
    expect(page.locator("#vote-comment textarea")).to_have_value("It knew the river.")
    page.locator("#new-battle").click()
    expect(page.locator("#duel-reasons")).to_have_count(0)
    assert rows(db, GIVEN, battle) == stored and made.clean()


def test_a_thumb_in_the_chat_asks_why_by_keyboard_and_keeps_it(scripted_site, visit):
    made = visit(scripted_site.url, width=390, dark=True)
    page, db, text = made.page, scripted_site.db, "Rate me on a phone"
    chat(page, text)
    good = page.get_by_role("button", name="Reply 1 is good")
    reasons = page.get_by_role("group", name="What was good about reply 1?")
    expect(page.locator(".thumb-reasons")).to_have_count(0)
    good.press("Enter")
    expect(reasons).to_be_visible()
    expect(good).to_be_focused()
    helpful = page.get_by_role("button", name="more helpful")
    style = page.get_by_role("button", name="better style")
    for chip in (helpful, style, helpful):
        pressed = chip.get_attribute("aria-pressed")
        chip.press("Space")
        expect(chip).to_have_attribute("aria-pressed", "false" if pressed == "true" else "true")
        expect(chip).to_be_focused()
    given = "SELECT feedback, feedback_reasons FROM turns WHERE prompt = ?"
    assert rows(db, given, text) == [(1, '["better_style"]')]
    assert faults(page) == []
    page.reload()
    expect(page.locator(".thumb-reasons summary")).to_have_text(
        "What was good about reply 1? better style"
    )
    expect(reasons).to_be_hidden()
    page.locator(".thumb-reasons summary").press("Enter")
    expect(style).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Reply 1 is bad").click()
    expect(page.get_by_role("group", name="What was wrong with reply 1?")).to_be_visible()
    assert rows(db, given, text) == [(-1, None)]
    assert faults(page) == [] and made.clean()


def test_by_keyboard_a_new_battle_is_one_key_away_and_chips_follow(scripted_site, visit):
    page = visit(scripted_site.url, path="arena").page
    fight(page)
    page.locator("#vote-4").press("4")
    expect(page.locator("#duel-result .result")).to_be_focused()
    expect(page.get_by_role("group", name="What was wrong with A")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#new-battle")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("checkbox", name="wrong facts").first).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="wrong facts").first).to_be_checked()
    battle = latest(scripted_site.db)
    stored = [("left", "bad", "wrong_facts")]
    until(page, lambda: rows(scripted_site.db, GIVEN, battle) == stored)
    expect(page.get_by_role("checkbox", name="wrong facts").first).to_be_focused()


def test_the_board_has_the_shares_from_five_visitors_on(scripted_site, visit):
    def shares():
        with urllib.request.urlopen(f"{scripted_site.url}/leaderboard.json") as answer:
            profiles = json.load(answer)["profiles"]
        return {each["name"]: each["reasons"] for each in profiles if each["reasons"]}

    before = shares()
    given = '[["more_natural"], [], ["more_natural"], []]'
    for n in range(6):
        wire, me = Wire(scripted_site.url), id_of(f"explains {n}")
        wire.call("duel-box", "submit", None, me, "", f"Hello {n}")
        time.sleep(0.6)  # a vote on what nobody can have read does not count
        wire.call("vote-3", "click", None, me)
        wire.call("reasons-a-good", "input", None, me, "", given)
    after = shares()
    assert "Blended" in after and after != before
    assert after["Blended"]["good"]["more_natural"] > 0
    assert after["Blended"]["visitors"] >= 5
    page = visit(scripted_site.url, path="leaderboard").page
    expect(page.get_by_role("columnheader", name="Most frequent praise")).to_be_visible()
    page.goto(f"{scripted_site.url}/contender?name=Blended")
    expect(page.get_by_text("more natural").first).to_be_visible()
