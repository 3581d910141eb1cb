"""The arena's modes in a real browser: wide and on a phone, by mouse and by keyboard alone."""

import re

import pytest
from browsing import chat, faults, fits, rows, send, tab_to, until, violations
from page_wire import Wire
from playwright.sync_api import expect
from stored import id_of

pytestmark = pytest.mark.browser

KIND = (
    "SELECT b.source, v.counted FROM battles b JOIN votes v ON v.battle = b.id"
    " WHERE b.left_conversation = (SELECT conversation FROM turns WHERE prompt = ? LIMIT 1)"
    " OR b.right_conversation = (SELECT conversation FROM turns WHERE prompt = ? LIMIT 1)"
)
LONG = "A long message, so that its replies fill more than a phone's window. " * 40
ALIKE = ("width", "height", "y")
IN_VIEW = """(part) => {
  const box = part.getBoundingClientRect();
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth
    && part.contains(over);
}"""

TO_VIEW = f"""(part) => {{
  part.scrollIntoView({{ block: "center", inline: "center" }});
  return ({IN_VIEW})(part);
}}"""
"""A conversation follows its end, and a card snaps: where one of them moves, scroll once more."""


def arena(visit, site, mode: str = "", **options):
    """The arena of a new visitor, in a mode of its own address."""
    made = visit(site.url, path=f"arena{mode}", **options)
    expect(made.page.locator("#duel-box textarea")).to_be_enabled()
    return made


def answered(page, text: str) -> None:
    """A message, and both replies to their end."""
    send(page, "#duel-box", text)
    expect(page.locator("#vote-1")).to_be_enabled()
    page.wait_for_timeout(400)  # a vote on what nobody looked at does not count


def test_side_by_side_is_named_from_the_start_and_its_vote_is_kept_apart(scripted_site, visit):
    made = arena(visit, scripted_site, width=390, dark=True)
    page, said = made.page, "Named from the start"
    page.get_by_role("link", name="Side by side").click()
    expect(page).to_have_url(re.compile(r"/arena\?mode=side-by-side$"))
    current = page.get_by_role("navigation", name="Ways to compare").locator("[aria-current]")
    expect(current).to_have_text("Side by side")
    expect(page.locator(".mode-about")).to_contain_text("only blind votes are ranked")
    expect(page.locator("#pick-a input")).to_have_value("Blended")
    page.locator("#pick-b input").click()
    page.get_by_role("option", name="cedar").click()
    assert fits(page) and violations(page) == []
    answered(page, said)
    labels = page.locator('.battle-column [data-testid="block-label"]')
    expect(labels).to_have_text([re.compile("A · Blended"), re.compile("B · cedar")])
    expect(page.locator("#column-b .chip")).to_have_text("cedar · 100%")
    assert fits(page) and violations(page) == []
    page.locator("#vote-2").click()
    expect(page.locator("#duel-result")).to_contain_text("It is kept apart")
    assert fits(page) and violations(page) == []
    assert rows(scripted_site.db, KIND, said, said) == [("named", 0)]
    page.reload()  # the address keeps the mode, and the mode its battle
    expect(page.locator("#duel-result")).to_contain_text("It is kept apart")
    page.get_by_role("button", name="New comparison").click()
    expect(page.locator("#pick-b input")).to_have_value("cedar")
    page.get_by_role("link", name="Battle", exact=True).click()
    expect(page.locator("#duel-status")).to_contain_text("Two hidden contenders")
    expect(page.locator("#pick-a")).to_have_count(0)
    page.go_back()
    expect(page.locator("#pick-a input")).to_have_value("Blended")
    assert made.clean()


def test_an_address_names_the_two_that_meet(scripted_site, visit):
    page = arena(visit, scripted_site, "?mode=side-by-side&a=birch&b=alder").page
    expect(page.locator("#pick-a input")).to_have_value("birch")
    expect(page.locator("#pick-b input")).to_have_value("alder")


