"""What one vote does to two ratings."""

import pytest

from arena.ballot import Counts
from arena.effect import effect
from arena.rating import bradley_terry
from arena.records import Contender, Reveal, Tally

A, B = Contender("a", "A", {}), Contender("b", "B", {})
NONE = Tally((), 0, 0, 0)


@pytest.mark.parametrize("choice", ["left", "right", "tie", "both_bad"])
def test_the_first_vote_moves_the_winner_up(choice):
    moved = effect(NONE, Reveal(A, B, choice, True, ""))
    (a_old, a_new), (b_old, b_new) = moved["a"], moved["b"]
    sign = {"left": 1, "right": -1}.get(choice, 0)

    assert (a_old, b_old) == (1000, 1000)
    assert (a_new - a_old) * sign >= 0 and bool(a_new - a_old) == bool(sign)
    assert a_new + b_new == pytest.approx(2000)


def test_a_vote_that_does_not_count_moves_nothing():
    before = Tally((("a", "b", "left", 3),), 3, 3, 0)
    moved = effect(before, Reveal(A, B, "left", False, "too fast"))
    assert moved["a"][0] == moved["a"][1] > 1000


def test_the_ratings_are_those_of_the_board():
    outcomes = (("a", "b", "left", 3), ("c", "a", "tie", 2), ("b", "c", "right", 5))
    moved = effect(Tally(outcomes, 10, 10, 0), Reveal(A, B, "right", True, ""))
    boards = [
        bradley_terry(Counts.of(rows)) for rows in (outcomes, (*outcomes, ("a", "b", "right", 1)))
    ]
    for id in "ab":
        assert moved[id] == pytest.approx([board[id].rating for board in boards])
