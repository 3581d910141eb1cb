"""Reasons and comments in a file: those of an export of ours come in, all others stay out."""

import pytest

from arena.exchange.vote_notes import vote_notes
from arena.exchange.vote_row import VoteRow

OURS = {"battle": "b1", "good_a": ["kind", "kind"], "bad_b": ["wrong"], "comment": "Two\nlines."}


def test_they_come_in_by_the_columns_of_an_export():
    reasons = (("good", "left", "kind"), ("bad", "right", "wrong"))
    assert vote_notes(VoteRow(OURS)) == {"reasons": reasons, "comment": "Two\nlines."}
    assert vote_notes(VoteRow({"battle": "b1"})) == {"reasons": (), "comment": None}


def test_another_arena_s_columns_of_these_names_are_its_own():
    assert vote_notes(VoteRow(OURS | {"battle": None})) == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"good_a": "kind"}, "good_a 'kind' is no list"),
        ({"good_a": [1]}, "good_a 1 is no text of 1 to 60 characters"),
        ({"good_a": ["x" * 61]}, "of 1 to 60 characters"),
        ({"bad_b": ["a\x00"]}, "bad_b"),
        ({"comment": "x" * 1001}, "comment .* of 1 to 1,000 characters"),
        ({"comment": "\ud800"}, "comment"),
        ({"comment": ["a"]}, "comment"),
    ],
)
def test_what_may_not_be_stored_is_one_line(change, said):
    with pytest.raises(ValueError, match=said):
        vote_notes(VoteRow(OURS | change))
