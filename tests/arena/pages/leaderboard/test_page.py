"""What the leaderboard's tab makes of a board: words, pictures, choices."""

import asyncio
from types import SimpleNamespace

import pytest
from stored import unhurried

from arena.battle.voting import cast_vote
from arena.db.store import Store
from arena.models import Battle
from arena.pages.leaderboard import figures, layout, text
from arena.pages.leaderboard import page as leaderboard
from arena.pages.templates import sentence
from arena.ranking.board.leaderboard import LeaderboardQuery
from arena.ranking.slices import BY
from arena.site.leaderboards import LeaderboardCache
from arena.site.recording import register_visitor
from blend.roster import read

IDS = {"Blended": "c-1", "oak": "c-2", "elm": "c-3"}
BY_TURNS = LeaderboardQuery(by="turns")
COLOURS = {"Blended": "#0072b2", "oak": "#d55e00", "elm": "#009e73"}


@pytest.fixture
def store(tmp_path):
    with_contenders = Store.open(tmp_path / "arena.db")
    with_contenders.database.clock = unhurried()
    members = [{"name": "oak", "weights": "abc", "sampling": {"temperature": 0.7}}]
    for name, id in IDS.items():
        with_contenders.contenders.save(
            id, name, {"name": name, "members": members, "policy": "uniform"}
        )
    yield with_contenders
    with_contenders.close()


def vote(store, left, right, choice, visitor="v1", source="own"):
    register_visitor(store, visitor)
    battle = Battle(visitor, IDS[left], IDS[right], 0.25, "focus", source=source)
    store.battles.open(battle)
    store.battles.admit_message(battle.id, visitor, f"hello {battle.id}", 8)
    if choice == "void":
        return store.battles.void(battle.id, visitor, "skipped")
    store.battles.mark_ready(battle.id)
    return cast_vote(store, battle.id, visitor, choice)


def fill(store, source="own"):
    for n in range(24):
        vote(store, "Blended", "oak", "left" if n % 6 else "right", f"v{n % 8}", source)
        vote(store, "elm", "Blended", "tie" if n % 2 else "both_bad", f"v{n % 8}", source)
    vote(store, "oak", "Blended", "void", source=source)


def site(store, current=IDS):
    roster = read("scripted")
    made = SimpleNamespace(focus="Blended", colours=COLOURS)
    boards = LeaderboardCache(roster, store)
    return SimpleNamespace(
        store=store, roster=made, boards=boards, contenders=SimpleNamespace(ids=current)
    )


def look(store, asked=BY_TURNS, current=IDS):
    return site(store, current).boards.look(asked, current)


def show(store, source=None, part=leaderboard.ALL, style=False, current=IDS) -> dict:
    """What the tab shows, by its places."""
    tab = leaderboard.LeaderboardEvents(site(store, current))
    return asyncio.run(tab.show(source, "turns", part, style))


def test_a_full_board_in_words(store):
    fill(store)
    shown = look(store)
    assert text.totals(shown, 0.0).startswith(
        "48 of 48 votes counted, from 8 visitors · 1 battle skipped or void · as of 01 January 1970"
    )
    table = text.table(shown.standing.ratings)
    assert [len(row) for row in table] == [len(text.COLUMNS)] * 3
    assert "Between equals the left reply wins" in text.firmness(shown)
    assert "turned against Blended, would put" in text.firmness(shown)
    assert text.banner(shown) == ""
    said = text.contenders(look(store, current={}).profiles, COLOURS)
    assert said.index("Blended") < said.index("oak")
    assert "Drawn for 48 battles (100% of all): 48 with a vote that counts." in " ".join(
        said.replace("<br>", " ").split()
    )
    assert "A single model. Not up now." in said and "weights abc, temperature 0.7" in said


def test_the_pictures_show_every_contender(store):
    fill(store)
    shown = look(store)
    forest = figures.forest(shown, COLOURS)
    names = [row.name for row in shown.standing.ratings.rows]
    assert [trace.y[0] for trace in forest.data] == names
    assert forest.data[0].marker.color == COLOURS["Blended"]
    (heat,) = figures.win_rates(shown).data
    assert heat.text[0][list(heat.x).index("oak")] == "83%<br>24"
    assert {trace.name for trace in figures.over_time(shown, COLOURS).data} == set(IDS)
    slices = figures.slices(shown, COLOURS)
    assert {trace.name for trace in slices.data} == set(IDS)
    assert slices.layout.xaxis.ticktext == ("1 turn<br>48 votes",)


def test_the_first_vote_stands_on_an_axis_of_minutes_and_slices_say_what_they_lack(store):
    vote(store, "oak", "elm", "left")
    shown = look(store)
    drawn = figures.over_time(shown, COLOURS)
    first, last = drawn.layout.xaxis.range
    assert last - first == figures.SHORTEST and first < drawn.data[0].x[0] < last
    slices = figures.slices(shown, COLOURS)
    assert not slices.data and "has 20 battles in a slice" in slices.layout.annotations[0].text
    assert slices.layout.xaxis.ticktext == ("1 turn<br>1 vote",)


def test_only_both_bad_is_a_board_without_a_winner(store):
    vote(store, "oak", "elm", "both_bad")
    shown = look(store)
    assert {row.rating for row in shown.standing.ratings.rows} == {1000}
    assert "No battle has been decided" in text.notes(shown)
    assert "there is no rival yet" in text.firmness(shown)
    assert show(store)["full"].visible


def test_votes_of_other_sources_are_a_choice_of_their_own(store):
    fill(store)
    assert not show(store)["source"].visible
    for _ in range(3):
        vote(store, "elm", "oak", "left", source="imported")
    own, other = show(store), show(store, "imported")
    assert own["counted"].startswith("48 of 48") and own["source"].value == "own"
    assert other["counted"].startswith("3 of 3")
    assert "imported from elsewhere" in other["banner"].value


def test_slices_and_style_leave_out_the_other_votes(store):
    fill(store)
    whole = show(store, part="4 turns or more")  # there is no such vote any more
    assert whole["part"].value == leaderboard.ALL and whole["counted"].startswith("48 of 48")
    assert show(store, part="1 turn")["sentence"].startswith("<h2>1 turn: Blended")
    assert "0 votes of them" in show(store, style=True)["counted"]


def test_nothing_is_sent_again_where_nothing_has_changed(store):
    fill(store)
    tab = leaderboard.LeaderboardEvents(site(store))
    asked = (None, "turns", leaderboard.ALL, False)
    first = asyncio.run(tab.show(*asked))
    assert asyncio.run(tab.renew(*asked, first["seen"])) == {}
    vote(store, "Blended", "oak", "left")
    assert asyncio.run(tab.renew(*asked, first["seen"]))["counted"].startswith("49 of 49")


def test_every_slicing_and_every_source_can_be_chosen():
    assert set(layout.DIMENSIONS.values()) == set(BY)
    assert set(leaderboard.SOURCES) == set(leaderboard.SOURCE_LABELS)


def test_a_database_that_cannot_be_read_is_said(store):
    tab = leaderboard.LeaderboardEvents(site(store))
    store.close()
    shown = asyncio.run(tab.show(None, "turns", leaderboard.ALL, False))
    assert shown == {"sentence": text.headline(sentence("board.unread"))}
