"""The board and the Insights in a real browser: empty, simulated, sliced, imported, fresh."""

from contextlib import closing

import pytest
from app_process import start
from browsing import BOTH, fight, fits, go, violations
from playwright.sync_api import expect
from stored import unhurried

from arena.battle.voting import cast_vote
from arena.db.store import Store
from arena.models import Battle
from arena.simulation import simulate
from arena.site.recording import register_visitor

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    db = tmp_path_factory.mktemp("simulated") / "a.db"
    for options in (["--visitors", "300", "--days", "20", "--arms", "2"], VOTES):
        assert simulate.main(["--db", str(db), *options]) == 0
    running = start(db, "--roster", "scripted")
    yield running
    assert running.stop() == 0


VOTES = ["--votes", "1500", "--roster", "scripted"]
NAMES = (
    "**a** <b>b</b> %{x} &amp; $c$",
    "<img src=https://example.org/x.png> [l](https://example.org) __d__",
    "2024",
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """A site with votes from elsewhere, on contenders whose names are markup, or a number."""
    db = tmp_path_factory.mktemp("imported") / "a.db"
    with closing(Store.open(db)) as store:
        store.database.clock = unhurried()
        for name in NAMES:
            store.contenders.save(name, name, {"name": name, "policy": "uniform", "members": []})
        for n in range(60):
            left, right = NAMES[n % 3], NAMES[(n + 1) % 3]
            battle = Battle(f"v{n % 9}", left, right, 0.25, "focus", source="imported")
            register_visitor(store, battle.visitor)
            store.battles.open(battle)
            store.battles.admit_message(battle.id, battle.visitor, f"hello {n}", 8)
            store.battles.mark_ready(battle.id)
            cast_vote(store, battle.id, battle.visitor, "left" if n % 4 else "right")
    running = start(db, "--roster", "scripted")
    yield running
    assert running.stop() == 0


def test_names_from_elsewhere_are_text_in_words_table_and_pictures(imported, visit):
    made = visit(imported.url)
    page = made.page
    go(page, "Leaderboard")
    expect(page.locator(".notice")).to_contain_text("imported", ignore_case=True)
    expect(page.locator(".js-plotly-plot:visible")).to_have_count(4)
    words = page.locator("#board-sentence, #board-firm, #board-who")
    for place in (words, page.locator("#board-table"), page.locator(".js-plotly-plot .main-svg")):
        text = " ".join(place.all_text_contents())
        assert [name for name in NAMES if name not in text] == []
    expect(words.locator("img, em, strong, a")).to_have_count(0)
    page.locator(".js-plotly-plot .scatterlayer .point").first.hover(force=True)
    expect(page.locator(".hoverlayer").first).to_contain_text(NAMES[0])
    assert fits(page) and made.clean()


def test_a_board_without_own_votes_offers_a_simulated_one_and_a_vote_is_there_while_one_looks(
    imported, visit
):
    made = visit(imported.url)
    page = made.page
    go(page, "Leaderboard")
    page.get_by_label("This site's votes").check()
    expect(page.locator("#board-sentence")).to_contain_text("the board starts with the first vote")
    expect(page.locator("#board-counted")).to_contain_text("0 of 0 votes counted")
    page.get_by_role("button", name="Show a simulated board").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("SIMULATED")
    expect(page.locator(".js-plotly-plot:visible")).to_have_count(4)
    page.get_by_label("This site's votes").check()

    other = visit(imported.url).page
    fight(other)
    other.wait_for_timeout(1000)  # a vote at once would not count
    other.locator("#vote-1").click()
    expect(other.locator("#duel-result")).to_contain_text("You said")
    expect(page.locator("#board-counted")).to_contain_text("of 1 vote counted")
    assert made.clean()


@pytest.mark.parametrize(("width", "dark"), BOTH)
def test_a_simulated_board_is_sliced_and_styled(simulated, visit, width, dark):
    made = visit(simulated.url, width=width, dark=dark)
    page = made.page
    go(page, "Leaderboard")
    expect(page.locator(".notice")).to_contain_text("SIMULATED")
    expect(page.locator("#board-who")).to_contain_text("A blend of alder, birch and cedar")
    page.get_by_label("At equal style").check()
    expect(page.locator("#board-sentence")).to_contain_text("At equal style")
    expect(page.locator("#board-firm")).to_contain_text("A reply twice as long is worth")
    marked = page.locator(".js-plotly-plot .main-svg", has_text="simulated votes")
    expect(marked).to_have_count(4)
    page.get_by_label("Show", exact=True).click()
    page.get_by_role("option", name="4 turns or more").click()
    expect(page.locator("#board-sentence")).to_contain_text("4 turns or more, at equal style")
    with page.expect_download() as download:
        page.get_by_role("link", name="the table as CSV").click()
    assert "4 turns or more" in download.value.path().read_text()
    assert fits(page) and made.clean() and violations(page) == []


@pytest.mark.parametrize(("width", "dark"), BOTH)
def test_the_insights_page(simulated, visit, width, dark):
    made = visit(simulated.url, width=width, dark=dark)
    go(made.page, "Insights")
    rest = made.page.locator("#insights-later")
    expect(rest).to_contain_text("What other draws would have earned: rewards of other ways")
    expect(made.page.locator("#insight-best")).to_contain_text("points over its best member")
    expect(made.page.locator(".js-plotly-plot:visible")).to_have_count(11)
    expect(made.page.locator("#insight-looks")).to_contain_text("arm-2, engagement")
    assert fits(made.page) and made.clean() and violations(made.page) == []
