"""The board and the Insights in a real browser: empty, simulated, sliced, imported, fresh."""

import re
from contextlib import closing

import pytest
from app_process import ROOT, start
from board_votes import fill_board
from browsing import faults, fight, fits, running
from playwright.sync_api import expect
from stored import unhurried

from arena.battle.voting import cast_vote
from arena.db.store import Store
from arena.models import Battle
from arena.simulation import simulate
from arena.site.recording import register_visitor
from blend.roster import read

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    db, roster = folder / "a.db", folder / "scripted.toml"
    scripted = (ROOT / "assets" / "rosters" / "scripted.toml").read_text(encoding="utf-8")
    measured = f'handoff = "{ROOT / "assets" / "handoff" / "embedded"}"'
    roster.write_text(f"{measured}\n{scripted}", encoding="utf-8")
    for options in (["--visitors", "300", "--days", "20", "--arms", "2"], VOTES):
        assert simulate.main(["--db", str(db), *options]) == 0
    running = start(db, "--roster", str(roster))
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


def opened(page, name: str):
    """A picture that was folded, once it is drawn."""
    fold = page.locator(f"#board-{name}")
    fold.get_by_role("button").first.click()
    expect(fold.locator(".js-plotly-plot")).to_be_visible()
    return fold


def test_names_from_elsewhere_are_text_in_words_table_and_pictures(imported, visit):
    made = visit(imported.url, path="leaderboard")
    page = made.page
    expect(page.locator("#board-banner")).to_contain_text("imported", ignore_case=True)
    pictures = [opened(page, name) for name in ("heat", "line")]
    words = page.locator("#board-sentence, #board-below")
    for place in (words, page.locator("#board-table"), pictures[0], pictures[1]):
        text = " ".join(place.all_text_contents())
        assert [name for name in NAMES if name not in text] == []
    expect(page.locator("#board-table, #board-sentence").locator("img, em, strong")).to_have_count(
        0
    )
    page.get_by_role("link", name=NAMES[0]).click()
    expect(page).to_have_title(f"{NAMES[0]} · Blended Arena")
    expect(page.locator("#contender h2")).to_contain_text(NAMES[0])
    assert fits(page) and made.clean()


def test_a_board_without_own_votes_offers_a_simulated_one_and_a_vote_is_there_while_one_looks(
    imported, visit
):
    made = visit(imported.url, path="leaderboard?source=own")
    page = made.page
    expect(page.locator("#board-sentence")).to_contain_text("the board starts with the first vote")
    expect(page.get_by_label("In groups by")).to_have_count(0)
    page.get_by_role("button", name="Show a simulated board").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#board-banner")).to_contain_text("SIMULATED")
    expect(page.locator("#board-table tbody tr")).to_have_count(4)
    assert page.url.endswith("/leaderboard?source=simulated")
    # It stays: what looks for new votes asks for what this says.
    expect(page.locator("#board-source input")).to_have_value("Simulated votes")
    page.goto(f"{imported.url}/leaderboard?source=own")

    other = visit(imported.url, path="arena").page
    fight(other)
    other.wait_for_timeout(1000)  # a vote at once would not count
    other.locator("#vote-1").click()
    expect(other.locator("#duel-result")).to_contain_text("You said")
    expect(page.locator("#board-counted")).to_contain_text("of 1 vote counted")
    expect(page.locator("#board-table .tag", has_text="preliminary")).not_to_have_count(0)
    assert made.clean()


def test_a_simulated_board_is_sliced_and_styled_and_its_address_says_so(simulated, visit):
    made = visit(simulated.url, width=390, dark=True, path="leaderboard")
    page, scripts = made.page, []
    page.on("request", lambda request: scripts.append(request.url))
    expect(page.locator("#board-banner")).to_contain_text("SIMULATED")
    expect(page.get_by_label("In groups by")).to_be_hidden()
    page.get_by_role("button", name="Choose votes").click()
    page.get_by_label("At equal style").check()
    expect(page.locator("#board-sentence")).to_contain_text("At equal style")
    expect(page.locator("#board-firm")).to_contain_text("A reply twice as long is worth")
    page.get_by_text("What else sways votes").click()
    expect(page.locator("#board-else li").first).to_contain_text("Being on the left: ")
    page.get_by_label("Show", exact=True).click()
    page.get_by_role("option", name="4 turns or more").click()
    expect(page.locator("#board-sentence")).to_contain_text("4 turns or more, at equal style")
    expect(page).to_have_url(re.compile(r"\?by=turns&part=4\+turns\+or\+more&style=1$"))
    assert not [url for url in scripts if "PlotlyPlot" in url]
    marked = opened(page, "slices").locator(".main-svg", has_text="simulated votes")
    expect(marked).to_have_count(1)
    assert [url for url in scripts if "PlotlyPlot" in url]
    fold = page.locator("#board-sensitivity")
    fold.get_by_role("button").first.click()
    expect(fold.locator("table")).to_have_count(2)
    expect(fold).to_contain_text("(Davidson's model)")
    with page.expect_download() as download:
        page.get_by_role("link", name="the table as CSV").click()
    assert "4 turns or more" in download.value.path().read_text()
    assert faults(page) == [] and made.clean()


