"""A visitor's own ranking as a table, on real votes."""

import re
from contextlib import closing
from dataclasses import replace

import pytest
from stored import CONTENDERS, fill

from arena.db.store import Store
from arena.pages.votes.standing import own_votes, standing
from arena.pages.votes.table import own_axis, own_table
from arena.ranking.board.leaderboard import LeaderboardQuery
from arena.ranking.personal.ranking import OwnRating
from arena.ranking.ratings import CENTRE
from arena.site.leaderboards import LeaderboardCache
from arena.texts import ENGLISH
from blend.roster import read

COLOURS = {"Blended": "#000000", "oak": "#111111"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with closing(Store.open(tmp_path_factory.mktemp("votes") / "arena.db")) as store:
        fill(store, 60)
        boards = LeaderboardCache(read("scripted"), store)
        board = boards.look(LeaderboardQuery(), {name: id for id, name in CONTENDERS.items()})
        return standing(own_votes(store.visitor_votes.outcomes("v1")), board, "v1")


def test_a_row_has_both_ratings_and_a_link_to_the_contender(place):
    page = own_table(place, COLOURS, ENGLISH)
    assert page.count("<tr role=") == 1 + len(place.ranking)
    for own, everybody in place.ranking:
        row = next(row for row in page.split("<tr role=") if f">{own.name}</a>" in row)
        assert f'href="contender?name={own.name}"' in row
        for who, rating in (("You", own), ("Everybody", everybody)):
            assert re.search(rf">{who}</span> <b>{rating.rating:.0f}</b>", row)
        assert row.count('class="bar') == 2
    assert 'class="who-0"' in page and 'class="who-1"' in page and 'class="nobody"' in page


def test_what_is_rated_otherwise_is_marked(place):
    tastes = replace(place.agreement, tastes={"oak": 1, "elm": -1, "Blended": 0})
    page = own_table(replace(place, agreement=tastes), COLOURS, ENGLISH)
    assert page.count("you: higher") == page.count("you: lower") == 1


def test_who_is_on_no_board_has_an_own_rating_alone(place):
    (own, _), *rest = place.ranking
    page = own_table(replace(place, ranking=((own, None), *rest)), COLOURS, ENGLISH)
    assert page.count(">Everybody</span>") == len(rest)


def test_without_a_ranking_there_is_no_table(place):
    assert own_table(replace(place, ranking=()), COLOURS, ENGLISH) == ""


def test_an_interval_without_end_does_not_press_all_others_together(place):
    wide = OwnRating("new", 1100.0, -4000.0, 9000.0, 1, 2, 3)
    axis = own_axis(replace(place, ranking=((wide, None), *place.ranking)))
    assert axis.low > CENTRE - 1500 and axis.high < CENTRE + 1500
    assert axis.bar(wide.low, wide.rating, wide.high).cut == (True, True)
    assert all(axis.low < row.rating < axis.high for pair in place.ranking for row in pair)
