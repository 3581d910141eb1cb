"""What a judge prefers, from its verdicts: shares by pair, and how good a judge it is."""

import numpy as np
import pytest

from blend.scaling.handoff.coverage import ANSWERS
from blend.scaling.handoff.judging import ReplyPair
from blend.scaling.handoff.preferences import preferences
from blend.scaling.handoff.verdicts import judged

LEFT, TORN, RIGHT = ANSWERS
UNREADABLE = type(LEFT)(LEFT.left_first, type(LEFT.left_first)("unreadable"))


def found(verdicts: dict, count: int = 20):
    """Of pairs with these verdicts, which are repeated over `count` conversations."""
    rows = [(of, n, each[n % len(each)]) for of, each in verdicts.items() for n in range(count)]
    pairs = [ReplyPair(*of, n, "x", "y" if verdict else "x") for of, n, verdict in rows]
    return preferences("j", pairs, [verdict for *_, verdict in rows], np.arange(count))


def test_ties_and_torn_count_half_and_what_cannot_be_read_nothing():
    one = found({("a", "b"): [LEFT, TORN, None, UNREADABLE], ("b", "a"): [RIGHT, LEFT, LEFT, LEFT]})
    shares = [pair.own.value for pair in one.pairs]
    assert shares == pytest.approx([2 / 3, 3 / 4])
    assert one.own.value == pytest.approx((5 * (1 + 0.5 + 0.5) + 15) / 35)
    assert (one.judged, one.alike) == (35, 5)
    assert one.unreadable.value == pytest.approx(5 / 35)
    assert (one.torn.value, one.position_bias.value) == pytest.approx((5 / 30, 5 / 30))


def test_a_judge_who_always_prefers_the_first_is_found_out():
    one = found({("a", "b"): [TORN], ("b", "a"): [TORN]})
    assert one.position_bias.value == 1 and one.position_bias.low > 0.6
    assert one.own.low < 0.5 < one.own.high and not any(pair.found for pair in one.pairs)
    words = judged(one)
    assert "say little of hand-offs" in words and "leans to the first shown by +1.00" in words
    assert "clearly prefers" not in words


def test_a_share_of_none_is_never_less_than_none():
    for count in range(2, 40):
        assert found({("a", "b"): [LEFT]}, count).unreadable.low == 0


def test_what_is_clear_is_found_and_few_conversations_are_not_enough():
    many = found({("a", "b"): [LEFT], ("b", "a"): [RIGHT, RIGHT, RIGHT, TORN]})
    assert [pair.found for pair in many.pairs] == [True, True]
    assert "clearly prefers own replies in 1 and the others in 1" in judged(many)
    assert not any(pair.found for pair in found({("a", "b"): [LEFT]}, count=3).pairs)


def test_a_judge_without_a_readable_answer_is_no_judge():
    one = found({("a", "b"): [UNREADABLE]})
    assert one.own is None and one.pairs[0].own is None and not one.pairs[0].found
    assert judged(one) == "j as the judge gave no answer that can be read."
