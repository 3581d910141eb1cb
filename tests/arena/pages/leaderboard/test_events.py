"""What the leaderboard shows of a board: words, choices, pictures only where they are opened."""

import asyncio
import json
from types import SimpleNamespace

import gradio as gr
import httpx
import pytest
from stored import unhurried

from arena.battle.voting import cast_vote
from arena.categories.tagger import TAGS
from arena.db.store import Store
from arena.models import Battle, MachineVerdict
from arena.pages.leaderboard import events, figures, layout, text
from arena.pages.leaderboard.choices import ALL, Choices
from arena.pages.leaderboard.page import BoardListeners
from arena.ranking.board.leaderboard import LeaderboardQuery
from arena.ranking.format import SOURCE_LABELS
from arena.ranking.slices import BY
from arena.site.leaderboards import LeaderboardCache
from arena.site.recording import register_visitor
from arena.texts import ENGLISH, entries
from blend.roster import read

IDS = {"Blended": "c-1", "oak": "c-2", "elm": "c-3"}
USUAL = Choices()
COLOURS = {"Blended": "#0072b2", "oak": "#d55e00", "elm": "#009e73"}


@pytest.fixture
def store(tmp_path):
    with_contenders = Store.open(tmp_path / "arena.db")
    with_contenders.database.clock = unhurried()
    for name, id in IDS.items():
        config = {"name": name, "members": [{"name": "oak"}], "policy": "uniform"}
        with_contenders.contenders.save(id, name, config)
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


def listeners(store):
    made = SimpleNamespace(focus="Blended", colours=COLOURS)
    boards, up = LeaderboardCache(read("scripted"), store), SimpleNamespace(ids=IDS)
    site = SimpleNamespace(store=store, roster=made, boards=boards, contenders=up)
    return events.LeaderboardEvents(site)


def show(store, choices=USUAL, opened=()) -> dict:
    """What the page shows, by its places."""
    return asyncio.run(listeners(store).show(choices, [*opened], ENGLISH))


def board(store):
    return LeaderboardCache(read("scripted"), store).look(LeaderboardQuery(by="turns"), IDS)


def test_what_the_board_depends_on_is_made_where_it_is_opened(store):
    fill(store)
    assert "sensitivity" not in show(store)
    shown = show(store, opened=["sensitivity"])["sensitivity"]
    assert "If ties are an outcome of their own" in shown and "nobody changes places" in shown
    assert "leaderboard.json?source=own&amp;sensitivity=1" in shown
    assert shown.count("<table") == 2 and "oak" in shown
    opened = asyncio.run(listeners(store).figure("sensitivity", USUAL, ENGLISH))
    assert [*opened] == ["sensitivity"]


def test_where_nothing_was_compared_nothing_depends_on_anything(store):
    vote(store, "Blended", "oak", "both_bad")
    assert show(store)["fold-sensitivity"].visible is False
    assert asyncio.run(listeners(store).figure("sensitivity", USUAL, ENGLISH)) == {}


def test_a_full_board_in_words(store):
    fill(store)
    shown = board(store)
    below = text.below(shown, 0.0, ENGLISH)
    assert text.totals(shown, 0.0, ENGLISH) == (
        "48 of 48 votes counted, from 8 visitors · 1 battle skipped or void"
        " · as of 1 January 1970, 00:00:00 UTC"
    )
    assert "Between equals the left reply wins" in below
    assert "turned against Blended, would put" in below
    assert 'href="leaderboard.csv?source=own"' in below
    assert text.banner(shown, ENGLISH) == ""


def test_a_picture_is_made_only_when_it_is_opened(store):
    fill(store)
    closed, opened = show(store), show(store, opened=["heat", "nothing"])
    assert not {*figures.DRAW} & {*closed} and {*figures.DRAW} & {*opened} == {"heat"}
    drawn = asyncio.run(listeners(store).figure("line", Choices(), ENGLISH))
    assert {trace.name for trace in drawn["line"].data} == set(IDS)


