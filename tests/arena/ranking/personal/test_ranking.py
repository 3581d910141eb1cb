"""One visitor's own ranking on the scale of the board."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.ranking.ballots import CHOICES, PairCounts
from arena.ranking.personal.ranking import ENOUGH, comparisons, personal_ranking
from arena.ranking.ratings import bradley_terry

BOARD = bradley_terry(
    PairCounts.of([("a", "b", "left", 60), ("b", "c", "left", 60), ("c", "a", "left", 30)])
)
VOTES = st.lists(
    st.tuples(st.permutations("abcd"), st.sampled_from(CHOICES)), min_size=ENOUGH, max_size=40
).map(lambda drawn: PairCounts.of((*names[:2], choice, 1) for names, choice in drawn))


@given(VOTES)
def test_ranks_and_intervals_fit_together(counts):
    rows = personal_ranking(counts, BOARD)
    assert bool(rows) == (comparisons(counts) >= ENOUGH)
    assert [row.rating for row in rows] == sorted((row.rating for row in rows), reverse=True)
    for place, row in enumerate(rows, 1):
        assert row.low < row.rating < row.high
        assert 1 <= row.rank <= place <= row.worst <= len(rows)
        assert 0 < row.votes <= counts.total


@given(VOTES)
def test_both_rankings_have_the_same_mean_over_whom_the_visitor_compared(counts):
    rows = {row.name: row for row in personal_ranking(counts, BOARD)}
    known = [n for n in counts.names if n in rows and n in BOARD.counts.names]
    if not rows or not known:
        return
    weights = [counts.compared[counts.names.index(name)] for name in known]
    own = np.average([rows[name].rating for name in known], weights=weights)
    theirs = np.average([BOARD[name].rating for name in known], weights=weights)
    assert own == pytest.approx(theirs)


def test_before_ten_votes_that_compare_there_is_none():
    nine = PairCounts.of([("a", "b", "left", 9), ("a", "b", "both_bad", 5)])
    assert comparisons(nine) == 9 and personal_ranking(nine, BOARD) == ()
    ten = PairCounts.of([("a", "b", "left", 9), ("b", "a", "tie", 1), ("a", "b", "both_bad", 5)])
    first, second = personal_ranking(ten, BOARD)
    assert (first.name, first.rank, first.worst, first.votes) == ("a", 1, 1, 15)
    assert (second.name, second.rank, second.worst) == ("b", 2, 2)


def test_without_a_board_the_mean_is_a_thousand():
    nobody = bradley_terry(PairCounts.of([]))
    rows = personal_ranking(PairCounts.of([("x", "y", "left", 12)]), nobody)
    assert [row.name for row in rows] == ["x", "y"]
    assert sum(row.rating for row in rows) == pytest.approx(2000)
