"""The about tab in a real browser: what it says, and that who asks for it is forgotten."""

import pytest
from browsing import chat, go, rows
from page_wire import Wire
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_it_tells_all(scripted_site, visit):
    made = visit(scripted_site.url, path="about")
    expect(made.page.locator("#about-stored")).to_contain_text("A keyed hash of your network")
    for said in ("What is stored, and why", "Licence", "Delete what is yours", "How it works"):
        expect(made.page.get_by_text(said).first).to_be_visible()
    expect(made.page.locator("#about-program")).to_contain_text(
        f"{scripted_site.url}/v1/chat/completions"
    )
    expect(made.page.locator("#about-running")).to_contain_text("Blended Arena")
    assert made.clean()


def test_a_visitor_is_forgotten_by_id_from_the_keyboard(scripted_site, visit):
    page, db = visit(scripted_site.url).page, scripted_site.db
    texts = "SELECT count(*) FROM turns WHERE prompt = 'Forget this sentence'"
    chat(page, "Forget this sentence")
    assert rows(db, texts) == [(1,)]
    go(page, "About")
    own = page.locator("#about-own textarea, #about-own input")
    expect(own).not_to_have_value("")

    mine = own.input_value()
    page.locator("#about-wanted textarea, #about-wanted input").fill(mine)
    page.locator("#about-sure input").focus()
    page.keyboard.press("Space")
    page.locator("#about-delete").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#about-came")).to_contain_text("Deleted: every text and the id.")
    assert rows(db, texts) == [(0,)]
    assert rows(db, "SELECT 1 FROM visitors WHERE id = ?", mine) == []
    page.reload()
    go(page, "About")
    expect(own).not_to_have_value("")
    assert own.input_value() != mine
    assert mine not in page.evaluate("JSON.stringify(localStorage)")


@pytest.mark.parametrize(
    ("id", "sure", "said"),
    [
        ("x", False, "tick that you are sure"),
        (" ", True, "paste the id"),
        ("x", True, "nothing under that id"),
        ("account-1", True, "Your login has ended"),
    ],
)
def test_nothing_is_deleted_unless_somebody_is_sure_and_may(scripted_site, id, sure, said):
    assert said in "".join(Wire(scripted_site.url).call("about-delete", "click", id, sure, None))