def test_the_pictures_show_every_contender(store):
    fill(store)
    shown = board(store)
    (heat,) = figures.win_rates(shown, COLOURS, ENGLISH).data
    assert heat.text[0][list(heat.x).index("oak")] == "83%<br>24"
    slices = figures.slices(shown, COLOURS, ENGLISH)
    assert {trace.name for trace in slices.data} == set(IDS)
    assert slices.layout.xaxis.ticktext == ("1 turn<br>48 votes",)


def test_many_groups_are_called_on_one_line_each_and_their_note_says_that_they_overlap(store):
    fill(store)
    tags = json.dumps([*TAGS, "a <b>", "b"])
    store.database.execute("UPDATE battles SET tags = ?", (tags,))
    shown = LeaderboardCache(read("scripted"), store).look(LeaderboardQuery(by="category"), IDS)
    slices = figures.slices(shown, COLOURS, ENGLISH)
    assert slices.layout.xaxis.ticktext[0] == "a &lt;b&gt; · 48"
    assert "so the groups overlap" in text.below(shown, 0.0, ENGLISH)
    assert len(slices.layout.xaxis.ticktext) == len(TAGS) + 2


def test_what_has_no_data_is_not_offered(store):
    vote(store, "oak", "elm", "left")
    shown = show(store)
    assert figures.drawable(board(store)) == {"heat"}
    assert [shown[f"fold-{name}"].visible for name in layout.FIGURES] == [True, False, False]
    drawn = figures.over_time(board(store), COLOURS, ENGLISH)
    first, last = drawn.layout.xaxis.range
    assert last - first == figures.SHORTEST and first < drawn.data[0].x[0] < last


def test_only_both_bad_is_a_board_without_a_winner(store):
    vote(store, "oak", "elm", "both_bad")
    shown = show(store)
    assert "No battle has been decided" in shown["below"]
    assert "there is no rival yet" in shown["below"]
    assert shown["full"].visible and not shown["fold-heat"].visible


def test_an_empty_board_offers_what_fills_it_and_no_switches(store):
    shown = show(store)
    assert "the board starts with the first vote" in shown["sentence"]
    assert shown["empty"].visible and not shown["full"].visible
    assert not shown["source"]["visible"] and not shown["part"]["visible"]
    assert not shown["by"]["visible"] and not shown["style"]["visible"]
    assert 'href="arena"' in shown["fill"] and "table" not in shown


def test_votes_of_other_sources_are_a_choice_of_their_own(store):
    fill(store)
    assert not show(store)["source"]["visible"]
    for _ in range(3):
        vote(store, "elm", "oak", "left", source="imported")
    own, other = show(store), show(store, Choices(source="imported"))
    assert "48 of 48" in own["below"] and own["source"]["value"] == "own"
    assert "3 of 3" in other["below"] and other["address"] == "source=imported"
    assert "imported from elsewhere" in other["banner"].value


def test_what_machines_foretell_is_of_all_votes_of_people(store):
    boards = LeaderboardCache(read("scripted"), store)
    for n in range(9):
        vote(store, "elm", "oak", "left", f"j{n}", "judged")
    for n in (1, 2):
        vote(store, "elm", "oak", "left", f"v{n}")
        people = boards.look(LeaderboardQuery("judged"), IDS).judges.people
        assert (people.votes, people.share.value) == (n, 1)


def test_machines_votes_come_with_how_good_the_judges_are(store):
    fill(store)
    for n in range(3):
        vote(store, "elm", "oak", "tie", source="judged")
        last = store.database.query("SELECT id FROM battles ORDER BY rowid DESC LIMIT 1")[0][0]
        verdict = MachineVerdict(f"d{n}", "qwen", "", f"o{n}", "first", "first")
        store.machine_verdicts.add([(last, verdict)])
    shown = show(store, Choices(source="judged"))
    assert "These are MACHINES" in shown["banner"].value
    assert "decided most verdicts of qwen, so these ratings say little" in shown["banner"].value
    assert "from 3 first messages" in shown["below"]
    assert "qwen, 3 battles: the order decided in 100%" in shown["below"]
    assert "board-judges" not in show(store)["below"]


