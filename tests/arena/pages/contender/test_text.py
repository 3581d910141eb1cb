"""A contender's page as HTML: what it is, what the votes say, some of its battles."""

import asyncio
import re
import shutil
import time
from contextlib import closing
from dataclasses import replace

import pytest
from board_votes import fill_board

from arena.db.store import Store
from arena.pages.contender.members import member_facts
from arena.pages.contender.page import ContenderPage
from arena.pages.contender.trend import trend
from arena.ranking.board.profiles import DrawCounts, Profile
from arena.simulation.synthetic_strengths import demo_votes
from arena.site.site import Site
from arena.texts import ENGLISH
from blend.roster import read

ROSTER = read("scripted")
SAMPLES = replace(ROSTER, settings=ROSTER.settings.with_values({"samples": True}, "test"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    db = tmp_path_factory.mktemp("contender") / "arena.db"
    fill_board(db, ROSTER, 120)
    return db


def page(db, name, source="", roster=ROSTER) -> str:
    with closing(Store.open(db)) as store:
        site = Site(roster, store, demo=demo_votes)
        site.contenders.load()
        return asyncio.run(ContenderPage(site).show(name, source, ENGLISH))


def words(html: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", html).split())


def test_it_tells_members_rating_opponents_groups_and_how_often_it_was_drawn(filled):
    shown = page(filled, "Blended")
    text = words(shown)

    assert 'data-title="Blended"' in shown and "A blend of alder, birch and cedar" in text
    for opponent in ("alder", "birch", "cedar"):
        assert f'<a href="contender?name={opponent}">{opponent}</a>' in shown
    assert "Battles 60 " in text and "Drawn 60 50% of all battles" in text
    assert "(uniform). A reply costs the work of one member." in text
    assert "A reply costs" not in words(page(filled, "birch"))
    assert "2 or 3 turns" in text and "German" in text and "under 50 characters" in text
    assert "fixed lines, without a model" in text and "at most 128 tokens" in text
    assert "<polyline" in shown and "Some of its battles" not in text


def test_sample_battles_are_shown_where_the_host_wants_it_without_who_said_it(filled):
    shown = page(filled, "birch", roster=SAMPLES)
    text = words(shown)

    assert text.count("Against ") - text.count("Against whom") == 4
    assert "<strong>short</strong> answer" in shown and "Kuchen ohne Eier" in text
    assert any(vote in text for vote in ("was voted better", "voted a tie", "were voted bad"))
    assert not re.search(r"\bv\d+\b", text)


def test_who_is_gone_from_the_roster_keeps_a_page(filled):
    members = tuple(m for m in ROSTER.members if m.name != "cedar")
    blends = tuple(replace(b, members=("alder", "birch")) for b in ROSTER.blends)

    shown = words(page(filled, "cedar", roster=replace(ROSTER, members=members, blends=blends)))

    assert "cedar retired" in shown and "Its votes are kept" in shown and "Rank" not in shown


def test_reasons_are_told_apart_for_it_and_against_it(filled, tmp_path):
    copy = tmp_path / "reasons.db"
    shutil.copy(filled, copy)
    with closing(Store.open(copy)) as store:
        reasons = ("good", "more_helpful"), ("good", "kinder <b>"), ("bad", "wrong_facts")
        sql = "INSERT INTO vote_reasons SELECT battle, 'left', ?, ?, 1, 1.0 FROM votes"
        store.database.executemany(sql, reasons)

    text = words(page(copy, "alder"))

    assert (
        "What was good kinder &lt;b&gt; 33% more helpful 33% What was wrong wrong facts 33%" in text
    )


def test_simulated_votes_are_marked_and_nobody_is_met_kindly(filled):
    assert "SIMULATED" in page(filled, "birch", "simulated")
    unknown = page(filled, "<b>oak")
    assert "no contender of that name" in unknown and 'href="contender?name=birch"' in unknown
    assert "<b>oak" not in unknown


def test_who_has_not_fought_and_what_cannot_be_read(filled, tmp_path):
    fresh = words(page(tmp_path / "fresh.db", "alder"))
    assert "Battles 0" in fresh and "Rating over time" not in fresh
    store = Store.open(filled)
    site = Site(ROSTER, store)
    store.close()
    assert "cannot be read" in asyncio.run(ContenderPage(site).show("alder", "", ENGLISH))


def test_members_are_told_as_they_were_and_by_the_roster_only_where_they_still_are(filled):
    sampling = {"temperature": 0.5, "top_p": 1.0, "max_tokens": 64, "stop": [], "seed": None}
    member = {
        "name": "alder",
        "weights": "abcdef0123456789",
        "sampling": sampling,
        "thinking": True,
    }
    profile = Profile("c-1", "alder", True, DrawCounts(), {"members": [member]})

    (now,) = member_facts(profile, ROSTER, ENGLISH)
    (then,) = member_facts(replace(profile, up=False), ROSTER, ENGLISH)

    assert (now.weights, now.runs) == ("abcdef012345", "fixed lines, without a model")
    assert now.settings.startswith("temperature 0.5") and "at most 64 tokens" in now.settings
    assert "thinking True" in now.settings and "seed" not in now.settings
    assert (then.runs, then.settings) == ("", now.settings)


@pytest.mark.parametrize("roster", ["pocket", "small", "remote", "served", "paper"])
def test_where_members_of_every_kind_run_is_told(roster):
    roster = read(roster)
    for spec in roster.members:
        profile = Profile("c", spec.name, True, DrawCounts(), {"members": [{"name": spec.name}]})
        (facts,) = member_facts(profile, roster, ENGLISH)
        assert facts.model and facts.runs and facts.prompt


def test_a_line_has_its_ends_and_a_sentence():
    now = time.time()
    found = trend([(1, now, 1000.0), (5, now + 10, 1010.0), (9, now + 20, 990.0)], ENGLISH)

    points = [tuple(map(float, point.split(","))) for point in found.points.split()]
    assert [x for x, _ in points] == [0, 50, 100]
    assert points[1][1] < points[0][1] < points[2][1]
    assert found.sentence == "Elo from 1000 to 990 in 9 votes"
    assert trend([(1, now, 1000.0)], ENGLISH) is None
