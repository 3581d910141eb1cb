"""Shares of reasons: of all that were given about a contender, and nothing of a few people."""

from hypothesis import given
from hypothesis import strategies as st

from arena.ranking.board.reasons import ReasonShare, ReasonShares, reason_record, reason_shares

NAMES = st.sampled_from("abc")
ROWS = st.dictionaries(
    st.tuples(NAMES, st.sampled_from(("good", "bad")), st.sampled_from(("x", "y", "z"))),
    st.integers(0, 50),
).map(lambda counts: [(*key, votes) for key, votes in counts.items()])


def test_the_share_is_of_all_reasons_about_a_contender():
    rows = [("a", "good", "kind", 3), ("a", "bad", "wrong", 1), ("b", "bad", "wrong", 5)]
    shares = reason_shares(rows, {"a": 5, "b": 4}, 5)
    most = ReasonShare("good", "kind", 3, 0.75), ReasonShare("bad", "wrong", 1, 0.25)
    assert shares == {"a": ReasonShares(4, 5, most)}


@given(ROWS, st.dictionaries(NAMES, st.integers(0, 9)), st.integers(1, 9))
def test_shares_add_up_come_in_order_and_hide_the_few(rows, visitors, least):
    shares = reason_shares(rows, visitors, least)
    for name in "abc":
        votes = sorted((n for who, *_, n in rows if who == name and n), reverse=True)
        if not votes or visitors.get(name, 0) < least:
            assert name not in shares
            continue
        assert [each.votes for each in shares[name].shares] == votes
        assert shares[name].total == sum(votes)
        assert abs(sum(each.share for each in shares[name].shares) - 1) < 1e-9


@given(ROWS, st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows, rng):
    visitors = dict.fromkeys("abc", 9)
    mixed = rng.sample(rows, len(rows))
    assert reason_shares(mixed, visitors, 5) == reason_shares(rows, visitors, 5)


def test_for_programs_both_kinds_stand_apart():
    shares = reason_shares([("a", "good", "kind", 2), ("a", "bad", "kind", 1)], {"a": 5}, 5)
    assert reason_record(shares["a"]) == {
        "given": 3,
        "visitors": 5,
        "good": {"kind": 0.6667},
        "bad": {"kind": 0.3333},
    }
    assert reason_record(shares.get("b")) is None
