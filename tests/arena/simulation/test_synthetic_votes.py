"""A made-up arena: what is put in is what comes out."""

from dataclasses import replace

import numpy as np
import pytest

from arena.ranking.ballots import CHOICES
from arena.ranking.bradley_terry import fit_strengths
from arena.ranking.pairing import POLICIES
from arena.simulation.synthetic_votes import (
    HABITS,
    LANGUAGES,
    START,
    SyntheticArena,
    draw_votes,
    limiting_strengths,
)

TRUTH = np.array([0.6, 0.1, -0.2, -0.5])
PLAIN = SyntheticArena(tuple("abcd"), TRUTH, visitors=500, both_bad=0.0)


def drawn(n=60_000, seed=1, **changes):
    return draw_votes(replace(PLAIN, **changes), n, np.random.default_rng(seed))


def fitted(ballots):
    xi = fit_strengths(ballots.counts().points[None], None)[0, :4]
    return xi - xi.mean()


def share(ballots, choice):
    return (ballots.choice == CHOICES.index(choice)).mean()


@pytest.mark.parametrize("ties", [0.0, 0.2, 0.5])
def test_strengths_come_back_whatever_the_ties(ties):
    assert fitted(drawn(ties=ties).ballots) == pytest.approx(TRUTH, abs=0.04)


def test_ties_bad_pairs_and_sides_are_as_common_as_said():
    ballots = drawn(strengths=np.zeros(4), ties=0.45, both_bad=0.1).ballots
    assert share(ballots, "both_bad") == pytest.approx(0.1, abs=0.01)
    assert share(ballots, "tie") == pytest.approx(0.45 * 0.9, abs=0.01)
    ballots = drawn(strengths=np.zeros(4), ties=0.0, side=0.4).ballots
    assert share(ballots, "left") == pytest.approx(1 / (1 + np.exp(-0.4)), abs=0.01)
    assert [len(drawn(n, pairing="adaptive").ballots) for n in (0, 1)] == [0, 1]


def test_tastes_pull_together_as_the_limit_says():
    world = replace(PLAIN, taste=1.2, visitors=20_000)
    pulled = limiting_strengths(world)
    assert np.ptp(pulled) < 0.85 * np.ptp(TRUTH)
    ballots = draw_votes(world, 200_000, np.random.default_rng(2)).ballots
    assert fitted(ballots) == pytest.approx(pulled, abs=0.04)
    assert limiting_strengths(PLAIN) == pytest.approx(TRUTH, abs=1e-4)


def test_style_sways_votes():
    swayed = {"style": np.array([2.0, 0, 0, 0]), "wordy": np.array([3, 1, 1, 1])}
    some = drawn(strengths=np.zeros(4), **swayed)
    assert fitted(some.ballots)[0] > 0.5
    characters = [some.marks[some.ballots.left == who, 0].mean() for who in (0, 1)]
    assert characters[0] > 2.5 * characters[1]


def test_the_first_gains_with_every_turn():
    ballots = drawn(strengths=np.zeros(4), gain=0.5, ties=0.0).ballots
    for turns, gain in ((1, 0.0), (3, 1.0)):
        there = ballots.column("turns") == turns
        xi = fitted(ballots.where(there))
        assert xi[0] - xi[1:].mean() == pytest.approx(gain, abs=0.15)


def test_habits():
    some = drawn(bad=0.5, visitors=2000)
    assert np.bincount(some.habit) / 2000 == pytest.approx([0.5] + 3 * [1 / 6], abs=0.04)
    habit = some.habit[some.ballots.visitor]
    assert (some.ballots.choice[habit == HABITS.index("left")] == 0).all()
    assert (some.record.waited[habit == HABITS.index("hasty")] < 0.3).all()
    fans = some.ballots.where(habit == HABITS.index("fan"))
    assert (fans.choice[fans.left == 3] == 0).all() and (fans.choice[fans.right == 3] == 1).all()


@pytest.mark.parametrize("policy", POLICIES)
def test_pairs_are_drawn_by_the_policy(policy):
    ballots = drawn(5000, pairing=policy).ballots
    assert (ballots.left != ballots.right).all()
    met = ballots.counts().win_rates()[1]
    chance = ballots.column("chance")
    if policy == "focus":
        assert met[1:, 1:].sum() == 0 and (chance == 1 / 3).all()
    else:
        assert (met[~np.eye(4, dtype=bool)] > 300).all()
        assert (chance == 1 / 6).all() == (policy == "round_robin")


def test_columns_are_complete_and_in_time():
    some = drawn(2000, days=10)
    created = some.ballots.column("created")
    assert (np.diff(created) >= 0).all() and created[0] >= START
    assert created[-1] <= START + 10 * 86_400
    assert some.ballots.languages == tuple(LANGUAGES)
    assert {len(column) for column in some.ballots.columns.values()} == {2000}
    assert not np.isnan(some.ballots.column("style")).any()
