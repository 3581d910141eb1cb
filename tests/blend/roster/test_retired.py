"""Retired members and blends: remembered by the roster, and in nothing that answers."""

from dataclasses import replace

import pytest
from rosters import refused, roster

from blend.roster.contender import config, contender_id

ROSTER = """
[[member]]
name = "a"
engine = "scripted"
[[member]]
name = "b"
engine = "scripted"
[[member]]
name = "old"
path = "deleted/long-ago"
retired = true
[[blend]]
name = "Both"
members = ["a", "b"]
[[blend]]
name = "Then"
members = ["a", "old"]
retired = true
"""


def test_who_is_retired_is_in_nothing_that_answers_and_keeps_a_colour(tmp_path):
    made = roster(tmp_path, ROSTER)

    assert [spec.name for spec in made.retired] == ["old", "Then"]
    assert [spec.name for spec in made.contenders] == ["Both", "a", "b"]
    assert (made.focus, made.singles) == ("Both", ("a", "b"))
    assert [*made.colours] == ["Both", "a", "b", "old", "Then"]


def test_who_comes_back_has_the_id_of_before(tmp_path):
    back = ROSTER.replace('path = "deleted/long-ago"\nretired = true', 'engine = "scripted"')
    made = roster(tmp_path, back.replace("retired = true", ""))
    then = next(spec for spec in made.contenders if spec.name == "Then")
    digests = dict.fromkeys("ab", "1") | {"old": "2"}

    ids = [
        contender_id(config(spec, made, digests)) for spec in (then, replace(then, retired=True))
    ]

    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "b"', 'name = "b"\nretired = 1', "'retired' in member 'b' cannot be 1: its type"),
        ('name = "b"', 'name = "b"\nretird = true', "'retird' in member 'b'; .* mean 'retired'"),
        ('name = "b"', 'name = "b"\nretired = true', "'Both': the member 'b' is retired: take it"),
        ('name = "Both"', 'name = "Both"\nretired = true', "names no blend that is not retired"),
        ('name = "Then"', 'name = "b"', "the name 'b' is used twice"),
        ('"old"]', '"odd"]', "blend 'Then': no member 'odd'"),
        ("\n[[member]]", '\nfocus = "Then"\n[[member]]', "focus: 'Then' is retired: name another"),
        ("\n[[member]]", '\n[ablation]\nof = "Then"\n[[member]]', "ablation.: 'Then' is retired"),
        (
            "\n[[member]]",
            '\n[experiment]\nname = "x"\nsalt = "s"\narms = {a = 1, old = 1}\n[[member]]',
            "experiment.: 'old' is retired",
        ),
        ("\n[[member]]", "\n[experiment]\nname = 'x'\narms = 5\n[[member]]", "'arms' in the"),
    ],
)
def test_who_is_retired_cannot_be_asked_for(tmp_path, old, new, said):
    refused(tmp_path, ROSTER.replace(old, new, 1), said)
