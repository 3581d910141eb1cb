"""The page in a real browser, on scripted members: what a visitor sees and what they must not."""

import json
import re
import sqlite3
import urllib.error

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.conftest import Wire, id_of, start

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)

NAMES = ("alder", "birch", "cedar")

SAME = """
title = "Alike"
[[member]]
name = "alder"
engine = "scripted"
lines = ["The same words from everyone, whoever it is."]
[[member]]
name = "birch"
engine = "scripted"
lines = ["The same words from everyone, whoever it is."]
[[blend]]
name = "Blended"
members = ["alder", "birch"]
"""

BROKEN = SAME.replace("lines = [", "fails_at = 3\nlines = [").replace("Alike", "Broken")


def rows(db, sql: str) -> list[tuple]:
    with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def send(page, box: str, text: str) -> None:
    page.locator(f"{box} textarea").fill(text)
    page.locator(f"{box} textarea").press("Enter")


def fight(page, text: str = "Hello there") -> None:
    page.get_by_role("tab", name="Arena").click()
    send(page, "#duel-box", text)
    expect(page.locator("#vote-1")).to_be_enabled(timeout=20_000)
    page.wait_for_timeout(400)  # a vote on what nobody looked at does not count


def settled(page) -> None:
    """The reply has ended: the tools under it are awake again."""
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()


def label_is_above(page, log: str) -> bool:
    """Whether the label hides no message, however far they are scrolled."""
    label = page.locator(f'{log} [data-testid="block-label"]').bounding_box()
    messages = page.locator(f'{log} [role="log"]').bounding_box()
    return label["y"] + label["height"] <= messages["y"]


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_chat_shows_who_wrote_what(scripted_site, visit):
    made = visit(scripted_site.url)
    send(made.page, "#chat-box", "Good morning")
    expect(made.page.locator("#chat-log .chip")).to_have_text(re.compile(r"\w+ · 33%"))
    settled(made.page)

    send(made.page, "#chat-box", "And again")
    expect(made.page.locator("#chat-ribbon .mark")).to_have_count(2)
    expect(made.page.locator("#chat-log")).to_contain_text("Good morning")
    assert label_is_above(made.page, "#chat-log")
    assert made.clean()


