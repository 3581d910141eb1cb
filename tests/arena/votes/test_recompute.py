"""All votes judged anew: what was decided when they were cast, and what only all of them show."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.votes.recompute import EvidenceTable, apply_rules
from arena.votes.rules import DAY, RULES_VERSION, Limits, VoteEvidence, decide

LIMITS = Limits(by_visitor=3, by_address=4, same_prompt=2)
MAYBE = st.sampled_from([float("nan"), 0.1, 2.0, 60.0])
VOTE = st.tuples(
    st.floats(0, 2.5 * DAY),
    st.integers(0, 2),
    st.integers(-1, 1),
    st.integers(-1, 2),
    MAYBE,
    MAYBE,
    st.sampled_from([float("nan"), 0, 500]),
    st.integers(0, 1),
    st.integers(0, 1),
)


def record(votes):
    columns = [np.array(column) for column in zip(*votes, strict=True)]
    return EvidenceTable(*(columns or [np.zeros(0)] * 9))


def cast_one_by_one(votes):
    """What a site would have said, vote by vote, from the counts it had then."""
    seen = Counter()
    for created, visitor, address, prompt, waited, watched, shorter, leaked, barred in votes:
        day = created // DAY
        keys = ("visitor", visitor, day), ("address", address, day), (visitor, prompt, day)
        before = [seen[key] for key in keys]
        known = (True, address >= 0, prompt >= 0)
        counts = [n if told else None for n, told in zip(before, known, strict=True)]
        yield decide(VoteEvidence(waited, watched, shorter, *counts, leaked, barred), LIMITS)
        seen.update(keys)


@settings(deadline=None, max_examples=80)
@given(st.lists(VOTE, max_size=25))
def test_a_review_decides_as_the_vote_was_decided(votes):
    votes.sort(key=lambda vote: vote[0])
    verdicts = list(cast_one_by_one(votes))
    again = apply_rules(record(votes), np.zeros(len(votes), bool), LIMITS)
    assert again.counted.tolist() == [verdict.counted for verdict in verdicts]
    assert again.reasons().tolist() == [verdict.reason for verdict in verdicts]
    assert {verdict.rules for verdict in verdicts} <= {again.rules}


@settings(deadline=None, max_examples=40)
@given(st.lists(VOTE, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(votes, random):
    instants = np.argsort(np.argsort([vote[0] for vote in votes], kind="stable"))
    votes = [(vote[0] + n * 1e-3, *vote[1:]) for vote, n in zip(votes, instants, strict=True)]
    shuffled = random.sample(range(len(votes)), len(votes))
    plain = apply_rules(record(votes), np.zeros(len(votes), bool), LIMITS)
    mixed = apply_rules(record([votes[i] for i in shuffled]), np.zeros(len(votes), bool), LIMITS)
    assert mixed.broken.tolist() == plain.broken[shuffled].tolist()


def test_the_one_sided_do_not_count():
    votes = [(float(i), i % 2, -1, -1, 9.0, 9.0, 9.0, 0, 0) for i in range(4)]
    result = apply_rules(record(votes), np.array([False, True, False, True]))
    assert result.counted.tolist() == [True, False, True, False]
    assert result.reasons()[1] == "one_sided" and result.rules == RULES_VERSION
    assert result.tally()["one_sided"] == 2 and result.tally()["too_fast"] == 0
