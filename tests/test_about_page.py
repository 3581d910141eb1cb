"""The about tab in a real browser: what it says, and that who asks for it is forgotten."""

import sqlite3

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.conftest import Wire, start

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    running = start(tmp_path_factory.mktemp("about") / "arena.db", "--roster", "scripted")
    yield running
    assert running.stop() == 0


def opened(made):
    made.page.get_by_role("tab", name="About").click()
    expect(made.page.locator("#about-stored")).to_contain_text("A keyed hash of your network")
    return made.page


def texts(site, like: str) -> int:
    with sqlite3.connect(f"file:{site.db}?mode=ro", uri=True) as db:
        return db.execute("SELECT count(*) FROM turns WHERE prompt LIKE ?", (like,)).fetchone()[0]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", [False, True])
def test_it_tells_all_fits_and_axe_finds_nothing(site, visit, width, dark):
    made = visit(site.url, width=width, dark=dark)
    page = opened(made)
    for said in ("What is stored, and why", "Licence", "Delete what is yours", "How it works"):
        expect(page.get_by_text(said).first).to_be_visible()
    expect(page.locator("#about-program")).to_contain_text(f"{site.url}/v1/chat/completions")
    expect(page.locator("#about-running")).to_contain_text("Blended Arena")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert Axe().run(page).response["violations"] == [] and made.clean()


def test_a_visitor_is_forgotten_by_id_from_the_keyboard(site, visit):
    page = visit(site.url).page
    page.locator("#chat-box textarea").fill("Forget this sentence")
    page.locator("#chat-box textarea").press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    assert texts(site, "Forget this%") == 1
    page.get_by_role("tab", name="About").click()
    own = page.locator("#about-own textarea, #about-own input")
    expect(own).not_to_have_value("")

    mine = own.input_value()
    page.locator("#about-wanted textarea, #about-wanted input").fill(mine)
    page.locator("#about-sure input").focus()
    page.keyboard.press("Space")
    page.locator("#about-delete").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#about-came")).to_contain_text("Deleted: every text and the id.")
    assert texts(site, "Forget this%") == 0
    with sqlite3.connect(f"file:{site.db}?mode=ro", uri=True) as db:
        assert db.execute("SELECT 1 FROM visitors WHERE id = ?", (mine,)).fetchone() is None
    page.reload()
    page.get_by_role("tab", name="About").click()
    expect(own).not_to_have_value("")
    assert own.input_value() != mine
    assert mine not in page.evaluate("JSON.stringify(localStorage)")


def test_nothing_is_deleted_unless_somebody_is_sure(site):
    wire = Wire(site.url)
    assert "tick that you are sure" in "".join(wire.call("about-delete", "click", "x", False, None))
    assert "paste the id" in "".join(wire.call("about-delete", "click", " ", True, None))
    assert "nothing under that id" in "".join(wire.call("about-delete", "click", "x", True, None))


def test_an_accounts_data_is_deleted_by_its_login_only(site):
    said = "".join(Wire(site.url).call("about-delete", "click", "account-1", True, None))
    assert "Your login has ended" in said