def test_regenerate_undo_and_clear_are_kept_in_the_database(scripted_site, visit):
    page = visit(scripted_site.url).page
    send(page, "#chat-box", "Undo me please")
    settled(page)
    page.get_by_role("button", name="Regenerate").click()
    expect(page.locator("#chat-box button", has_text="Stop")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#chat-box textarea")).to_have_value("Undo me please")
    expect(page.locator("#chat-log .chip")).to_have_count(0)
    said = rows(
        scripted_site.db,
        "SELECT parent IS NOT NULL, undone FROM turns WHERE prompt = 'Undo me please' ORDER BY id",
    )
    assert said == [(0, 0), (1, 1)]
    send(page, "#chat-box", "Clear me")
    settled(page)
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


def test_a_thumb_is_kept(scripted_site, visit):
    page = visit(scripted_site.url).page
    send(page, "#chat-box", "Like this one")
    settled(page)
    page.get_by_label("Like", exact=True).first.click()
    query = "SELECT feedback FROM turns WHERE prompt = 'Like this one'"
    for _ in range(100):
        if rows(scripted_site.db, query) == [(1,)]:
            return
        page.wait_for_timeout(50)
    raise AssertionError(rows(scripted_site.db, query))


def test_what_a_visitor_types_is_text(scripted_site, visit):
    made = visit(scripted_site.url)
    typed = "<img src=http://example.org/x.png> ![y](http://example.org/y.png) <|end|> <b>b</b>"
    send(made.page, "#chat-box", typed)

    expect(made.page.locator("#chat-log .chip")).to_be_visible()
    expect(made.page.locator("#chat-log .user")).to_contain_text("<|end|> <b>b</b>")
    assert made.clean()


def test_a_bad_message_loses_nothing(scripted_site, visit):
    page = visit(scripted_site.url).page
    page.locator("#chat-box textarea").fill("y" * 100_000)
    page.locator("#chat-box textarea").press("Enter")

    expect(page.get_by_text("100,000 characters; send at most 8,000")).to_be_visible()
    assert len(page.locator("#chat-box textarea").input_value()) == 100_000


def test_two_visitors_do_not_mix(scripted_site, visit):
    first, second = visit(scripted_site.url).page, visit(scripted_site.url).page
    send(first, "#chat-box", "I am the first")
    send(second, "#chat-box", "I am the second")
    expect(second.locator("#chat-log .chip")).to_be_visible()

    expect(first.locator("#chat-log")).not_to_contain_text("second")
    expect(second.locator("#chat-log")).not_to_contain_text("first")


def test_a_visitor_keeps_the_id_over_a_reload(scripted_site, visit):
    page = visit(scripted_site.url).page
    for text in ("before the reload", "after the reload"):
        send(page, "#chat-box", text)
        settled(page)
        page.reload()
    visitors = rows(
        scripted_site.db,
        "SELECT DISTINCT c.visitor FROM turns t JOIN conversations c ON c.id = t.conversation"
        " WHERE t.prompt LIKE '% the reload'",
    )
    assert len(visitors) == 1


@pytest.mark.parametrize("width", [1280, 390])
def test_a_battle_from_message_to_names_and_board(scripted_site, visit, width):
    made = visit(scripted_site.url, width=width)
    fight(made.page)
    assert label_is_above(made.page, "#column-a") and label_is_above(made.page, "#column-b")
    for name in NAMES:
        expect(made.page.locator(".columns")).not_to_contain_text(name)
    made.page.get_by_role("button", name="Tie (3)").click()

    expect(made.page.locator("#duel-result")).to_contain_text("You said: a tie. It counts.")
    expect(made.page.locator("#duel-result .chip", has_text="Blended")).to_have_count(1)
    expect(made.page.locator("#vote-1")).to_be_disabled()
    expect(made.page.locator("#duel-result .result")).to_be_focused()
    assert fits(made.page)
    made.page.get_by_role("tab", name="Leaderboard").click()
    expect(made.page.locator("#board-counted")).to_contain_text("counted, from")
    expect(made.page.locator("#board-table")).to_contain_text("Blended")
    assert fits(made.page) and made.clean()


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


def test_a_skip_is_void(scripted_site, visit):
    page = visit(scripted_site.url).page
    fight(page, "Skip this battle")
    page.get_by_role("button", name="Skip: new battle").click()

    expect(page.locator("#vote-1")).to_be_disabled()
    assert ("void",) in rows(
        scripted_site.db,
        "SELECT b.status FROM battles b JOIN turns t ON t.conversation = b.left_conversation"
        " WHERE t.prompt = 'Skip this battle'",
    )


def test_a_skip_while_replies_stream_ends_both(scripted_site, visit):
    page = visit(scripted_site.url).page
    page.get_by_role("tab", name="Arena").click()
    long = "Too long " * 100
    send(page, "#duel-box", long)
    expect(page.locator("#column-a .bot")).to_contain_text("Too long")
    page.get_by_role("button", name="Skip: new battle").press("Enter")

    expect(page.locator("#duel-status")).to_contain_text("Two hidden contenders")
    expect(page.locator("#duel-box textarea")).to_be_focused()
    told = rows(
        scripted_site.db,
        "SELECT b.void_reason, t.finished FROM battles b JOIN turns t"
        f" ON t.conversation IN (b.left_conversation, b.right_conversation)"
        f" WHERE t.prompt = '{long.strip()}'",
    )
    assert told == [("skipped", 0)] * 2
    fight(page, "And on with others")
    page.locator("#vote-3").click()
    expect(page.locator("#duel-result")).to_contain_text("You said: a tie. It counts.")


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(scripted_site, visit, dark):
    page = visit(scripted_site.url, dark=dark).page
    send(page, "#chat-box", "Hello")
    settled(page)
    expect(page.get_by_role("button", name="Undo")).to_have_css("opacity", "1")
    found = violations(page)
    fight(page)
    page.locator("#vote-1").click()
    expect(page.locator("#duel-result")).to_contain_text("You said")
    # It turns blue in a moment: half way its words are hard to read.
    expect(page.locator("#new-battle")).to_have_css("background-color", "rgb(37, 99, 235)")
    found += violations(page)
    page.get_by_role("tab", name="Leaderboard").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(4)
    assert found + violations(page) == []


def violations(page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [(v["id"], node["html"][:200]) for v in found for node in v["nodes"]]


@pytest.fixture(scope="module")
def alike_site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alike")
    (folder / "alike.toml").write_text(SAME)
    running = start(folder / "arena.db", "--roster", str(folder / "alike.toml"))
    yield running
    assert running.stop() == 0


def told(lines: list[str]) -> str:
    """What came over the wire, without ids and times."""
    text = re.sub(r"[0-9a-f]{8}-?[0-9a-f-]{4,}", "ID", "".join(lines))
    text = re.sub(r'"(event_id|rank|queue_size|rank_eta|eta)": ?[^,}]*', "", text)
    return re.sub(r"\d+\.\d+(e-?\d+)?", "TIME", text)


def test_before_the_vote_nothing_on_the_wire_tells_the_sides(alike_site):
    seen, orders = set(), set()
    for n in range(24):
        wire = Wire(alike_site.url)
        before = wire.call("duel-box", "submit", None, id_of(f"visitor-{n}"), "", "Who are you?")
        seen.add(told(before))
        assert not any(name in "".join(before) for name in (*NAMES, "Blended"))
        after = "".join(wire.call("vote-3", "click", None, id_of(f"visitor-{n}")))
        assert "Blended" in after
        orders.add(re.search(r"A · (\w+)", after).group(1) == "Blended")
        if n > 3 and len(orders) == 2:
            break
    assert len(orders) == 2 and len(seen) == 1


def test_raw_requests_are_refused_by_the_rules(alike_site):
    wire = Wire(alike_site.url)
    early = "".join(wire.call("vote-1", "click", None, id_of("raw")))
    assert "no battle to vote on" in early

    wire.call("duel-box", "submit", None, id_of("raw"), "", "Hello")
    theirs = "".join(wire.call("vote-1", "click", None, id_of("somebody-else")))
    assert "another visitor" in theirs and "Blended" not in theirs
    assert "Blended" in "".join(wire.call("vote-1", "click", None, id_of("raw")))
    again = "".join(wire.call("vote-2", "click", None, id_of("raw")))
    assert "has its vote already" in again
    votes = rows(
        alike_site.db,
        "SELECT v.choice, length(v.address) FROM votes v JOIN battles b ON b.id = v.battle"
        f" WHERE b.visitor = '{id_of('raw')}'",
    )
    assert votes == [("left", 24)]


def test_forged_values_are_refused_kindly(alike_site):
    me = id_of("v")
    for data in ([None, me, "", 7], [{"status": "ready"}, me, "", "Hi"]):
        lines = Wire(alike_site.url).call("duel-box", "submit", *data)
        assert "Traceback" not in "".join(lines)
    with pytest.raises(urllib.error.HTTPError, match="400"):
        Wire(alike_site.url).call("duel-box", "submit", None, me, "", {"a": 1})
    assert json.loads(Wire(alike_site.url).call("vote-1", "click", "ready", me)[-1][6:])


def test_the_public_endpoints_are_exactly_these(alike_site):
    named = {
        d["api_name"]
        for d in Wire(alike_site.url).config["dependencies"]
        if d["api_visibility"] == "public"
    }
    assert named == {"leaderboard", "ask"}


def test_a_failing_member_makes_the_battle_void(tmp_path, visit):
    (tmp_path / "broken.toml").write_text(BROKEN)
    running = start(tmp_path / "arena.db", "--roster", str(tmp_path / "broken.toml"))
    page = visit(running.url).page
    page.get_by_role("tab", name="Arena").click()
    send(page, "#duel-box", "Hello")

    expect(page.locator("#duel-status")).to_contain_text("this battle does not count")
    expect(page.locator("#vote-1")).to_be_disabled()
    expect(page.locator("#duel-box textarea")).to_have_value("Hello")
    for name in NAMES:
        expect(page.locator(".columns")).not_to_contain_text(name)
    assert rows(running.db, "SELECT status FROM battles") == [("void",)]
    assert running.stop() == 0
