"""Members that think, in a real browser: folded after the reply, hidden before the vote."""

import pytest
from browsing import faults, fight, running, send, settled
from page_wire import Wire
from playwright.sync_api import expect
from stored import id_of

pytestmark = pytest.mark.browser

MEMBER = """
[[member]]
name = "{name}"
engine = "scripted"
pace = 0.3
lines = ["<think>\\nAcme made me. <b>Bold</b> &amp; so on. What now?</think>\\n\\nGood day."]
"""
ROSTER = (
    'title = "Thinkers"\n'
    + "".join(MEMBER.format(name=name) for name in ("alder", "birch"))
    + '[[blend]]\nname = "Blended"\nmembers = ["alder", "birch"]\n'
)
SECRET = "Acme"


@pytest.fixture(scope="module")
def thinkers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("thinkers")
    with running(folder, ROSTER) as site:
        yield site
    kept = b"".join(path.read_bytes() for path in folder.glob("arena.db*"))
    assert b"Good day." in kept and SECRET.encode() not in kept


def test_the_thoughts_of_a_reply_are_unfolded_by_keyboard_and_gone_after_a_reload(thinkers, visit):
    made = visit(thinkers.url, width=390, dark=True)
    page, folded = made.page, made.page.locator("#chat-log details.thoughts")
    send(page, "#chat-box", "Hello")
    expect(page.locator("#chat-log .waiting")).to_have_text("thinking")
    settled(page)

    expect(page.locator("#chat-log .reply")).to_have_text("Good day.")
    writer = page.locator("#chat-log .chip").inner_text().partition(" ")[0]
    expect(folded.locator("summary")).to_have_text(f"Thoughts of {writer}")
    expect(page.get_by_text(SECRET)).to_be_hidden()
    page.locator("#chat-log [data-act=bad]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    thoughts = folded.locator(".typed")
    expect(thoughts).to_have_text("Acme made me. <b>Bold</b> &amp; so on. What now?")
    expect(thoughts).to_be_visible()
    assert faults(page) == []

    page.reload()
    expect(page.locator("#chat-log .reply")).to_have_text("Good day.")
    expect(folded).to_have_count(0)
    assert made.clean()


def test_no_thought_leaves_the_server_before_the_vote_and_all_can_be_unfolded_after(
    thinkers, visit
):
    me, wire = id_of("thinking"), Wire(thinkers.url)
    wire.call("duel-box", "submit", None, me, "", "Hello")
    before = "".join(wire.call("duel-box", "submit", None, me, "", "And?"))
    assert SECRET not in before and "thinking" not in before and "Good day." in before

    page = visit(thinkers.url, path="arena").page
    fight(page)
    assert SECRET not in page.content()
    page.locator("#vote-1").click()
    expect(page.locator(".columns details.thoughts")).to_have_count(2)
