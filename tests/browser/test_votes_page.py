"""Your votes in a real browser: none, three, enough for a ranking, and forgotten again."""

import sqlite3
from contextlib import closing

import pytest
from browsing import ECHO, faults, fight, go, rows, running
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

GOAL = '[goal]\nvotes = 20\nuntil = "2999-06-01"\n'
GIVEN = """SELECT b.id, b.visitor FROM battles b JOIN votes v ON v.battle = b.id
    WHERE b.id NOT LIKE '%-copy-%' ORDER BY v.rowid DESC LIMIT 3"""
COPIES = (
    """INSERT INTO battles (id, visitor, "left", "right", policy, status, turns, created)
    SELECT id || ?1, ?2, "left", "right", policy, status, turns, created FROM battles
    WHERE id = ?3""",
    """INSERT INTO votes (battle, choice, created, counted, reason, rules)
    SELECT battle || ?1, choice, created, 1, '', rules FROM votes WHERE battle = ?3 AND ?2 <> ''""",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running(tmp_path_factory.mktemp("goal"), ECHO + GOAL) as site:
        yield site


def at_rest(page) -> None:
    """What follows a click has ended: a stream that is cut off is told to the console."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)


def vote(page, times: int) -> None:
    """Battles of the page, each with its vote."""
    for n in range(times):
        fight(page, f"Hello number {n}")
        page.locator(f"#vote-{1 + n % 2}").click()
        expect(page.locator("p.next")).to_be_visible()
        page.locator("#new-battle").click()
        expect(page.locator("#duel-box textarea")).to_be_visible()


def give_more(db, visitor: str | None = None, times: int = 4) -> str:
    """The last three votes so many times more, as the same visitor's or another one's."""
    given = rows(db, GIVEN)
    who = visitor or given[0][1]
    with closing(sqlite3.connect(db, timeout=30)) as connection, connection:
        connection.execute("INSERT OR IGNORE INTO visitors (id, first_seen) VALUES (?, 0)", (who,))
        for n in range(times):
            for battle, _ in given:
                for sql in COPIES:
                    connection.execute(sql, (f"-copy-{who[:8]}-{n}", who, battle))
    return who


def forget(page, visitor: str) -> None:
    go(page, "About")
    page.locator("#about-wanted textarea, #about-wanted input").fill(visitor)
    page.locator("#about-sure input").check()
    page.locator("#about-delete").click()
    expect(page.locator("#about-came")).to_contain_text("Deleted")


def nobody_else_sees(site, visit) -> None:
    """Who has another id finds no votes, while somebody has some."""
    other = visit(site.url, width=390, dark=True, path="votes")
    expect(other.page.locator("#votes-head")).to_contain_text("You have not voted yet")
    assert faults(other.page) == [] and other.clean()


def test_none_then_four_then_a_ranking_that_its_voter_alone_sees_and_forgotten_again(site, visit):
    made = visit(site.url, width=390, dark=True, path="votes")
    page, head = made.page, made.page.locator("#votes-head")
    expect(head).to_contain_text("You have not voted yet")
    expect(page.get_by_role("progressbar", name="Votes toward the goal")).to_be_visible()
    expect(page.locator("#votes")).to_contain_text("Goal: 20 votes by 1 June 2999. So far: 0.")
    expect(page.locator("#votes-past")).to_be_hidden()

    at_rest(page)
    head.get_by_role("link", name="Go to the arena").press("Enter")
    vote(page, 3)
    expect(page.locator("#duel-dock .goal-line")).to_contain_text("So far: 3.")
    fight(page, "One more")
    page.locator("#vote-4").click()
    after = page.locator("p.next")
    expect(after).to_have_text("Your vote no. 4. 7 more for your own ranking")
    at_rest(page)
    after.get_by_role("link").press("Enter")
    expect(head).to_contain_text("You have given 4 votes")
    expect(head).to_contain_text("All of them count.")
    expect(head).to_contain_text("After 7 more that count")
    past = page.locator("#votes-past tbody tr")
    expect(past).to_have_count(4)
    expect(past.first).to_contain_text("both bad")
    expect(past.last).to_contain_text("1000 →")
    expect(page.locator("#votes-taste")).to_be_hidden()

    mine = give_more(site.db)
    give_more(site.db, "somebody-else", times=20)
    at_rest(page)
    page.reload()
    expect(head).to_contain_text("You have given 16 votes")
    taste = page.locator("#votes-taste")
    expect(taste).to_contain_text("Do you agree with the others?")
    expect(taste.get_by_role("rowheader", name="Blended")).to_be_visible()
    expect(page.locator("#votes")).to_contain_text("The goal of 20 votes is reached: 76")
    assert faults(page) == [] and made.clean()
    nobody_else_sees(site, visit)

    forget(page, mine)
    at_rest(page)
    page.goto(f"{site.url}/votes")
    expect(head).to_contain_text("You have not voted yet")
    expect(taste).to_be_hidden()
    assert made.abroad == []


def test_the_board_shows_the_goal_too(site, visit):
    page = visit(site.url, path="leaderboard").page
    expect(page.get_by_role("progressbar", name="Votes toward the goal")).to_be_visible()
    expect(page.locator(".goal-line")).to_contain_text("20 votes")
