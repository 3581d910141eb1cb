"""Davidson's model: against a general optimizer, and where ties are all, none, or nobody's."""

from dataclasses import replace

import numpy as np
import pytest
from ballot_rows import ballots_of
from scipy.optimize import minimize

from arena.ranking.ballots import Ballots
from arena.ranking.ratings import bradley_terry
from arena.ranking.sensitivity.ties import fit_davidson, outcome_chances, rate_with_ties
from arena.simulation.coverage import ALONE, TRUTH
from arena.simulation.synthetic_votes import draw_votes

TIED = replace(ALONE, nu=0.8)


@pytest.mark.parametrize("anchor", [None, 2])
def test_it_is_the_maximum(anchor):
    ballots = draw_votes(TIED, 300, np.random.default_rng(1)).ballots
    xi, delta = fit_davidson(ballots.counts(), anchor)
    k, m = len(ballots.names), len(xi)
    free = np.delete(np.arange(m), k if anchor is None else anchor)
    kept = ballots.where(ballots.compares)

    def loss(some):
        strengths, d = np.zeros(m), some[-1]
        strengths[free] = some[:-1]
        pi, nu = np.exp(strengths), np.exp(d)
        a, b = pi[kept.left], pi[kept.right]
        tie = nu * np.sqrt(a * b)
        chances = np.stack([a, b, tie]) / (a + b + tie)
        games = np.logaddexp(0, some[:-1]) + np.logaddexp(0, -some[:-1])
        prior = games.sum() - np.log(2 * nu / (2 + nu) ** 2)
        return prior - np.log(chances[kept.choice, np.arange(len(kept))]).sum()

    best = minimize(loss, np.zeros(len(free) + 1), method="BFGS", options={"gtol": 1e-8}).x
    assert np.append(xi[free], delta) == pytest.approx(best, abs=1e-4)


def test_the_chances_are_those_of_the_paper():
    win, tie = outcome_chances(np.log([3.0, 1.0]), np.log(0.5))
    whole = 3 + 1 + 0.5 * np.sqrt(3)
    assert win[0, 1] == pytest.approx(3 / whole) and win[1, 0] == pytest.approx(1 / whole)
    assert tie[0, 1] == tie[1, 0] == pytest.approx(0.5 * np.sqrt(3) / whole)


def test_what_made_the_votes_is_found():
    found = rate_with_ties(draw_votes(TIED, 50_000, np.random.default_rng(2)).ballots)
    assert found.nu == pytest.approx(0.8, abs=0.05)
    assert found.low < 0.8 / 2.8 < found.high and found.share == pytest.approx(0.8 / 2.8, abs=0.01)
    gap, error = found.ratings.difference("Blended", "fir")
    assert abs(gap - 400 / np.log(10) * (TRUTH[0] - TRUTH[-1])) < 3 * error


def test_without_ties_it_is_bradley_terry():
    decided = draw_votes(replace(TIED, nu=0, ties=0), 2000, np.random.default_rng(3)).ballots
    found, plain = rate_with_ties(decided), bradley_terry(decided.counts(), ballots=decided)
    assert found.share < 0.002 and found.low < found.share < found.high
    for row in plain.rows:
        assert found.ratings[row.name].rating == pytest.approx(row.rating, abs=0.2)
        assert found.ratings[row.name].high == pytest.approx(row.high, abs=0.2)


def test_both_bad_is_no_tie():
    ballots = draw_votes(TIED, 1000, np.random.default_rng(4)).ballots
    all_votes, compared = rate_with_ties(ballots), rate_with_ties(ballots.where(ballots.compares))
    assert all_votes.share == compared.share
    assert all_votes.ratings["elm"].rating == compared.ratings["elm"].rating
    assert all_votes.ratings["elm"].both_bad > 0 == compared.ratings["elm"].both_bad


def test_nothing_but_ties_is_finite():
    found = rate_with_ties(ballots_of([("a", "b", "tie", f"v{n}") for n in range(50)]))
    assert 0.9 < found.share < found.high < 1
    assert found.ratings["a"].rating == found.ratings["b"].rating == 1000


def test_an_anchor_is_1000():
    ballots = draw_votes(TIED, 500, np.random.default_rng(5)).ballots
    row = rate_with_ties(ballots, "birch").ratings["birch"]
    assert (row.rating, row.low, row.high) == (1000, 1000, 1000)


def test_votes_copied_by_their_visitor_do_not_shrink_the_intervals():
    ballots = draw_votes(TIED, 800, np.random.default_rng(6)).ballots
    columns = (ballots.left, ballots.right, ballots.choice, ballots.visitor)
    four = Ballots(ballots.names, *(np.tile(column, 4) for column in columns))
    one_share, four_share = rate_with_ties(ballots), rate_with_ties(four)
    width = one_share.high - one_share.low
    assert four_share.high - four_share.low == pytest.approx(width, rel=0.1)
