"""The rules on single votes."""

from dataclasses import replace

import pytest

from arena.votes.rules import RULES_VERSION, Limits, Verdict, VoteEvidence, decide, explain

HONEST = VoteEvidence(
    9, 30, 400, by_visitor=3, by_address=8, same_prompt=0, leaked=False, barred=False
)


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({}, ""),
        ({"waited": 0.3, "watched": 4.0}, ""),
        ({"by_visitor": 59, "by_address": 299, "same_prompt": 2}, ""),
        ({"waited": 0.2}, "too_fast"),
        ({"watched": 3.9}, "too_fast"),
        ({"by_visitor": 60}, "visitor_cap"),
        ({"by_address": 300}, "address_cap"),
        ({"same_prompt": 3}, "repeated_prompt"),
        ({"leaked": True}, "identity_shown"),
        ({"barred": 1}, "barred"),
        ({"waited": 0.1, "leaked": 1}, "identity_shown, too_fast"),
    ],
)
def test_each_rule_at_its_limit(known, reason):
    assert decide(replace(HONEST, **known)) == Verdict(not reason, reason, RULES_VERSION)


def test_what_could_not_be_found_out_is_not_a_no():
    assert decide(VoteEvidence()) == Verdict(True, "", RULES_VERSION)
    assert decide(VoteEvidence(leaked=True)).reason == "identity_shown"


def test_other_limits_are_another_version():
    verdict = decide(VoteEvidence(by_visitor=5), Limits(by_visitor=5))
    assert not verdict.counted and verdict.rules == "2 (0.3 100 5 300 3)" != RULES_VERSION


def test_reasons_are_sentences():
    assert explain("") == ""
    assert explain("identity_shown, too_fast").count(".") == 2
    assert explain("a rule of a later version") == "a rule of a later version"
