"""What the leaderboard's tab makes of a board: words, pictures, choices."""

import asyncio
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import unhurried

from arena.board import Asked
from arena.boards import Boards
from arena.recording import register_visitor
from arena.records import Battle
from arena.slices import BY
from arena.store import Store
from arena.tabs import figures, frame, leaderboard, sheet
from arena.tabs.insight.canvas import plotly_text
from arena.voting import cast_vote
from blend.roster import read

IDS = {"Blended": "c-1", "oak": "c-2", "elm": "c-3"}
BY_TURNS = Asked(by="turns")
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
    boards = Boards(roster, store)
    return SimpleNamespace(store=store, roster=made, boards=boards, current=current)


def look(store, asked=BY_TURNS, current=IDS):
    return site(store, current).boards.look(asked, current)


def show(store, *asked, current=IDS) -> dict:
    """The outputs of the tab by name."""
    tab = leaderboard.Leaderboard(site(store, current))
    chosen = asked or (None, "turns", leaderboard.ALL, False)
    return dict(zip(leaderboard.OUTPUTS, asyncio.run(tab.show(*chosen)), strict=True))


def test_a_name_is_text_in_words_and_pictures(store):
    store.contenders.save("c-2", "<b>%{x}", {"name": "<b>%{x}", "policy": "uniform", "members": []})
    fill(store)
    assert sheet.headline("<b>a</b> is **ahead**") == "<h2>&lt;b&gt;a&lt;/b&gt; is **ahead**</h2>"
    assert plotly_text("<b>&amp; %{x}") == "&lt;b&gt;&amp;amp; &#37;{x}"
    shown = look(store)
    assert "&lt;b&gt;%{x}" in sheet.headline(shown.sentence)
    for picture in (figures.forest, figures.over_time, figures.slices):
        drawn = picture(shown, {}).to_json()
        assert "<b>" not in drawn and "\\u003cb\\u003e" not in drawn and "%{x}" not in drawn


def test_a_full_board_in_words(store):
    fill(store)
    shown = look(store)
    assert sheet.totals(shown, 0.0).startswith(
        "48 of 48 votes counted, from 8 visitors · 1 battle skipped or void · as of 01 January 1970"
    )
    assert len(sheet.table(shown.standing.ratings)) == 3
    assert {len(row) for row in sheet.table(shown.standing.ratings)} == {len(sheet.COLUMNS)}
    assert "Between equals the left reply wins" in sheet.firmness(shown)
    assert "turned against Blended, would put" in sheet.firmness(shown)
    assert sheet.banner(shown) == ""


def test_the_pictures_show_every_contender(store):
    fill(store)
    shown = look(store)
    rows = shown.standing.ratings.rows
    forest = figures.forest(shown, COLOURS)
    assert [trace.y[0] for trace in forest.data] == [row.name for row in rows]
    assert forest.data[0].marker.color == COLOURS["Blended"]
    (heat,) = figures.win_rates(shown).data
    assert heat.text[0][list(heat.x).index("oak")] == "83%<br>24"
    assert {trace.name for trace in figures.over_time(shown, COLOURS).data} == set(IDS)
    slices = figures.slices(shown, COLOURS)
    assert {trace.name for trace in slices.data} == set(IDS)
    assert slices.layout.xaxis.ticktext == ("1 turn<br>48 votes",)


def test_the_first_vote_stands_on_an_axis_of_minutes(store):
    vote(store, "oak", "elm", "left")
    drawn = figures.over_time(look(store), COLOURS)
    first, last = drawn.layout.xaxis.range
    assert last - first == figures.SHORTEST and first < drawn.data[0].x[0] < last


def test_slices_without_battles_enough_say_so_instead_of_an_empty_picture(store):
    vote(store, "oak", "elm", "left")
    slices = figures.slices(look(store), COLOURS)
    assert not slices.data and "has 20 battles in a slice" in slices.layout.annotations[0].text
    assert slices.layout.xaxis.ticktext == ("1 turn<br>1 vote",)


