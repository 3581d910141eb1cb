"""What is typed is text: it casts no vote, starts no battle, is never lost; in a real browser."""

import re

import pytest
from browsing import rows
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Any language; digits, spaces and line ends more often than chance would have it.
LETTERS = st.characters(exclude_categories=("Cc", "Cs"))
TYPED = st.text(LETTERS | st.sampled_from("1234 \n"), max_size=12)
COUNT = """
window.pressed = 0;
document.addEventListener("click", (event) => {
  if (event.target.closest(".votes button, #new-battle, #again")) window.pressed += 1;
}, true);
"""


def anything(test):
    """The test for texts of every kind, typed key by key or put in as an input method does."""
    test = given(text=TYPED, by_key=st.booleans())(test)
    for text, by_key in (("and 2 more reasons\n", True), ("１２３4 理由\n", False)):
        test = example(text=text, by_key=by_key)(test)
    shared = HealthCheck.function_scoped_fixture
    return settings(max_examples=20, deadline=None, suppress_health_check=[shared])(test)


def enter(page, text: str, by_key: bool) -> None:
    """Type it wherever the focus is."""
    if by_key:
        page.keyboard.type(text)
    else:
        page.keyboard.insert_text(text)


def battles(site, prompt: str) -> list[tuple]:
    """The state of each battle of the visitor who said this, oldest first."""
    return rows(
        site.db,
        "SELECT b.status FROM battles b WHERE b.visitor = (SELECT c.visitor FROM conversations c"
        " JOIN turns t ON t.conversation = c.id WHERE t.prompt = ?) ORDER BY b.rowid",
        prompt,
    )


def opened(visit, site, prompt: str):
    """An arena where this was sent just now, and presses of its buttons are counted."""
    page = visit(site.url, path="arena").page
    page.evaluate(COUNT)
    box = page.locator("#duel-box textarea")
    expect(box).to_be_enabled()
    box.fill(prompt)
    box.press("Enter")
    expect(page.locator("#column-a .bot")).to_contain_text(re.compile(r"\w"))
    return page


def test_typing_during_and_after_a_battle_votes_on_nothing(scripted_site, visit):
    said = "one word after another " * 12
    page = opened(visit, scripted_site, said)
    box = page.locator("#duel-box textarea")

    @anything
    def types(text, by_key):
        page.evaluate(focus)
        enter(page, text, by_key)
        assert page.evaluate("window.pressed") == pressed

    pressed, focus = 0, "document.querySelector('#duel-box textarea').focus()"
    types()  # while both answer, and then while they answer what was sent by a line end
    expect(page.locator("#vote-1")).to_be_enabled(timeout=60_000)
    focus = "document.activeElement.blur()"
    types()  # into nothing
    expect(page.locator("#vote-1")).to_be_enabled(timeout=60_000)  # a line end may have sent more
    assert battles(scripted_site, said.strip()) == [("ready",)]

    box.fill("")
    page.locator("#vote-3").click()
    expect(page.locator("#duel-result .result")).to_be_focused()
    pressed, focus = 1, "0"
    types()  # wherever the focus is after the vote
    assert battles(scripted_site, said.strip()) == [("voted",)]
    expect(page.locator("#duel-result")).to_contain_text("You said: a tie")


def test_keys_vote_on_the_vote_bar_alone(scripted_site, visit):
    page = opened(visit, scripted_site, "Keys on the bar")
    expect(page.locator("#vote-1")).to_be_enabled()
    for selector in ("#new-battle", "#column-a", "#duel-box textarea"):
        page.locator(selector).focus()
        page.keyboard.press("2")
    assert battles(scripted_site, "Keys on the bar") == [("ready",)]
    page.wait_for_timeout(400)  # a vote on what nobody looked at does not count
    page.locator("#vote-1").focus()
    page.keyboard.press("Control+2")
    page.keyboard.press("2")
    expect(page.locator("#duel-result")).to_contain_text("You said: B is better. It counts.")


def test_what_is_typed_on_stays_in_the_box(scripted_site, visit):
    page = opened(visit, scripted_site, "slowly " * 60)
    box = page.locator("#duel-box textarea")
    page.keyboard.type("and 2 more")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Both are still answering")).to_be_visible()
    page.keyboard.type(" reasons")
    expect(page.locator("#vote-1")).to_be_enabled(timeout=60_000)
    expect(box).to_be_focused()
    expect(box).to_have_value("and 2 more reasons")


def test_stop_keeps_what_came_and_the_battle_can_be_tried_again(scripted_site, visit):
    said = ("a long story " * 60).strip()
    page = opened(visit, scripted_site, said)
    page.keyboard.type("My next one.")
    page.locator("#duel-box button", has_text="Stop").click()

    expect(page.locator("#duel-status")).to_contain_text("You stopped the replies")
    expect(page.locator("#column-a")).to_contain_text("This reply could not be finished")
    box = page.locator("#duel-box textarea")
    expect(box).to_have_value(f"{said}\nMy next one.")
    expect(box).to_be_focused()
    assert battles(scripted_site, said) == [("void",)]
    page.locator("#again").click()
    expect(box).to_have_value("My next one.")
    expect(page.locator("#vote-1")).to_be_enabled(timeout=60_000)
    assert battles(scripted_site, said) == [("ready",)]


@pytest.mark.parametrize("box", ["#chat-box", "#duel-box"])
def test_a_draft_outlives_a_reload_and_an_example_takes_nothing_from_it(scripted_site, visit, box):
    page = visit(scripted_site.url, path="arena" if box == "#duel-box" else "").page
    area = page.locator(f"{box} textarea")
    expect(area).to_be_enabled()
    area.press_sequentially("Not sent yet")
    if box == "#chat-box":
        page.get_by_role("button", name="Persona").click()
        page.locator("#chat-persona textarea").press_sequentially("I ski.")
    page.reload()
    expect(area).to_have_value("Not sent yet")
    if box == "#chat-box":
        page.get_by_role("button", name="Persona").click()
        expect(page.locator("#chat-persona textarea")).to_have_value("I ski.")
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Hello!").click()
    if box == "#chat-box":  # there it is sent at once, as the whole message
        expect(page.locator("#chat-log .user-row .typed")).to_have_text("Hello!")
        expect(area).to_have_value("Not sent yet")
        return
    expect(area).to_have_value("Not sent yet\nHello!")
    expect(area).to_be_focused()
