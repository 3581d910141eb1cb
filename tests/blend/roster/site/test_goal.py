"""The [goal] table: what it may say, and one clear line where it cannot be."""

from datetime import date

import pytest
from rosters import refused, roster

from blend.roster import read
from blend.roster.site.goal import Goal, read_goal

MEMBER = '[[member]]\nname = "a"\nlines = ["Hi."]\n[[blend]]\nname = "b"\nmembers = ["a"]\n'


def test_a_goal_is_votes_and_a_day():
    assert read_goal({"votes": 1000, "until": "2027-06-01"}) == Goal(1000, date(2027, 6, 1))
    assert read_goal({"votes": 1, "until": date(2027, 6, 1)}) == Goal(1, date(2027, 6, 1))
    assert read_goal({"votes": 500}) == Goal(500, None)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("", r"\[goal\] table needs the number of votes, as in votes = 1000"),
        ("votes = 0", "needs the number of votes"),
        ("votes = -5", "needs the number of votes"),
        ('votes = "many"', r"'votes' in the \[goal\] table cannot be 'many'"),
        ("votes = true", "'votes' in .* cannot be True"),
        ("votes = 9.5", "'votes' in .* cannot be 9.5"),
        ("vote = 10", "unknown key 'vote' in .*did you mean 'votes'"),
        ('votes = 10\nuntil = "June"', "until cannot be 'June': .* until = \"2027-06-01\""),
        ('votes = 10\nuntil = "2027-02-30"', "until cannot be '2027-02-30'"),
        ("votes = 10\nuntil = 2027-06-01T10:00:00", "until cannot be '2027-06-01 10:00:00'"),
        ("votes = 10\nuntil = 2027", "'until' in .* cannot be 2027"),
    ],
    ids=str,
)
def test_a_goal_that_cannot_be_is_one_line(tmp_path, table, why):
    refused(tmp_path, f"{MEMBER}[goal]\n{table}\n", why)


def test_a_roster_has_its_goal_and_without_one_none(tmp_path):
    assert read("scripted").goal is None
    made = roster(tmp_path, f"{MEMBER}[goal]\nvotes = 20\nuntil = 2027-06-01\n")
    assert made.goal == Goal(20, date(2027, 6, 1))
