"""Conversations that may be published, in a real browser: told first, kept private, deleted."""

import json
from collections.abc import Iterator

import pytest
from app_process import Running
from browsing import ECHO, chat, fight, fits, go, rows, running, send, until, violations
from fake_hub import Server, connected
from playwright.sync_api import expect

from arena.exchange.publication import publish

pytestmark = [
    pytest.mark.browser,
    # How the client itself hands a file to its HTTP library.
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]

NAME = "me/battles"
SWITCH = ".publication input"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("publish"), f"publish = true\n{ECHO}") as site:
        yield site


@pytest.fixture
def server(monkeypatch):
    with connected(monkeypatch) as server:
        yield server


def prompts(server: Server, version: int) -> list[str]:
    data = server.repos[NAME].tags[f"v{version}"][1]["arena.jsonl"]
    messages = [json.loads(line)["conversation_a"][0] for line in data.splitlines()]
    return [message["content"][0]["text"] for message in messages]


def step_back_to(page, start: str, selector: str, most: int = 4) -> None:
    """Go back by the keyboard, from the box to what stands before it."""
    page.locator(start).focus()
    for _ in range(most):
        page.keyboard.press("Shift+Tab")
        if page.locator(selector).evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"{most} steps back from {start} do not reach {selector}")


def judge(page, text: str) -> None:
    """A battle with a vote."""
    fight(page, text)
    page.locator("#vote-1").click()
    expect(page.locator("#duel-result .result")).to_be_visible()


def consent(db, text: str) -> set[int]:
    """Of the conversations that began with this message."""
    found = rows(
        db,
        "SELECT publishable FROM conversations WHERE id IN"
        " (SELECT conversation FROM turns WHERE prompt = ?)",
        text,
    )
    return {publishable for (publishable,) in found}


def test_a_visitor_is_told_keeps_theirs_private_and_deletes(site, visit, server, capsys):
    made, db = visit(site.url, path="arena"), site.db
    page = made.page
    expect(page.locator(".publication")).to_contain_text("may be published, without your name")
    expect(page.locator(SWITCH)).to_be_enabled()
    assert violations(page) == []
    judge(page, "Tell me of zebras")
    expect(page.locator(".publication")).to_be_hidden()
    expect(page.locator("#withhold")).to_be_visible()
    page.locator("#new-battle").click()
    expect(page.locator("#withhold")).to_be_hidden()
    judge(page, "My street is Elm Lane")
    page.locator("#withhold").press("Enter")
    expect(page.locator("#withheld")).to_contain_text("will not be published")
    expect(page.locator("#withheld p")).to_be_focused()
    assert violations(page) == []
    assert consent(db, "Tell me of zebras") == {1} and consent(db, "My street is Elm Lane") == {-1}
    page.reload()
    expect(page.locator("#duel-result .result")).to_be_visible()
    expect(page.locator("#withhold")).to_be_hidden()

    kept, held = visit(site.url), []
    expect(kept.page.locator(SWITCH)).to_be_enabled()
    step_back_to(kept.page, "#chat-box textarea", SWITCH)
    kept.page.route("**/queue/join*", lambda route: held.append(route), times=1)
    for _ in range(3):  # while the first is on its way
        kept.page.keyboard.press("Space")
    until(kept.page, lambda: held)
    held[0].continue_()
    until(kept.page, lambda: rows(db, "SELECT 1 FROM visitors WHERE private"))
    chat(kept.page, "Between us")
    expect(kept.page.locator(".publication")).to_be_hidden()
    go(kept.page, "Arena")
    expect(kept.page.locator(SWITCH)).to_be_checked()
    judge(kept.page, "A secret of mine")
    expect(kept.page.locator("#withhold")).to_be_hidden()
    assert consent(db, "Between us") == consent(db, "A secret of mine") == {0}
    other = visit(site.url, path="arena")
    judge(other.page, "Lions, please")

    command = ["--db", str(db), "--hub", NAME, "--unchecked"]
    assert publish.main([*command, "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "2 rows for arena" in told and "nothing was sent" in told and server.repos == {}
    assert publish.main([*command, "--license", "cc-by-4.0"]) == 0
    assert prompts(server, 1) == ["Tell me of zebras", "Lions, please"]

    go(page, "About")
    expect(page.locator("#about-stored")).to_contain_text("cannot be called back")
    expect(page.locator("#about-own input, #about-own textarea")).not_to_have_value("")
    own = page.locator("#about-own input, #about-own textarea").input_value()
    page.locator("#about-wanted input, #about-wanted textarea").fill(own)
    page.locator("#about-sure input").check()
    page.locator("#about-delete").click()
    expect(page.locator("#about-came")).to_contain_text("2 of your conversations were published")
    capsys.readouterr()
    assert publish.main([*command, "--license", "cc-by-4.0", "--prune"]) == 0
    assert "2 conversations of earlier versions are not in this one (2 deleted)" in (
        capsys.readouterr().out
    )
    assert prompts(server, 2) == ["Lions, please"]
    assert b"zebras" not in server.everything(NAME)
    assert made.clean() and kept.clean() and other.clean()


def test_on_a_phone_the_notice_fits_in_the_visitors_language(site, visit):
    made = visit(site.url, 390, 700, dark=True, locale="de-DE")
    for path in ("", "arena", "about"):
        made.page.goto(f"{site.url}/{path}")
        expect(made.page.locator(".publication")).to_contain_text("ohne deinen Namen")
        expect(made.page.locator(SWITCH)).to_be_enabled()
        assert fits(made.page) and violations(made.page) == []
    assert made.clean()


def test_where_nothing_is_published_nothing_of_it_is_on_the_page(scripted_site, visit):
    page = visit(scripted_site.url).page
    for path in ("arena", "about", ""):
        page.goto(f"{scripted_site.url}/{path}")
        expect(page.locator("#chat-box, #duel-box, #about-stored").first).to_be_visible()
        assert page.locator(".publication, #withholding").count() == 0
        assert "may be published, without" not in page.content()
    send(page, "#chat-box", "Nobody asked me")
    until(page, lambda: consent(scripted_site.db, "Nobody asked me"))
    assert consent(scripted_site.db, "Nobody asked me") == {0}
