"""Slices: every vote in one, by category in several; labels in their natural order."""

from dataclasses import replace

import numpy as np
import pytest
from ballot_rows import ballots_of

from arena.ranking.slices import BY, slices

NAN = float("nan")


def ballots(**columns):
    """Votes of three visitors with these columns."""
    n = len(next(iter(columns.values())))
    votes = ballots_of(("a", "b", "left", f"v{i % 3}") for i in range(n))
    known = {name: np.array(column) for name, column in columns.items()}
    return replace(votes, columns=known, languages=("en", "de", "fr"))


DAY = 86_400.0


@pytest.mark.parametrize(
    ("by", "column", "values", "sizes"),
    [
        (
            "turns",
            "turns",
            [1, 2, 3, 4, 9, 1, 0],
            {"1 turn": 2, "2 or 3 turns": 2, "4 turns or more": 2, "unknown": 1},
        ),
        (
            "length",
            "length",
            [200, 49, 0, NAN, 199],
            {
                "under 50 characters": 2,
                "50 to 199 characters": 1,
                "200 characters or more": 1,
                "unknown": 1,
            },
        ),
        ("language", "language", [0, 1, 1, -1, 1, 0], {"de": 3, "en": 2, "unknown": 1}),
        (
            "month",
            "created",
            [0, 30 * DAY, 31 * DAY, 62 * DAY],
            {"1970-01": 2, "1970-02": 1, "1970-03": 1},
        ),
    ],
    ids=["turns", "length", "language", "month"],
)
def test_every_vote_is_in_one_slice(by, column, values, sizes):
    found = slices(ballots(**{column: values}), by)
    assert [(label, len(votes)) for label, votes in found.items()] == [*sizes.items()]


def test_a_slice_is_ballots_of_its_own():
    found = slices(ballots(turns=[1, 2, 1, 2, 1]), "turns")
    assert found["1 turn"].visitors == 3 and found["2 or 3 turns"].visitors == 2
    assert found["2 or 3 turns"].columns["turns"].tolist() == [2, 2]
    assert sum(votes.counts().total for votes in found.values()) == 5


@pytest.mark.parametrize("by", BY)
def test_no_votes_are_no_slices(by):
    columns = {name: np.zeros(0) for name in ("turns", "created", "length")}
    columns |= {name: np.zeros(0, int) for name in ("language", "category")}
    assert slices(replace(ballots_of([], ["a"]), columns=columns), by) == {}


def test_a_vote_is_in_the_slice_of_each_of_its_categories():
    votes = [("a", "b", "left", f"v{i}") for i in range(6)]
    kinds = (("mathematics", "hard_prompt"), (), ("code",), ("code", "mathematics"))
    column = {"category": np.array([0, 1, 3, -1, 3, 0])}
    found = slices(replace(ballots_of(votes), columns=column, categories=kinds), "category")
    sizes = [(label, part.visitor.tolist(), len(part)) for label, part in found.items()]
    assert sizes == [
        ("mathematics", [0, 1, 2, 3], 4),
        ("code", [0, 1], 2),
        ("hard_prompt", [0, 1], 2),
        ("no category", [0], 1),
        ("unknown", [0], 1),
    ]


def test_what_was_not_read_cannot_be_sliced():
    with pytest.raises(ValueError, match="without the column 'length'"):
        slices(ballots(turns=[1]), "length")
