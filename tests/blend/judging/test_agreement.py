"""Shares and position bias of a judge, and how far two judges agree."""

import numpy as np
import pytest

from blend.judging import Answer, Verdicts
from blend.judging.agreement import choice, judge_report, kappa


def given(*answers):
    return [Verdicts(Answer(a), Answer(b)) for a, b in answers]


def test_a_judge_who_always_prefers_the_first_is_found_out():
    report = judge_report(given(*[("first", "first")] * 40), range(40))
    assert report.position_bias.value == report.torn.value == 1
    assert report.position_bias.low > 0.8
    assert report.unreadable.value == 0


def test_a_judge_who_sees_has_no_bias():
    report = judge_report(given(*[("first", "second"), ("second", "first")] * 20), range(40))
    assert report.position_bias.value == report.torn.value == 0
    assert report.position_bias.low < 0 < report.position_bias.high


def test_what_cannot_be_read_is_in_no_other_share():
    report = judge_report(given(("first", "first"), ("unreadable", "first")), (0, 1))
    assert (report.unreadable.value, report.torn.value, report.position_bias.value) == (0.5, 1, 1)
    nothing = judge_report(given(("unreadable", "unreadable")), (0,))
    assert nothing.torn is None and nothing.position_bias is None


def test_battles_of_one_opener_are_one_opinion():
    some = given(*[("first", "first")] * 10, *[("first", "second")] * 10)
    alone = judge_report(some, range(20)).position_bias
    together = judge_report(some, [n // 5 for n in range(20)]).position_bias
    assert together.value == alone.value == 0.5
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_kappa_is_1_where_judges_agree_and_0_where_that_is_chance():
    rng = np.random.default_rng(0)
    a, b = rng.choice(["left", "right", "tie"], (2, 4000))
    assert kappa(a, a, range(4000)).value == 1
    assert kappa(a, b, range(4000)).low < 0 < kappa(a, b, range(4000)).high
    assert kappa(["tie"] * 3, ["tie"] * 3, range(3)) is None
    assert kappa(["tie"] * 3, ["tie", "left", "right"], range(3)) is None


def test_kappa_of_the_books_and_its_interval_by_clusters():
    """Fleiss, Levin and Paik (2003), table 18.1: kappa 0.676, standard error 0.088."""
    table = {"left": (75, 1, 4), "right": (5, 4, 1), "tie": (0, 0, 10)}
    pairs = [(a, b) for a, row in table.items() for b, n in zip(table, row, strict=True)
             for _ in range(n)]  # fmt: skip
    found = kappa(*zip(*pairs, strict=True), range(100))
    assert found.value == pytest.approx(0.676, abs=0.001)
    assert (found.high - found.low) / 2 == pytest.approx(1.984 * 0.088, rel=0.05)


def test_a_torn_verdict_votes_for_a_tie_and_an_unreadable_one_not_at_all():
    choices = [choice(each) for each in ("left", "tie", "torn", "unreadable")]
    assert choices == ["left", "tie", "tie", None]
