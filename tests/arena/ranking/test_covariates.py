"""Bradley-Terry with covariates: against a general optimizer, and against the plain fit."""

import numpy as np
import pytest
from ballot_rows import ballots_of
from scipy.optimize import minimize

from arena.ranking.ballots import CHOICES, Ballots
from arena.ranking.bradley_terry import fit_strengths, strength_covariance
from arena.ranking.covariates import fit_covariates, own_variation, side_bias
from arena.ranking.ratings import SCALE

K = 5


def drawn(rng, n, beta=(0.8, -0.4), visitors=300, even=0.1):
    """Ballots between K contenders and their covariates x (n, 2); `even` are ties, as many
    both bad."""
    xi = np.linspace(1, -1, K)
    left = rng.integers(0, K, n)
    right = (left + rng.integers(1, K, n)) % K
    x = rng.normal(size=(n, 2))
    chance = 1 / (1 + np.exp(xi[right] - xi[left] - x @ beta))
    choice = np.where(rng.random(n) < chance, 0, 1)
    lot = rng.random(n)
    choice = np.where(lot < even, CHOICES.index("tie"), choice)
    choice = np.where(lot > 1 - even, CHOICES.index("both_bad"), choice)
    return Ballots(tuple("abcde"), left, right, choice, rng.integers(0, visitors, n)), x


@pytest.mark.parametrize("anchor", [None, 2])
def test_it_is_the_maximum(anchor):
    ballots, x = drawn(np.random.default_rng(1), 400)
    found = fit_covariates(ballots, x, anchor, penalty=2.0)
    m = len(found.xi)
    reference = K if anchor is None else anchor
    free = np.delete(np.arange(m + 2), reference)
    kept = ballots.choice != CHOICES.index("both_bad")
    left, right = ballots.left[kept], ballots.right[kept]
    score = np.array([1, 0, 0.5, 0])[ballots.choice[kept]]

    def loss(some):
        theta = np.zeros(m + 2)
        theta[free] = some
        xi, beta = theta[:m], theta[m:]
        eta = xi[left] - xi[right] + x[kept] @ beta
        games = np.delete(xi, reference)
        prior = (np.logaddexp(0, games) + np.logaddexp(0, -games)).sum()
        return (np.logaddexp(0, eta) - score * eta).sum() + prior + beta @ beta

    best = minimize(loss, np.zeros(len(free)), method="BFGS", options={"gtol": 1e-9}).x
    assert np.r_[found.xi, found.beta][free] == pytest.approx(best, abs=1e-4)


@pytest.mark.parametrize("anchor", [None, 0])
def test_covariates_that_say_nothing_change_nothing(anchor):
    ballots, x = drawn(np.random.default_rng(2), 2000)
    found = fit_covariates(ballots, np.zeros_like(x), anchor, penalty=1.0)
    counts = ballots.counts()
    xi = fit_strengths(counts.points[None], anchor)[0]
    m = len(xi)
    assert found.xi == pytest.approx(xi, abs=1e-9) and (found.beta == 0).all()
    plain = strength_covariance(counts, xi, anchor, ballots)
    assert np.allclose(found.covariance[:m, :m], plain, atol=1e-9)


def test_votes_copied_by_their_visitor_do_not_shrink_the_errors():
    ballots, x = drawn(np.random.default_rng(4), 500, visitors=10**6)
    one = fit_covariates(ballots, x, 0, 1e-6)
    people = np.unique(ballots.visitor, return_inverse=True)[1]
    copies = [np.tile(a, 4) for a in (ballots.left, ballots.right, ballots.choice, people)]
    four = fit_covariates(Ballots(ballots.names, *copies), np.tile(x, (4, 1)), 0, 1e-6)
    one_error, four_error = (np.sqrt(np.diag(f.covariance)[-2:]) for f in (one, four))
    assert four_error == pytest.approx(one_error, rel=0.05)


def test_hard_starts_arrive():
    """Covariates that decide every vote: the penalty keeps them finite."""
    ballots = ballots_of([("a", "b", "left", "v")] * 60 + [("b", "a", "left", "w")] * 60)
    found = fit_covariates(ballots, np.full((120, 1), 9.0), None, penalty=0.01)
    assert np.isfinite(found.covariance).all() and found.beta[0] > 0.4
    empty = fit_covariates(ballots_of([], ["a", "b"]), np.zeros((0, 1)), None, penalty=1.0)
    assert (empty.xi == 0).all() and empty.votes == 0


def test_votes_that_share_a_row_are_fitted_as_if_each_had_its_own():
    ballots, x = drawn(np.random.default_rng(5), 3000)
    rows, kind = np.unique(x.round(), axis=0, return_inverse=True)
    shared, own = (
        fit_covariates(ballots, *each)
        for each in ((rows, None, 0.5, kind), (rows[kind], None, 0.5))
    )
    assert shared.beta == pytest.approx(own.beta) and shared.votes == own.votes
    assert np.allclose(shared.covariance, own.covariance)
    assert shared.errors == pytest.approx(own.errors)


def test_an_error_by_itself_is_never_over_that_of_all_sums():
    ballots, x = drawn(np.random.default_rng(6), 800, visitors=40)
    found = fit_covariates(ballots, x, None, 0.5)
    together = np.sqrt(np.diag(found.covariance)[-2:])
    assert (found.errors <= together * 1.0001).all() and (found.errors > 0.8 * together).all()


def test_variation_of_its_own_is_what_strengths_and_earlier_columns_leave():
    ballots, x = drawn(np.random.default_rng(7), 2000)
    first = (ballots.left == 0).astype(float) - (ballots.right == 0)
    columns = np.column_stack([x[:, 0], first, 2 * x[:, 0], x[:, 1]])
    total, own = own_variation(ballots, columns)
    n = ballots.compares.sum()
    assert total[:2] == pytest.approx(
        [(x[ballots.compares, 0] ** 2).sum(), np.abs(first[ballots.compares]).sum()]
    )
    assert own[1] == own[2] == 0 and own[[0, 3]] == pytest.approx([n, n], rel=0.1)


def sided(n, lean, strong_left=0.5, seed=1):
    """Two contenders 1 apart in log-odds; the stronger is on the left that often."""
    rng = np.random.default_rng(seed)
    first = rng.random(n) < strong_left
    eta = np.where(first, 1.0, -1.0) + lean
    choice = np.where(rng.random(n) < 1 / (1 + np.exp(-eta)), 0, 1)
    right = first.astype(int)
    return Ballots(("a", "b"), 1 - right, right, choice, np.arange(n) % 400)


def test_no_side_bias_is_half():
    bias = side_bias(sided(8000, 0.0, strong_left=0.8))
    assert bias.low < 0.5 < bias.high and not bias.clear
    assert bias.high - bias.low < 0.05 and bias.votes == 8000
    ties = side_bias(ballots_of([("a", "b", "tie", f"v{n}") for n in range(50)]))
    assert ties.share == 0.5 and not ties.clear


@pytest.mark.parametrize("strong_left", [0.2, 0.5, 0.8])
def test_a_side_bias_is_found_whoever_stood_there(strong_left):
    bias = side_bias(sided(8000, 0.4, strong_left, seed=2))
    assert bias.low < 1 / (1 + np.exp(-0.4)) < bias.high and bias.clear
    assert bias.points == pytest.approx(0.4 * SCALE, abs=12)


def test_without_votes_nothing_is_known_of_the_sides():
    bias = side_bias(ballots_of([], ["a", "b"]))
    assert (bias.share, bias.votes, bias.clear) == (0.5, 0, False)
    assert bias.low < 0.1 and bias.high > 0.9
