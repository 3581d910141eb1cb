"""The board in one sentence."""

import pytest

from arena.ranking.ballots import PairCounts
from arena.ranking.ratings import bradley_terry
from arena.ranking.summary import summary_sentence, votes_needed
from arena.texts import ENGLISH, Texts


def board(*rows, names=("Blended",)):
    return bradley_terry(PairCounts.of(rows, names))


def test_ahead_and_too_close():
    ratings = board(
        ("Blended", "smalltalk", "left", 80),
        ("smalltalk", "Blended", "left", 40),
        ("Blended", "concierge", "left", 90),
        ("concierge", "Blended", "left", 40),
        ("Blended", "trivia", "left", 70),
        ("trivia", "Blended", "left", 55),
    )
    votes = votes_needed(ratings, "Blended", "trivia")
    assert 100 < votes < 250
    assert summary_sentence(ratings, "Blended") == (
        "Blended is ahead of smalltalk and concierge; "
        f"against trivia it is too close to call: about {-(-votes // 10) * 10} more votes."
    )


def test_the_votes_still_needed_are_enough():
    """That many more votes at the same rate, and the comparison is just resolved."""
    more = votes_needed(
        board(("a", "b", "left", 140), ("a", "b", "right", 120), names=()), "a", "b"
    )
    share = (260 + more) / 260
    after = board(("a", "b", "left", 140 * share), ("a", "b", "right", 120 * share), names=())
    assert votes_needed(after, "a", "b") <= 0.05 * more
    assert votes_needed(board(("a", "b", "tie", 50), names=()), "a", "b") is None


def test_behind_and_as_good_as_equal():
    ratings = board(
        ("Blended", "x", "right", 90),
        ("Blended", "x", "left", 10),
        ("Blended", "y", "left", 300),
        ("Blended", "y", "right", 300),
    )
    assert summary_sentence(ratings, "Blended") == (
        "Blended is behind x; against y it is too close to call: over 10,000 more votes."
    )


@pytest.mark.parametrize(
    ("texts", "votes"),
    [(ENGLISH, "over 10,000 more votes each."), (Texts("de"), "je noch über 10.000 Stimmen.")],
)
def test_what_is_the_same_for_each_is_said_once(texts, votes):
    ratings = board(("Blended", "x", "tie", 300), ("Blended", "y", "tie", 300))
    assert summary_sentence(ratings, "Blended", texts=texts).endswith(f": {votes}")


def test_too_early():
    assert summary_sentence(
        board(("Blended", "x", "left", 1), names=("Blended", "y")), "Blended"
    ) == ("It is too early to compare Blended with y and x: under 20 battles on a side.")


def test_never_connected_and_alone():
    apart = board(("Blended", "x", "tie", 50), ("y", "z", "left", 50))
    assert summary_sentence(apart, "Blended").endswith("; no battles connect it with y and z.")
    assert "nobody to compare" in summary_sentence(board(), "Blended")


def test_of_many_only_the_first_are_named():
    names = [f"m{n:02}" for n in range(12)]
    rows = [(a, b, "left", 400) for i, a in enumerate(names) for b in names[i + 1 :]]
    said = summary_sentence(bradley_terry(PairCounts.of(rows)), "m00")
    assert said == "m00 is ahead of m01, m02, m03, m04, m05, m06 and 5 others."
