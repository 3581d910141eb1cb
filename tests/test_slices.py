"""Slices: every vote in exactly one, labels in their natural order."""

import numpy as np
import pytest

from arena.ballot import Ballots
from arena.slices import BY, slices

NAN = float("nan")


def ballots(**columns):
    n = len(next(iter(columns.values())))
    votes = [("a", "b", "left", f"v{i % 3}") for i in range(n)]
    plain = Ballots.of(votes)
    known = {name: np.array(column, dtype=float) for name, column in columns.items()}
    if "language" in known:
        known["language"] = known["language"].astype(int)
    languages = ("en", "de", "fr")
    return Ballots(
        plain.names, plain.left, plain.right, plain.choice, plain.visitor, known, languages
    )


def sizes(found):
    return {label: len(votes) for label, votes in found.items()}


def test_by_turns():
    assert sizes(slices(ballots(turns=[1, 2, 3, 4, 9, 1, 0]), "turns")) == {
        "1 turn": 2,
        "2 or 3 turns": 2,
        "4 turns or more": 2,
        "unknown": 1,
    }


def test_by_length():
    found = slices(ballots(length=[200, 49, 0, NAN, 199]), "length")
    assert list(sizes(found).items()) == [
        ("under 50 characters", 2),
        ("50 to 199 characters", 1),
        ("200 characters or more", 1),
        ("unknown", 1),
    ]


def test_by_language_the_most_spoken_first():
    found = slices(ballots(language=[0, 1, 1, -1, 1, 0]), "language")
    assert list(sizes(found).items()) == [("de", 3), ("en", 2), ("unknown", 1)]


def test_by_month():
    day = 86_400.0
    found = slices(ballots(created=[0, 30 * day, 31 * day, 62 * day]), "month")
    assert sizes(found) == {"1970-01": 2, "1970-02": 1, "1970-03": 1}


def test_a_slice_is_ballots_of_its_own():
    found = slices(ballots(turns=[1, 2, 1, 2, 1]), "turns")
    assert found["1 turn"].visitors == 3 and found["2 or 3 turns"].visitors == 2
    assert found["2 or 3 turns"].columns["turns"].tolist() == [2, 2]
    assert sum(votes.counts().total for votes in found.values()) == 5


@pytest.mark.parametrize("by", BY)
def test_no_votes_are_no_slices(by):
    empty = Ballots.of([], ["a"])
    columns = {name: np.zeros(0) for name in ("turns", "created", "length")}
    columns["language"] = np.zeros(0, int)
    none = (empty.left, empty.right, empty.choice, empty.visitor)
    assert slices(Ballots(("a",), *none, columns), by) == {}


def test_what_cannot_be_sliced_is_refused():
    with pytest.raises(ValueError, match="not by 'moon'"):
        slices(ballots(turns=[1]), "moon")
    with pytest.raises(ValueError, match="without the column 'length'"):
        slices(ballots(turns=[1]), "length")
