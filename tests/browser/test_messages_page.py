"""Messages in a real browser and on the wire: no reply acts, loads, leaves its place or tells who
wrote it, and copies are exact."""

import json
import re
import urllib.error
from collections.abc import Iterator

import hostile as hostile
import pytest
from app_process import Running
from browsing import ECHO, chat, faults, fight, fits, rows, running
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from page_wire import Wire
from playwright.sync_api import expect
from stored import id_of

from arena.pages import formula, markup
from arena.pages.appearance import transcript
from arena.texts import ENGLISH
from blend.conversation import Turn

pytestmark = pytest.mark.browser

# Puts messages into the page as its component does, and says what is wrong with them.
JUDGE = """async ([messages, allowed, attributes]) => {
  const wrong = [], copied = [];
  const box = document.createElement("div");
  box.className = "prose gradio-style";
  document.querySelector(".gradio-container").append(box);
  box.innerHTML = messages.map((message) => `<div>${message}</div>`).join("");
  for (const element of box.querySelectorAll(".reply *, .typed *")) {
    const name = element.localName;
    const button = element.matches("button[type=button].copy");
    const divisions = ["wide", "typed", "code", "code-bar"];
    const own = name === "div" && divisions.includes(element.className) ||
      element.closest(".code-bar") && (name === "span" || button);
    const known = new Set([...(attributes[name] || []), ...(own ? ["class", "type"] : [])]);
    if (!own && !allowed.includes(name)) wrong.push(element.outerHTML);
    for (const each of element.attributes) if (!known.has(each.name)) wrong.push(element.outerHTML);
    if (getComputedStyle(element).position !== "static") wrong.push(element.outerHTML);
  }
  if (box.children.length !== messages.length) wrong.push(box.innerHTML);
  const write = navigator.clipboard.writeText;
  navigator.clipboard.writeText = async (text) => { copied.push(text); };
  for (const button of box.querySelectorAll("button.copy[data-text]")) button.click();
  navigator.clipboard.writeText = write;
  box.remove();
  return [wrong, copied];
}"""
ATTRIBUTES = {name: [*values] for name, values in formula.ATTRIBUTES.items()} | {
    "a": ["href", "rel", "target"],
    "ul": ["dir"],
    "ol": ["dir", "start"],
    "blockquote": ["dir"],
    "table": ["dir"],
    "th": ["align"],
    "td": ["align"],
    "pre": ["dir", "tabindex"],
    "div": ["tabindex"],
    "math": ["display", "tabindex"],
}


@pytest.fixture(scope="module")
def echo(tmp_path_factory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("echo"), ECHO) as site:
        yield site


@pytest.fixture
def judge(scripted_site, visit):
    """What is wrong with messages in a page, and what their buttons copy; nothing is loaded."""
    made, requests = visit(scripted_site.url), []
    expect(made.page.locator("#chat-box textarea")).to_be_enabled()
    made.page.on("request", lambda request: requests.append(request.url))

    def judged(texts: list[str]) -> tuple[list[str], list[str]]:
        turns = [Turn(text, text, finished=True) for text in texts]
        messages = [message["content"]["value"] for message in transcript(turns, ENGLISH)]
        return made.page.evaluate(JUDGE, [messages, sorted(markup.ELEMENTS), ATTRIBUTES])

    yield judged
    assert [url for url in requests if not url.startswith(scripted_site.url)] == []
    assert made.clean()