def test_who_they_are_and_how_often_they_were_drawn(store):
    fill(store)
    said = sheet.contenders(look(store, current={}).profiles, COLOURS)
    assert said.index("Blended") < said.index("oak")
    assert "Drawn for 48 battles (100% of all): 48 with a vote that counts." in said
    assert "A single model. Not up now." in said and "weights abc, temperature 0.7" in said


def test_names_cannot_write_html(store):
    store.contenders.save("c-1", "<b>x</b>", {"members": [{"name": "<i>"}], "policy": "uniform"})
    said = sheet.contenders(look(store, current={"<b>x</b>": "c-1"}).profiles, {})
    assert "<b>x" not in said and "<i>" not in said


def test_an_empty_board_says_how_to_fill_it_and_offers_a_simulated_one(store):
    for current in (IDS, {}):
        shown = show(store, current=current)
        assert shown["sentence"].endswith("first vote.</h2>")
        assert shown["counted"].startswith("0 of 0 votes")
        assert (shown["empty"].visible, shown["full"].visible) == (True, False)


def test_a_simulated_board_is_marked_everywhere(store):
    shown = show(store, "simulated", "turns", leaderboard.ALL, False)
    assert "SIMULATED" in shown["banner"].value and "not stored" in shown["banner"].value
    assert (shown["empty"].visible, shown["full"].visible) == (False, True)
    for name in ("forest", "slices", "heat", "line"):
        assert "simulated votes" in shown[name].to_json()
    assert store.votes.count_by_validity() == {"yes": 0, "no": 0}


def test_only_both_bad_is_a_board_without_a_winner(store):
    vote(store, "oak", "elm", "both_bad")
    shown = look(store)
    assert {row.rating for row in shown.standing.ratings.rows} == {1000}
    assert "No battle has been decided" in sheet.notes(shown)
    assert "there is no rival yet" in sheet.firmness(shown)
    assert show(store)["full"].visible


def test_votes_of_other_sources_are_a_choice_of_their_own(store):
    fill(store)
    assert not show(store)["source"].visible
    for _ in range(3):
        vote(store, "elm", "oak", "left", source="imported")
    own = show(store)
    assert own["counted"].startswith("48 of 48") and own["source"].value == "own"
    other = show(store, "imported", "turns", leaderboard.ALL, False)
    assert (
        other["counted"].startswith("3 of 3") and "imported from elsewhere" in other["banner"].value
    )


def test_a_slice_that_is_no_more_gives_way_to_all_votes(store):
    fill(store)
    shown = show(store, None, "turns", "4 turns or more", False)
    assert shown["part"].value == leaderboard.ALL and shown["counted"].startswith("48 of 48")
    assert show(store, None, "turns", "1 turn", False)["sentence"].startswith("<h2>1 turn: Blended")


def test_at_equal_style_votes_whose_style_is_not_known_are_left_out(store):
    fill(store)
    shown = show(store, None, "turns", leaderboard.ALL, True)
    assert "0 votes of them shown" in shown["counted"] or "48 votes of them" in shown["counted"]


def test_nothing_is_sent_again_where_nothing_has_changed(store):
    fill(store)
    tab = leaderboard.Leaderboard(site(store))
    asked = (None, "turns", leaderboard.ALL, False)
    first = asyncio.run(tab.show(*asked))
    again = asyncio.run(tab.renew(*asked, first[-1]))
    assert "value" not in again[0] and len(again) == len(first)
    vote(store, "Blended", "oak", "left")
    assert asyncio.run(tab.renew(*asked, first[-1]))[2].startswith("49 of 49")


def test_every_slicing_and_every_source_can_be_chosen():
    assert set(frame.DIMENSIONS.values()) == set(BY)
    assert set(leaderboard.SOURCES) == set(leaderboard.SAID)


def test_a_database_that_cannot_be_read_is_said(store):
    tab = leaderboard.Leaderboard(site(store))
    store.close()
    said = asyncio.run(tab.show(None, "turns", leaderboard.ALL, False))
    assert said[0] == sheet.headline(leaderboard.UNREAD) and np.size(said) == len(
        leaderboard.OUTPUTS
    )
