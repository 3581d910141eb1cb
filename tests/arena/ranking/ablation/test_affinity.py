"""Who likes the same: visitors with known tastes."""

import numpy as np
from ballot_rows import ballots_of

from arena.ranking.ablation.affinity import FEWEST, affinities
from arena.ranking.ballots import Ballots
from arena.ranking.ratings import bradley_terry

NAMES = ("a", "b", "c", "x")


def ballots(tastes: np.ndarray, each: int, rng) -> Ballots:
    """Every visitor judges a, b and c against x, `each` times; tastes (v, 3) in log-odds."""
    rows = []
    for visitor, taste in enumerate(tastes):
        for n, name in enumerate("abc"):
            for _ in range(each):
                won = rng.random() < 1 / (1 + np.exp(-taste[n]))
                rows.append((name, "x", "left" if won else "right", str(visitor)))
    return ballots_of(rows, NAMES)


def correlations(tastes, each=10, seed=1) -> dict:
    votes = ballots(tastes, each, np.random.default_rng(seed))
    pairs = [("a", "b"), ("a", "c")]
    return affinities(votes, bradley_terry(votes.counts()), pairs)


def test_friends_of_one_are_friends_of_the_other():
    rng = np.random.default_rng(2)
    shared, own = rng.normal(0, 2, (300, 1)), rng.normal(0, 2, (300, 1))
    found = correlations(np.hstack([shared, shared, own]))
    assert found["a", "b"].correlation.low > 0.5
    assert found["a", "c"].correlation.low < 0 < found["a", "c"].correlation.high
    assert found["a", "b"].visitors == 300


def test_strength_alone_is_no_likeness():
    tastes = np.tile([2.0, 2.0, -2.0], (300, 1))
    found = correlations(tastes)
    assert abs(found["a", "b"].correlation.value) < 0.15


def test_battles_between_the_two_are_left_out():
    rng, rows = np.random.default_rng(3), []
    for visitor in range(200):
        for a, b in (("a", "x"), ("b", "x"), ("a", "b"), ("a", "b"), ("b", "a")):
            rows.append((a, b, rng.choice(["left", "right"]), str(visitor)))
    votes = ballots_of(rows, NAMES)
    found = affinities(votes, bradley_terry(votes.counts()), [("a", "b")])["a", "b"].correlation
    assert found.low < 0 < found.high


def test_few_visitors_say_nothing():
    found = correlations(np.zeros((FEWEST - 1, 3)))
    assert found["a", "b"].correlation is None and found["a", "b"].visitors == FEWEST - 1


def test_both_bad_is_no_score():
    rows = [("a", "b", "both_bad", str(v)) for v in range(50)]
    votes = ballots_of(rows)
    found = affinities(votes, bradley_terry(votes.counts()), [("a", "b")])
    assert found["a", "b"].visitors == 0
