"""What a visitor chooses: from an address, from switches, and back into an address."""

from urllib.parse import parse_qsl

import pytest

from arena.models import ExcludedCounts
from arena.pages.leaderboard.choices import ALL, LABELS, Choices, address, slice_label
from arena.ranking.board.leaderboard import LeaderboardQuery, LeaderboardSource, make_leaderboard
from arena.simulation.synthetic_strengths import demo_votes
from arena.texts import ENGLISH
from blend.roster import read


def board(query, sources=("simulated",)):
    ballots, contenders = demo_votes(read("scripted"))
    data = LeaderboardSource("simulated", sources, contenders, (), ExcludedCounts(0, 0))
    return make_leaderboard(ballots, query, data, {}, "Blended")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({}, ""),
        ({"by": "language"}, "by=language"),
        ({"by": "turns", "part": "1 turn"}, "by=turns&part=1+turn"),
        ({"by": "language", "part": "de", "style": "1"}, "by=language&part=de&style=1"),
    ],
)
def test_an_address_says_what_is_not_usual_and_leads_back(query, told):
    choices = Choices.of_address(query)
    shown = address(board(choices.query))

    assert shown == told
    assert Choices.of_address(dict(parse_qsl(shown))) == choices


def test_another_source_than_the_first_is_in_the_address():
    assert address(board(LeaderboardQuery(by="turns"), sources=("own", "simulated"))) == (
        "source=simulated"
    )
    assert address(board(LeaderboardQuery(by="turns"))) == ""


def test_what_a_browser_sends_is_text_and_what_is_not_there_has_a_way_out():
    forged = Choices.of_components(None, ["x"], 5, "yes", None)

    assert forged == Choices("", "['x']", "5", True)
    assert forged.fallbacks() == [forged, Choices("", "turns", ALL, True), Choices()]


@pytest.mark.parametrize(
    ("change", "part"),
    [({}, "de"), ({"style": True}, "de"), ({"by": "month"}, ALL), ({"source": "own"}, ALL)],
    ids=["nothing", "style", "groups", "source"],
)
def test_a_part_is_one_of_the_groups_that_are_shown(change, part):
    shown = Choices("imported", "language").groups
    switches = {"source": "imported", "by": "language", "part": "de", "style": False} | change
    assert Choices.of_components(**switches, groups=shown).part == part


def test_slices_are_called_by_their_names():
    parts = board(LeaderboardQuery(by="turns")).standing.parts
    lengths = board(LeaderboardQuery(by="length")).standing.parts

    assert {*parts, *lengths} <= {*LABELS}
    assert [slice_label(part, "turns", ENGLISH) for part in parts] == [*parts]
    assert (
        slice_label("de", "language", ENGLISH) == "German"
        and slice_label("2026-05", "month", ENGLISH) == "2026-05"
    )
