"""The goal in words and as a bar, in each of its states."""

from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest
from stored import fill

from arena.db.store import Store
from arena.pages.votes.goal import current_goal, goal_line
from arena.site.site import Site
from arena.texts import ENGLISH
from blend.roster import read
from blend.roster.site.goal import Goal

DAY = date(2027, 6, 1)


@pytest.mark.parametrize(
    ("goal", "counted", "today", "line"),
    [
        (Goal(1000), 412, DAY, "Goal: 1,000 votes. So far: 412."),
        (Goal(1000, DAY), 412, date(2027, 5, 1), "Goal: 1,000 votes by 1 June 2027. So far: 412."),
        (Goal(1000, DAY), 0, DAY, "Goal: 1,000 votes by 1 June 2027. So far: 0."),
        (
            Goal(1000, DAY),
            412,
            date(2027, 6, 2),
            "The goal was 1,000 votes by 1 June 2027. So far: 412. Every vote still counts.",
        ),
        (
            Goal(1000, DAY),
            1000,
            date(2027, 6, 2),
            "The goal of 1,000 votes is reached: 1,000. Thank you.",
        ),
        (Goal(1), 12, DAY, "The goal of 1 vote is reached: 12. Thank you."),
    ],
    ids=["open", "until a day", "on its last day", "overdue", "reached late", "of one vote"],
)
def test_each_state_has_words_of_its_own(goal, counted, today, line):
    assert goal_line(goal, counted, today, ENGLISH) == line


@pytest.fixture
def site(tmp_path):
    with closing(Store.open(tmp_path / "arena.db")) as store:
        fill(store, 12)
        yield Site(replace(read("scripted"), goal=Goal(10, DAY)), store)


def test_only_votes_of_this_site_that_count_are_counted(site):
    site.store.database.execute("UPDATE votes SET counted = 0 WHERE rowid <= 4")
    site.store.database.execute("UPDATE battles SET source = 'imported' WHERE rowid = 12")
    shown = current_goal(site, ENGLISH)
    assert "Goal: 10 votes by 1 June 2027. So far: 7." in shown
    assert '<progress max="10" value="7" aria-label="Votes toward the goal">' in shown


def test_the_bar_ends_at_the_goal(site):
    assert 'max="10" value="10"' in current_goal(site, ENGLISH)


def test_without_a_goal_and_without_a_database_nothing_is_shown(site):
    bare = Site(replace(site.roster, goal=None), site.store)
    assert current_goal(bare, ENGLISH) == ""
    site.store.close()
    assert current_goal(site, ENGLISH) == ""
