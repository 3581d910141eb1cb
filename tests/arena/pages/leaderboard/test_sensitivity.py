"""What a board depends on, in each language's words."""

import pytest

from arena.models import ExcludedCounts
from arena.pages.leaderboard.sensitivity import dependence
from arena.ranking.board.leaderboard import (
    LeaderboardQuery,
    LeaderboardSource,
    board_sensitivity,
    make_leaderboard,
)
from arena.simulation.synthetic_strengths import demo_votes
from arena.texts import ENGLISH, LANGUAGES, Texts
from blend.roster import read

WHOLE = LeaderboardQuery("simulated")


def made_up(query=WHOLE):
    """A board of the made-up votes."""
    roster = read("scripted")
    ballots, contenders = demo_votes(roster)
    nothing = ExcludedCounts(0, 0)
    source = LeaderboardSource("simulated", ("simulated",), contenders, (), nothing, stored=False)
    return make_leaderboard(ballots, query, source, {}, roster.focus)


@pytest.fixture(scope="module")
def board():
    return made_up()


def test_it_says_how_many_more_votes_and_what_other_models_say(board):
    found, power = board_sensitivity(board), board.standing.power
    shown = dependence(board, found, ENGLISH)
    assert all(f"{pair.ahead} over {pair.behind}" in shown for pair in power)
    assert shown.count("none: told apart") == 2 * sum(pair.told_apart for pair in power)
    unmet = [pair for pair in power if pair.even and pair.even.all and not pair.even.between]
    assert shown.count("the two do not meet") == 2 * len(unmet) > 0  # by `focus` members never do
    assert f"of {found.voters.voters} voters tossed coins" in shown
    assert f"{found.ties.ratings['cedar'].rating:.0f} (" in shown
    assert "nan" not in shown


def test_a_part_has_the_models_of_its_own_votes(board):
    part = made_up(LeaderboardQuery("simulated", "turns", "1 turn"))
    found = board_sensitivity(part)
    total = part.standing.ratings.counts.total
    assert found.ties.ratings.counts.total == total == len(part.standing.ballots) < board.counted


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_words_for_it(board, language):
    texts = Texts(language)
    shown = dependence(board, board_sensitivity(board), texts)
    assert texts("board.rated_note").replace("'", "&#39;") in shown
    assert texts("board.power_enough").replace("'", "&#39;") in shown
