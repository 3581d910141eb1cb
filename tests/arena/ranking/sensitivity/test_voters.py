"""Voters who judge and voters who toss coins: the likelihood, its maximum, and what it finds."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from arena.ranking.bradley_terry import fit_strengths
from arena.ranking.ratings import bradley_terry
from arena.ranking.sensitivity.voter_likelihood import DecidedVotes
from arena.ranking.sensitivity.voters import FEWEST, rate_judges
from arena.simulation.coverage import ALONE
from arena.simulation.synthetic_votes import draw_votes

COINS = replace(ALONE, bad=0.3, habits=("left", "hasty"))


def decided(world, n, seed):
    ballots = draw_votes(world, n, np.random.default_rng(seed)).ballots
    return ballots.where(ballots.choice < 2)


def direct(ballots, xi, alpha):
    """The log-likelihood less that of coins, voter by voter."""
    judge, total = 1 / (1 + math.exp(-alpha)), 0.0
    for voter in range(ballots.visitors):
        own = ballots.where(ballots.visitor == voter)
        p = 1 / (1 + np.exp(xi[own.right] - xi[own.left]))
        chance = np.where(own.choice == 0, p, 1 - p)
        total += math.log(judge * np.prod(2 * chance) + 1 - judge)
    return total + sum(-np.logaddexp(0, x) - np.logaddexp(0, -x) for x in xi)


def test_the_likelihood_and_its_derivatives():
    ballots = decided(replace(COINS, visitors=40), 300, 1)
    votes, rng = DecidedVotes.of(ballots, None), np.random.default_rng(2)
    theta, step = np.append(rng.normal(size=6), [0.0, 0.7]), 1e-5

    def at(some):
        return votes.likelihood(some[:-1], some[-1])

    value, gradient = at(theta)
    assert value == pytest.approx(direct(ballots, theta[:6], theta[-1]))
    shifts = [step * row for row in np.eye(8)[[0, 1, 2, 3, 4, 5, 7]]]
    slope = [(at(theta + s)[0] - at(theta - s)[0]) / (2 * step) for s in shifts]
    assert gradient[[0, 1, 2, 3, 4, 5, 7]] == pytest.approx(slope, abs=1e-5)
    curve = np.array([(at(theta - s)[1] - at(theta + s)[1]) / (2 * step) for s in shifts])
    known = votes.information(theta[:-1], theta[-1])
    p = 1 / (1 + np.exp(-theta[:6]))
    known[np.arange(6), np.arange(6)] += 2 * p * (1 - p)
    assert known[np.ix_(range(6), range(6))] == pytest.approx(curve[:6, :6], abs=1e-4)
    assert known[7, [0, 1, 2, 3, 4, 5, 7]] == pytest.approx(
        curve[6, [0, 1, 2, 3, 4, 5, 7]], abs=1e-4
    )


def test_it_is_the_maximum():
    ballots = decided(COINS, 1500, 3)
    votes = DecidedVotes.of(ballots, None)
    start = fit_strengths(votes.points[None], None)[0]
    xi, alpha = votes.maximum(start, 2.0)

    def loss(some):
        prior = np.logaddexp(0, some[-1]) + np.logaddexp(0, -some[-1])
        return prior / 2 - votes.likelihood(np.append(some[:-1], 0.0), some[-1])[0]

    best = minimize(loss, np.append(start[:6], 2.0), method="BFGS").x
    assert np.append(xi[:6], alpha) == pytest.approx(best, abs=2e-3)
    highest = votes.profile(xi, alpha)
    assert highest(math.inf) == pytest.approx(votes.likelihood(start, math.inf)[0], abs=1e-3)
    nearby = minimize(lambda some: loss(np.append(some, 0.0)), start[:6], method="BFGS")
    assert highest(0.0) == pytest.approx(math.log(2) - nearby.fun, abs=1e-3)


def test_coin_tossers_are_found_and_draw_strengths_together_no_more():
    ballots = draw_votes(COINS, 20_000, np.random.default_rng(4)).ballots
    found = rate_judges(ballots)
    assert found.low < 0.3 < found.high and found.high - found.low < 0.2
    judged, plain = (
        board.difference("Blended", "fir")[0] for board in (found.ratings, found.plain)
    )
    assert judged > 1.2 * plain


def test_where_all_judge_there_may_be_none_and_nothing_changes():
    ballots = draw_votes(ALONE, 20_000, np.random.default_rng(5)).ballots
    found = rate_judges(ballots)
    assert found.low == 0 and found.high < 0.1
    for row in found.plain.rows:
        assert found.ratings[row.name].rating == pytest.approx(row.rating, abs=3)


def test_all_voters_alike_is_bradley_terry_on_the_decided_votes():
    ballots = draw_votes(ALONE, 2000, np.random.default_rng(6)).ballots
    kept = ballots.where(ballots.choice < 2)
    plain = bradley_terry(kept.counts(), ballots=kept, anchor="elm")
    found = rate_judges(ballots, "elm").plain
    for row in plain.rows:
        assert found[row.name].low == pytest.approx(row.low, abs=1e-6)


def test_who_calls_much_equal_is_no_coin_tosser():
    ballots = draw_votes(ALONE, 3000, np.random.default_rng(7)).ballots
    ties = ballots.where(ballots.choice == 2)
    first = rate_judges(ballots)
    columns = {
        name: np.concatenate([getattr(ballots, name), getattr(ties, name)])
        for name in ("left", "right", "choice", "visitor")
    }
    more = rate_judges(replace(ballots, **columns, columns={}))
    assert (more.share, more.low, more.high) == (first.share, first.low, first.high)


def test_few_voters_say_nothing():
    few = draw_votes(replace(ALONE, visitors=FEWEST - 1), 400, np.random.default_rng(8)).ballots
    assert rate_judges(few) is None
