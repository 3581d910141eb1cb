"""What else sways votes is found where it is there, and not said where the votes cannot tell."""

from dataclasses import replace

import numpy as np
import pytest

from arena.ranking.ballots import Ballots
from arena.ranking.context.draws import ReplyDraws
from arena.ranking.context.influences import NAMES, influence_sentences, influences
from arena.ranking.covariates import side_bias
from arena.ranking.ratings import SCALE
from arena.simulation.contexts.coverage import WORLDS, WRITERS
from arena.simulation.synthetic_votes import draw_votes
from arena.texts import LANGUAGES, Texts

WORLD = WORLDS["gains by hand-offs only"]


@pytest.fixture(scope="module")
def ballots():
    return draw_votes(WORLD.arena, 30_000, np.random.default_rng(1)).ballots


def by_name(ballots, writers=WRITERS, **options):
    return {each.name: each for each in influences(ballots, writers, **options)}


@pytest.mark.parametrize("at_equal_style", [False, True])
def test_what_was_put_in_comes_out(ballots, at_equal_style):
    found = by_name(ballots, at_equal_style=at_equal_style)
    assert [*found] == [*NAMES]
    for name, truth in WORLD.truth.items():
        value = found[name].estimate
        error = (value.high - value.low) / 3.92
        assert value.value == pytest.approx(SCALE * truth, abs=3.5 * error), name
    assert found["left"].votes == ballots.compares.sum() > found["turns"].votes > 10_000


def test_swapping_the_sides_turns_the_side_only(ballots):
    few = ballots.where(np.arange(len(ballots)) < 3000)
    columns = few.columns | {
        "left_draws": few.columns["right_draws"],
        "right_draws": few.columns["left_draws"],
    }
    choice = np.where(few.choice < 2, 1 - few.choice, few.choice)
    turned = replace(few, left=few.right, right=few.left, choice=choice, columns=columns)
    one, other = by_name(few), by_name(turned)
    for name, sign in zip(NAMES, (-1, 1, 1, 1), strict=True):
        assert one[name].estimate.value == pytest.approx(sign * other[name].estimate.value)


def test_without_a_blend_only_the_side_is_left_and_it_is_the_sides_bias(ballots):
    found = by_name(ballots.where(ballots.column("turns") == 1), {})
    assert [found[name].estimate for name in NAMES[1:]] == [None, None, None]
    assert [found[name].tied for name in NAMES[1:]] == [False, False, False]
    bias = side_bias(ballots.where(ballots.column("turns") == 1))
    assert found["left"].estimate.value == pytest.approx(bias.points, rel=1e-6)
    side, rest = influence_sentences(found.values())
    assert side.startswith("Being on the left: ") and rest.startswith("In the rest the sides never")


def test_too_few_votes_that_differ_are_no_number(ballots):
    found = by_name(ballots.where(np.arange(len(ballots)) < 30))
    assert 0 < found["hand_offs"].votes < 30 and found["hand_offs"].estimate is None
    assert found["hand_offs"].sentence() == (
        "In a blend, one change more from one model to another between replies, by chance: cannot"
        " be said yet."
        f" The sides differed in it in too few votes ({found['hand_offs'].votes})."
    )


def test_in_two_turns_hand_offs_and_share_are_the_same_thing(ballots):
    """One of them is told, and of the other that it cannot be told apart; so of the turns."""
    found = by_name(ballots.where(ballots.column("turns") == 2))
    assert found["hand_offs"].estimate.low > 0
    assert found["own_share"].estimate is None and found["own_share"].tied
    assert found["turns"].estimate is None and found["turns"].tied
    assert "cannot be told apart" in found["own_share"].sentence()


def test_members_that_come_in_turn_leave_nothing_to_tell(ballots):
    """What always goes so is no experiment: it may be anything that goes with the turns."""
    chances = tuple({name: float(name == w) for name in "abc"} for w in "abcabcab")
    draws = tuple(ReplyDraws(tuple("abcabcab")[:n], chances[:n]) for n in range(2, 9))
    turns = ballots.column("turns")
    codes = {
        f"{side}_draws": np.where((getattr(ballots, side) == 0) & (turns > 1), turns - 2, -1)
        for side in ("left", "right")
    }
    found = by_name(replace(ballots, columns=ballots.columns | codes, draws=draws))
    assert found["turns"].estimate.low > 0
    for name in ("hand_offs", "own_share"):
        assert (found[name].estimate, found[name].votes, found[name].tied) == (None, 0, False)


def test_draws_that_are_not_known_say_nothing(ballots):
    codes = dict.fromkeys(("left_draws", "right_draws"), np.full(len(ballots), -1))
    found = by_name(replace(ballots, columns=ballots.columns | codes, draws=()))
    assert found["hand_offs"].estimate is None and found["own_share"].estimate is None
    assert found["left"].estimate and found["turns"].estimate


def test_no_votes_are_no_numbers():
    empty = Ballots(("a", "b"), *(np.zeros(0, np.int32),) * 4)
    columns = dict.fromkeys(("turns", "left_draws", "right_draws"), np.zeros(0, np.int32))
    found = influences(replace(empty, columns=columns), WRITERS)
    assert [each.estimate for each in found] == [None] * 4


def test_sentences_are_there_in_each_language(ballots):
    two_turns = ballots.where(ballots.column("turns") == 2)
    for each in (*influences(ballots, WRITERS), *influences(two_turns, {})):
        number = each.votes if each.estimate is None else abs(round(each.estimate.value))
        for texts in map(Texts, LANGUAGES):
            assert texts.number(number) in each.sentence(texts)