def test_no_reply_acts_loads_or_leaves_its_place(judge):
    @given(st.lists(hostile.replies, min_size=30, max_size=60))
    @settings(max_examples=80, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
    def law(texts):
        wrong, copied = judge(texts)
        assert wrong == []
        assert copied == [text for text in texts for _ in ("asked", "answered")]

    law()


def expect_copies(page, place: str, text: str, count: int = 2) -> None:
    """Every message in a place is copied as the text, by the browser's own clipboard."""
    buttons = page.locator(f"{place} button.copy[data-text]")
    expect(buttons).to_have_count(count)
    for n in range(count):
        buttons.nth(n).click()
        expect(buttons.nth(n)).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == text


@pytest.mark.parametrize("text", ["\n".join(hostile.NAMED[:11]), "\n\n".join(hostile.NAMED[11:16])])
def test_in_chat_and_arena_a_hostile_reply_is_text(echo, visit, text):
    made = visit(echo.url)
    made.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = text.strip()
    chat(made.page, text)
    expect_copies(made.page, "#chat-log", text)
    fight(made.page, text)
    for column in ("#column-a", "#column-b"):
        expect_copies(made.page, column, text)
        reply = made.page.locator(f"{column} .bot .reply")
        acting = reply.locator("img, video, svg, form, input, label, button:not(.copy), [style]")
        expect(acting).to_have_count(0)
    labels = "[...document.querySelectorAll('[aria-label], [title]')]"
    labels += ".map((each) => each.ariaLabel + each.title)"
    assert [each for each in made.page.evaluate(labels) if "<" in each] == []
    assert made.clean()


WIDE = f"|{' a long head |' * 12}\n|{'---|' * 12}\n|{' cell |' * 12}"
CODE = f"```\n{'a long line of code ' * 20}\n```"
RICH = "\n\n".join([WIDE, CODE, "# Head", r"$$\frac{1}{2}$$", "1. One\n2. Two", "שלום world"])


def test_wide_tables_and_code_stay_in_their_bubble_and_a_tight_list_looks_like_text(echo, visit):
    made = visit(echo.url, width=390, dark=True)
    chat(made.page, RICH)
    reply = made.page.locator("#chat-log .reply")
    assert fits(made.page) and reply.evaluate("each => each.scrollWidth <= each.clientWidth")
    assert reply.locator(".wide").evaluate("each => each.scrollWidth > each.clientWidth")
    expect(reply.locator("math mfrac")).to_be_visible()
    last = reply.locator("p").last
    assert last.evaluate("each => getComputedStyle(each).unicodeBidi") == "plaintext"
    style = "e => [getComputedStyle(e).fontSize, getComputedStyle(e).lineHeight].join()"
    assert len({reply.locator(tag).first.evaluate(style) for tag in ("p", "li")}) == 1
    assert faults(made.page) == []


ARABIC = (
    "ما هي أفضل طريقة لتعلم لغة Python بسرعة؟\n\n- واحد\n- اثنان\n\n| أ | ب |\n|---|---|\n| 1 | 2 |"
)


def test_what_runs_from_the_right_begins_there(echo, visit):
    page = visit(echo.url).page
    chat(page, ARABIC)
    prompt = page.locator("#chat-log .user-row .typed").bounding_box()
    row = page.locator("#chat-log .user-row").bounding_box()
    assert prompt["x"] + prompt["width"] == pytest.approx(row["x"] + row["width"], abs=2)
    for part in ("ul", "table"):
        style = page.locator(f"#chat-log .reply {part}").evaluate(
            "e => getComputedStyle(e).direction"
        )
        assert style == "rtl", part
    title = page.locator("#history-list li bdi")
    expect(title).to_contain_text("ما هي")
    style = title.evaluate("e => [getComputedStyle(e).direction, getComputedStyle(e).textOverflow]")
    assert style == ["rtl", "ellipsis"]


def test_a_block_of_code_is_copied_alone_and_an_event_of_copying_does_it_without_a_clipboard(
    echo, visit
):
    page = visit(echo.url).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = "Look:\n\n```py\nif a < b:\n    b()\n```\n\n    indented"
    chat(page, text)
    bars = page.locator("#chat-log .reply .code-bar")
    expect(bars.locator("span")).to_have_text(["py", ""])
    for n, code in enumerate(("if a < b:\n    b()", "indented")):
        bars.nth(n).get_by_role("button", name="Copy").press("Enter")
        expect(bars.nth(n).locator("button")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == code
    page.evaluate("window.kept = navigator.clipboard")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    whole = page.locator("#chat-log button.copy[data-text]").last
    whole.click()
    expect(whole).to_have_text("Copied")
    assert page.evaluate("kept.readText()") == text


def test_in_forced_colours_what_means_something_keeps_its_own(scripted_site, browser):
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(scripted_site.url)
    chat(page, "Hallo")
    expect(page.locator("#chat-log .reply")).to_have_attribute("lang", "")
    mark = page.locator("#chat-authors .mark")
    assert mark.evaluate("each => getComputedStyle(each).forcedColorAdjust") == "none"
    assert mark.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    context.close()


def wire_text(lines: list[str]) -> str:
    """What came over the wire, without ids and times."""
    text = re.sub(r"\d+\.\d+(e-?\d+)?", "TIME", "".join(lines))
    text = re.sub(r"[0-9a-f]{8}-?[0-9a-f-]{4,}", "ID", text)
    return re.sub(r'"(event_id|rank|queue_size|rank_eta|eta)": ?[^,}]*', "", text)


GIVEN = '[["more_helpful"], [], [], ["wrong_facts"]]'
"""Reasons after a vote for A, as the page sends them."""


def test_before_the_vote_nothing_on_the_wire_tells_the_sides(echo):
    # A reply may come in one piece more where the machine is busy: what does not tell the sides is
    # seen of either order, and by visitors of either kind, sooner or later.
    seen = {(kind, order): set() for kind in (0, 1) for order in (True, False)}
    for n in range(48):
        wire, me = Wire(echo.url, query="mode=side-by-side"), id_of(f"visitor-{n}")
        if n % 2:  # whatever was done side by side before
            wire.call("duel-box", "submit", None, me, "", "Who are you?", "birch", "Blended")
            wire.call("vote-1", "click", None, me)
            wire.call("new-battle", "click", None, me)
        wire.query = ""
        before = wire.call("duel-box", "submit", None, me, "", "Who are you?", "birch", "Blended")
        before += wire.call("reasons-a-good", "input", None, me, "", GIVEN)
        before += wire.call("vote-save", "click", None, me, "", "Better.")
        listed = wire.call("history-list", "find", None, None, me, "", "Who", "", 0)
        assert "No chat of yours" in "".join(listed)  # a battle is no chat
        before += listed
        assert not any(name in "".join(before) for name in ("alder", "birch", "Blended"))
        after = "".join(wire.call("vote-3", "click", None, me))
        assert "Blended" in after
        order = re.search(r"A · (\w+)", after).group(1) == "Blended"
        seen[n % 2, order].add(wire_text(before))
        if set.intersection(*seen.values()):
            break
    assert set.intersection(*seen.values())


def test_raw_requests_are_refused_by_the_rules(echo):
    wire, me = Wire(echo.url), id_of("raw")
    assert "nothing to vote on" in "".join(wire.call("vote-1", "click", None, me))
    wire.call("duel-box", "submit", None, me, "", "Hello")
    theirs = "".join(wire.call("vote-1", "click", None, id_of("somebody-else")))
    assert "Another visitor began this" in theirs and "Blended" not in theirs
    assert "Blended" in "".join(wire.call("vote-1", "click", None, me))
    assert "has its vote already" in "".join(wire.call("vote-2", "click", None, me))
    votes = (
        "SELECT v.choice, length(v.address) FROM votes v JOIN battles b ON b.id = v.battle"
        " WHERE b.visitor = ?"
    )
    assert rows(echo.db, votes, me) == [("left", 24)]


def test_raw_reasons_are_refused_by_the_rules(echo):
    wire, me, other = Wire(echo.url), id_of("explains"), id_of("somebody-else")
    stored = (
        "SELECT r.reason FROM vote_reasons r JOIN battles b ON b.id = r.battle"
        " WHERE b.visitor = ? AND r.given ORDER BY 1"
    )
    wire.call("duel-box", "submit", None, me, "", "Hello")
    wire.call("reasons-a-good", "input", None, me, "", GIVEN)
    assert rows(echo.db, stored, me) == []
    wire.call("vote-1", "click", None, me)
    for picked in (GIVEN.replace("wrong_facts", "worse"), "7", "[" * 5000, None):
        said = "".join(wire.call("reasons-a-good", "input", None, me, "", picked))
        assert "not one of the reasons" in said
    (battle,) = rows(echo.db, "SELECT id FROM battles WHERE visitor = ?", me)[0]
    Wire(echo.url).call("reasons-a-good", "input", None, other, battle, GIVEN)
    assert rows(echo.db, stored, me) == []
    wire.call("reasons-a-good", "input", None, me, "", GIVEN)
    assert rows(echo.db, stored, me) == [("more_helpful",), ("wrong_facts",)]


def test_forged_values_are_refused_kindly(echo):
    me, view = id_of("v"), {"status": "ready"}
    for data in ([None, me, "", 7], [view, me, "", "Hi"]):
        lines = Wire(echo.url).call("duel-box", "submit", *data)
        assert "Traceback" not in "".join(lines)
    with pytest.raises(urllib.error.HTTPError, match="400"):
        Wire(echo.url).call("duel-box", "submit", None, me, "", {"a": 1})
    assert json.loads(Wire(echo.url).call("vote-1", "click", "ready", me)[-1][6:])