def test_slices_and_style_leave_out_the_other_votes(store):
    fill(store)
    part = show(store, Choices(part="1 turn"))
    assert part["sentence"].startswith("<h2>1 turn: Blended")
    assert part["address"] == "by=turns&part=1+turn"
    assert "0 votes of them" in show(store, Choices(style=True))["below"]


@pytest.mark.parametrize("choices", [Choices(part="9 turns"), Choices("x", "mood"), Choices("y")])
def test_what_is_not_there_is_said_and_all_votes_are_shown(store, choices):
    fill(store)
    shown = show(store, choices)
    assert "These votes are not there" in shown["banner"].value and shown["banner"].visible
    assert shown["part"]["value"] == ALL and "48 of 48" in shown["below"] and shown["address"] == ""


def test_nothing_is_sent_again_where_nothing_has_changed(store):
    fill(store)
    page = listeners(store)
    first = asyncio.run(page.show(Choices(), [], ENGLISH))
    assert asyncio.run(page.renew(Choices(), [], first["seen"], ENGLISH)) == {}
    vote(store, "Blended", "oak", "left")
    assert asyncio.run(page.renew(Choices(), [], "", ENGLISH)) == {}  # the first board comes yet
    renewed = asyncio.run(page.renew(Choices(), [], first["seen"], ENGLISH))
    assert "49 of 49" in renewed["below"] and renewed["table"] != first["table"]


def test_an_answer_sets_only_what_no_switch_says_yet(store):
    """The visitor may have set the others anew before it came."""
    fill(store)
    places = SimpleNamespace(places={name: name for name in show(store)})
    page, folds = BoardListeners(listeners(store), places), [None, *(False for _ in layout.FOLDS)]
    for said, differs in (
        (["own", "turns", ALL, True], set()),
        ([None, "turns", "1 turn", False], {"source"}),
        (["own", "mood", "9 turns", True], {"by", "part"}),
    ):
        shown = asyncio.run(page.chosen(None, *said, *folds))
        assert {n for n in layout.SWITCHES if "value" in shown[n]} == differs
        assert asyncio.run(page.renew(None, *said, *folds, "")) == gr.skip()


def test_every_slicing_source_and_picture_has_its_names():
    named = {f"board.by_{by}" for by in BY} | {f"board.source_{each}" for each in SOURCE_LABELS}
    named |= {f"board.{name}_title" for name in layout.FIGURES}
    assert named <= {*entries("en")} and {*figures.DRAW} == {*layout.FIGURES}


def test_a_database_that_cannot_be_read_is_said(store):
    page = listeners(store)
    store.close()
    shown = asyncio.run(page.show(Choices(), [], ENGLISH))
    assert shown == {"sentence": text.headline(ENGLISH("board.unread"))}


def test_a_choice_ends_what_would_show_an_earlier_board_too_late(scripted_site):
    made = httpx.get(f"{scripted_site.url}/config").json()["dependencies"]
    chosen = [each for each in made if each["api_name"] in ("chosen", "simulated")]
    assert [each["trigger_mode"] for each in chosen] == ["always_last", "once"]
    places, numbers = {*chosen[0]["outputs"]}, {each["id"] for each in chosen}
    shows = {each["id"] for each in made if each["outputs"] and {*each["outputs"]} <= places}
    assert len(shows - numbers) == 2 + len(layout.FOLDS)
    for each in chosen:
        ends = [e for e in made if e["cancels"] and e["targets"] == each["targets"]]
        assert {number for end in ends for number in end["cancels"]} == shows - numbers
        assert all(len(end["cancels"]) == 1 and end["id"] < each["id"] for end in ends)
