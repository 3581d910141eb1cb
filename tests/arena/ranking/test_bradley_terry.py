"""The intervals against resampling and against known truth."""

from dataclasses import replace

import numpy as np

from arena.ranking.ballots import CHOICES, Ballots, PairCounts
from arena.ranking.bradley_terry import fit_strengths, strength_covariance
from arena.ranking.ratings import bootstrap, bradley_terry

TRUTH = np.array([0.6, 0.2, 0.0, -0.3, -0.5])
NAMES = tuple("abcde")


def votes(rng, n, visitors, copies=1, ties=0.0):
    """n votes between NAMES at TRUTH; each visitor casts each vote `copies` times."""
    k = len(TRUTH)
    left = rng.integers(0, k, n // copies)
    right = (left + rng.integers(1, k, n // copies)) % k
    chance = 1 / (1 + np.exp(TRUTH[right] - TRUTH[left]))
    choice = np.where(rng.random(len(left)) < chance, 0, 1)
    choice[rng.random(len(left)) < ties] = CHOICES.index("tie")
    people = rng.integers(0, visitors, len(left))
    repeat = [np.repeat(x, copies).astype(np.int32) for x in (left, right, choice, people)]
    return Ballots(NAMES, *repeat)


def errors(ratings):
    return np.sqrt(np.diag(ratings.covariance))


def test_sandwich_is_the_bootstrap_of_votes():
    ballots = votes(np.random.default_rng(1), 4000, 4000, ties=0.3)
    ballots = replace(ballots, visitor=np.arange(4000, dtype=np.int32))  # one each
    drawn = bootstrap(ballots, rounds=4000, rng=np.random.default_rng(2))
    assert np.allclose(drawn.std(0), errors(bradley_terry(ballots.counts())), rtol=0.05)


def test_clustered_sandwich_is_the_bootstrap_of_visitors():
    ballots = votes(np.random.default_rng(3), 8000, 700, copies=4)
    clustered = errors(bradley_terry(ballots.counts(), ballots=ballots))
    drawn = bootstrap(ballots, rounds=2000, rng=np.random.default_rng(4))
    assert np.allclose(drawn.std(0), clustered, rtol=0.08)
    assert (clustered > 1.7 * errors(bradley_terry(ballots.counts()))).all()


def test_with_an_anchor_the_bootstrap_holds_it_too():
    ballots = votes(np.random.default_rng(5), 4000, 4000)
    drawn = bootstrap(ballots, "c", rounds=1000, rng=np.random.default_rng(6))
    fitted = errors(bradley_terry(ballots.counts(), "c", ballots))
    assert (drawn[:, 2] == 1000).all() and fitted[2] == 0
    assert np.allclose(drawn.std(0), fitted, rtol=0.1)


def test_one_visitor_does_not_make_the_board_certain():
    ballots = votes(np.random.default_rng(7), 300, 1)
    alone, plain = (bradley_terry(ballots.counts(), ballots=each) for each in (ballots, None))
    assert (alone.covariance == plain.covariance).all()
    few = votes(np.random.default_rng(8), 300, 3)
    few_errors = errors(bradley_terry(few.counts(), ballots=few))
    assert (few_errors >= errors(bradley_terry(few.counts())) * 0.999).all()


def test_newton_arrives_from_hard_starts():
    """One pair at a million to none, its opposite, and a near-even table, in one batch."""
    hard = np.zeros((3, 3, 3))
    hard[0, 0, 1] = hard[1, 1, 0] = 1e6
    hard[2] = 5 - 5 * np.eye(3)
    for anchor in (None, 1):
        xi = fit_strengths(hard, anchor)
        assert np.isfinite(xi).all()
        assert np.allclose(xi[2], 0, atol=1e-9)
        alone = np.concatenate([fit_strengths(one[None], anchor) for one in hard])
        assert np.allclose(alone, xi, atol=1e-6)


def test_both_bad_moves_neither_strength_nor_error():
    rows = [("a", "b", "left", 30), ("b", "a", "left", 20)]
    plain = PairCounts.of(rows)
    more = PairCounts.of([*rows, ("a", "b", "both_bad", 500)])
    xi = fit_strengths(plain.points[None], None)
    assert (fit_strengths(more.points[None], None) == xi).all()
    assert (strength_covariance(more, xi[0], None) == strength_covariance(plain, xi[0], None)).all()
