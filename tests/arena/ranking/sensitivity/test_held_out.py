"""Which model of ties foretells votes better: against a plain loop; few visitors say nothing."""

from dataclasses import replace

import numpy as np
import pytest

from arena.ranking.ballots import CHOICES
from arena.ranking.sensitivity.held_out import FOLDS, half_win_chances, held_out_loss
from arena.ranking.sensitivity.ties import fit_davidson, outcome_chances
from arena.ranking.sensitivity.voters import FEWEST
from arena.simulation.coverage import ALONE
from arena.simulation.synthetic_votes import draw_votes


def test_it_is_what_a_loop_over_votes_finds():
    ballots = draw_votes(replace(ALONE, visitors=30), 300, np.random.default_rng(1)).ballots
    found = held_out_loss(ballots)
    kept = ballots.where(ballots.compares)
    losses = {"davidson": [], "half_win": []}
    for fold in range(FOLDS):
        train = kept.where(kept.visitor % FOLDS != fold).counts()
        chances = {
            "davidson": outcome_chances(*_fitted(train)),
            "half_win": half_win_chances(train),
        }
        test = kept.where(kept.visitor % FOLDS == fold)
        for left, right, choice in zip(test.left, test.right, test.choice, strict=True):
            for name, (win, tie) in chances.items():
                by_choice = {"left": win[left, right], "right": win[right, left]}
                of_vote = by_choice.get(CHOICES[choice], tie[left, right])
                losses[name].append(-np.log(of_vote))
    assert found.davidson == pytest.approx(np.mean(losses["davidson"]))
    assert found.half_win == pytest.approx(np.mean(losses["half_win"]))
    assert found.gain == pytest.approx(found.half_win - found.davidson)
    assert found.low < found.gain < found.high and found.votes == len(kept)


def _fitted(counts):
    xi, delta = fit_davidson(counts, None)
    return xi[: len(counts.names)], delta


def test_the_half_wins_rule_for_ties_keeps_the_expected_score():
    counts = draw_votes(ALONE, 3000, np.random.default_rng(2)).ballots.counts()
    win, tie = half_win_chances(counts)
    assert win + win.T + tie == pytest.approx(np.ones_like(win))
    met = counts.points + counts.points.T
    assert (met * (win + tie / 2)).sum(1) == pytest.approx(counts.points.sum(1), abs=3)
    assert (met * tie).sum() / 2 == pytest.approx(counts.table[:, :, 2].sum(), abs=2)


def test_few_visitors_say_nothing():
    few = draw_votes(replace(ALONE, visitors=FEWEST - 1), 500, np.random.default_rng(4)).ballots
    assert held_out_loss(few) is None