def test_openers_stand_in_the_empty_arena_only(scripted_site, visit):
    page = arena(visit, scripted_site).page
    opener = page.get_by_role("button", name="Hello!")
    opener.click()
    expect(page.locator("#duel-box textarea")).to_have_value("Hello!")
    expect(page.locator("#duel-box textarea")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#vote-1")).to_be_enabled()
    expect(opener).to_be_hidden()


def legible(page) -> bool:
    """By day and by night, on a phone."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert fits(page) and violations(page) == [], scheme
    return True


def test_on_a_phone_the_vote_bar_stays_in_view_and_covers_no_text(scripted_site, visit):
    made = arena(visit, scripted_site, width=390, height=660)
    page = made.page
    expect(page.locator("#duel-votes")).to_be_hidden()
    for text in (LONG, LONG):
        answered(page, text)
        for number in range(1, 5):
            vote = page.locator(f"#vote-{number}")
            assert vote.evaluate(IN_VIEW) and vote.bounding_box()["height"] >= 44
        assert page.locator("#duel-box textarea").evaluate(IN_VIEW)
    for side in "ab":  # a card is swiped to; the end of its last reply can be read
        last = page.locator(f"#column-{side} .bot .copy").last
        until(page, lambda last=last: last.evaluate(TO_VIEW))
    assert legible(page)
    page.locator("#vote-3").click()
    expect(page.locator("#duel-result .result")).to_be_focused()
    expect(page.locator("#duel-votes")).to_be_hidden()
    until(page, lambda: page.locator("#new-battle").evaluate(IN_VIEW))
    assert legible(page) and made.clean()


def test_the_replies_can_be_ended_as_soon_as_the_server_has_begun_them(scripted_site, visit):
    page, joins = arena(visit, scripted_site).page, []
    stop, renew = page.locator("#duel-box button", has_text="Stop"), page.locator("#new-battle")

    def hold_replies(route):
        joins.append(route)
        if len(joins) != 2:  # the first one is the message
            route.continue_()

    page.route("**/queue/join*", hold_replies)
    send(page, "#duel-box", LONG)
    until(page, lambda: len(joins) == 2)
    expect(page.locator("#duel-status")).to_contain_text("Both are answering")
    expect(stop).to_have_count(0)
    expect(renew).to_be_disabled()
    joins[1].continue_()
    expect(renew).to_be_enabled()
    stop.click()
    expect(page.locator("#duel-status")).to_contain_text("You stopped the replies")


def test_both_columns_are_alike_and_fill_the_window_of_any_height(scripted_site, visit):
    page = arena(visit, scripted_site, height=500).page
    answered(page, LONG)
    for height in (500, 768, 1000):
        page.set_viewport_size({"width": 1280, "height": height})
        left, right = (page.locator(f"#column-{side}").bounding_box() for side in "ab")
        assert [left[key] for key in ALIKE] == [right[key] for key in ALIKE]
        box = page.locator("#duel-box").bounding_box()
        assert height - 40 < box["y"] + box["height"] <= height and left["height"] > 200
        assert page.locator("#vote-1").evaluate(IN_VIEW)


def test_by_keyboard_alone_from_the_first_message_to_the_second_vote(scripted_site, visit):
    made = arena(visit, scripted_site)
    page = made.page
    page.keyboard.press("Tab")
    tab_to(page, "#duel-box textarea")
    page.keyboard.type("By keys alone")
    page.keyboard.press("Enter")
    expect(page.locator("#vote-1")).to_be_enabled()
    page.wait_for_timeout(400)
    page.keyboard.press("Shift+Tab")  # the bar stands before the box
    expect(page.locator("#vote-4")).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#duel-result .result")).to_be_focused()
    tab_to(page, "#new-battle")
    page.keyboard.press("Enter")
    expect(page.locator("#duel-box textarea")).to_be_focused()
    page.keyboard.type("And once more")
    page.keyboard.press("Enter")
    expect(page.locator("#vote-1")).to_be_enabled()
    page.wait_for_timeout(400)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("2")
    expect(page.locator("#duel-result")).to_contain_text("You said: B is better. It counts.")
    assert made.clean()


def test_over_raw_http_a_side_by_side_vote_reaches_no_board_and_a_blind_battle_stays_blind(
    scripted_site,
):
    board = "SELECT sum(votes) FROM vote_counts WHERE source = 'own'"
    me, named = id_of("raw modes"), "mode=side-by-side"
    wire = Wire(scripted_site.url, query=named)
    before = rows(scripted_site.db, board)
    lines = "".join(wire.call("duel-box", "submit", None, me, "", "Hello", "cedar", "birch"))
    assert "A · cedar" in lines
    wire.query = ""  # the address changes, the battle does not
    assert "It is kept apart" in "".join(wire.call("vote-1", "click", None, me))
    assert rows(scripted_site.db, board) == before

    wire = Wire(scripted_site.url)
    wire.call("duel-box", "submit", None, me, "", "Hello again", "cedar", "birch")
    wire.query = named
    more = "".join(wire.call("duel-box", "submit", None, me, "", "And on", "cedar", "birch"))
    assert "chip who" not in more and "process_completed" in more
    blind = "SELECT source, turns FROM battles WHERE visitor = ? ORDER BY rowid"
    assert rows(scripted_site.db, blind, me) == [("named", 1), ("own", 2)]
    for picks in (("cedar", "cedar"), ("cedar", None), (None, None)):
        fresh = Wire(scripted_site.url, query=named)
        refused = "".join(fresh.call("duel-box", "submit", None, id_of("x"), "", "Hi", *picks))
        assert "different contenders" in refused or "two contenders" in refused
    assert rows(scripted_site.db, blind, id_of("x")) == []


def test_direct_is_a_chat_with_whom_one_chose_and_sees(scripted_site, visit):
    made = arena(visit, scripted_site, width=390, dark=True)
    page, with_whom = made.page, made.page.locator("#chat-with input")
    page.get_by_role("link", name="Direct").click()
    expect(with_whom).to_have_value("Blended")
    expect(page.locator("#chat-box textarea")).to_be_enabled()
    with_whom.click()
    page.get_by_role("option", name="birch").click()
    expect(page).to_have_url(re.compile(r"/\?with=birch$"))
    expect(page.locator("#chat-log")).to_contain_text("A chat with birch")
    expect(page.locator("#chat-box textarea")).to_be_enabled()
    assert faults(page) == []
    for n, text in enumerate(("Direct on a phone", "And on"), start=1):
        chat(page, text)
        expect(page.locator("#chat-log .chip")).to_have_count(n)
    expect(page.locator("#chat-log .chip").last).to_have_text("birch · 100%")
    page.goto(re.sub("with=birch&?", "", page.url))  # the chat stays with whom it was begun
    expect(with_whom).to_have_value("birch")
    writers = (
        "SELECT DISTINCT n.name FROM contenders n JOIN conversations c ON c.contender = n.id"
        " JOIN turns t ON t.conversation = c.id WHERE t.prompt = ?"
    )
    assert rows(scripted_site.db, writers, "Direct on a phone") == [("birch",)]
    assert made.clean()