def test_an_address_opens_its_board_and_back_leads_to_it_again(simulated, visit):
    made = visit(simulated.url, path="leaderboard?by=language&part=de&kept=1")
    page = made.page
    expect(page.locator("#board-sentence")).to_contain_text("German: ")
    expect(page.get_by_label("In groups by")).to_have_value("language")
    expect(page.get_by_label("Show", exact=True)).to_have_value("German")
    page.get_by_label("At equal style").check()
    expect(page).to_have_url(re.compile(r"\?kept=1&by=language&part=de&style=1$"))
    page.locator("#board-table tbody a").first.click()
    expect(page.locator("#contender h2")).to_be_visible()
    page.go_back()
    expect(page.locator("#board-sentence")).to_contain_text("German, at equal style: ")
    expect(page.locator("#board-slices .main-svg")).to_have_count(0)
    page.goto(f"{simulated.url}/leaderboard?by=language")
    expect(page.locator("#board-slices .main-svg").first).to_be_visible()
    page.goto(f"{simulated.url}/leaderboard?by=mood&part=x")
    expect(page.locator("#board-banner")).to_contain_text("These votes are not there")
    expect(page.locator("#board-table tbody tr")).not_to_have_count(0)
    assert made.clean()


@pytest.fixture(scope="module")
def retiring(tmp_path_factory):
    """A site whose roster has retired cedar, after votes on it, and shows sample battles."""
    folder = tmp_path_factory.mktemp("retiring")
    shipped = read("scripted")
    fill_board(folder / "arena.db", shipped, 180)
    text = shipped.path.read_text().replace('name = "cedar"', 'name = "cedar"\nretired = true')
    text = text.replace('"alder", "birch", "cedar"', '"alder", "birch"')
    with running(folder, f"samples = true\n{text}") as site:
        yield site


def the_board_is_cards(page) -> None:
    """As a phone shows it: not a table to be pushed."""
    card = page.locator("#board-table tbody tr").first
    expect(card).to_be_visible()
    cells = [cell.bounding_box() for cell in card.locator("> *").all()]
    assert all(cell["x"] >= 0 and cell["x"] + cell["width"] <= 390 for cell in cells)
    assert len({round(cell["y"]) for cell in cells}) >= 3
    assert card.locator(".bar").bounding_box()["width"] > 300
    expect(page.get_by_role("cell", name="Won").first).to_be_visible()


def test_on_a_phone_the_board_is_cards_who_is_retired_is_folded_away_and_one_opens_by_keyboard(
    retiring, visit
):
    made = visit(retiring.url, width=390, dark=True, path="leaderboard")
    page = made.page
    summary = page.locator("#board-table summary")
    expect(summary).to_have_text("2 retired contenders")
    expect(page.get_by_role("link", name="cedar")).to_be_hidden()
    assert faults(page) == []
    the_board_is_cards(page)
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    name = page.locator("#board-table details a").first.text_content()
    expect(page.get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_title(f"{name} · Blended Arena")
    expect(page.locator("#contender")).to_contain_text("Its votes are kept")
    sample = page.locator("#contender .sample").first
    sample.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(sample.locator(".reply strong").first).to_have_text("short")
    assert faults(page) == [] and made.clean()


def test_the_insights_page(simulated, visit):
    made = visit(simulated.url, width=390, dark=True, path="insights")
    rest = made.page.locator("#insights-later")
    expect(rest).to_contain_text("What other draws would have earned: rewards of other ways")
    expect(made.page.locator("#insight-best")).to_contain_text("points over its best member")
    expect(made.page.locator(".js-plotly-plot:visible")).to_have_count(14)
    expect(made.page.locator("#insight-looks")).to_contain_text("arm-2, engagement")
    expect(made.page.locator("#insight-handoff")).to_contain_text("A hand-off from one member to")
    expect(made.page.locator("#insight-handoff-effects")).to_contain_text("hard to go on")
    costs = made.page.get_by_role("table", name="What a hand-off costs")
    expect(costs.get_by_role("row")).to_have_count(6)
    expect(made.page.locator("#insight-handoff-judge")).to_contain_text("as the judge prefers")
    assert faults(made.page) == [] and made.clean()
