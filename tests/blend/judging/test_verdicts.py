"""What two answers of a judge make together."""

import json
from dataclasses import asdict

import pytest

from blend.judging import Answer, Verdicts
from blend.judging.verdicts import VERDICTS_ROW


@pytest.mark.parametrize(
    ("left_first", "left_second", "outcome", "lean"),
    [
        ("first", "second", "left", 0),
        ("second", "first", "right", 0),
        ("tie", "tie", "tie", 0),
        ("first", "first", "torn", 1),
        ("second", "second", "torn", -1),
        ("first", "tie", "torn", 0.5),
        ("tie", "second", "torn", -0.5),
        ("unreadable", "first", "unreadable", None),
        ("second", "unreadable", "unreadable", None),
    ],
)
def test_a_side_wins_only_where_both_orders_say_so(left_first, left_second, outcome, lean):
    verdicts = Verdicts(Answer(left_first), Answer(left_second))
    assert (verdicts.outcome, verdicts.lean) == (outcome, lean)


def test_what_json_keeps_of_verdicts_is_read_again():
    verdicts = Verdicts(Answer("first", "A", (40, 1)), Answer("unreadable", "Both."))
    row = json.loads(json.dumps({"key": "k", **asdict(verdicts)}))
    assert VERDICTS_ROW.validate_python(row) == verdicts
    row["left_first"]["preferred"] = "left"
    with pytest.raises(ValueError, match="'first', 'second', 'tie' or 'unreadable'"):
        VERDICTS_ROW.validate_python(row)
