"""Which way of taking ties foretells votes better, of visitors whom the fit has not seen."""

import math
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import Ballots, PairCounts
from arena.ranking.bradley_terry import fit_strengths, win_probability
from arena.ranking.ratings import Z
from arena.ranking.sensitivity.ties import TIE, fit_davidson, outcome_chances
from arena.ranking.sensitivity.voters import FEWEST

FOLDS = 10


@dataclass(frozen=True, slots=True)
class HeldOutLoss:
    """The log-loss of win, tie or loss, in nats a vote that compares, on held-out visitors.

    gain: how much lower Davidson's is, with its 95 % interval, which takes the votes of one visitor
    as one. It does not count that the folds' fits share votes (Bengio and Grandvalet 2004).
    """

    davidson: float
    half_win: float
    gain: float
    low: float
    high: float
    votes: int

    @property
    def better(self) -> str:
        """ "davidson" or "half_win", where the interval leaves 0 out; else empty."""
        return "davidson" if self.low > 0 else "half_win" if self.high < 0 else ""


def held_out_loss(ballots: Ballots) -> HeldOutLoss | None:
    """Cross-validation by visitor, in ten folds, on the votes that compare; None with fewer than
    FEWEST visitors who gave any."""
    ballots = ballots.where(ballots.compares)
    v, k = ballots.visitors, len(ballots.names)
    if v < FEWEST:
        return None
    fold = (ballots.visitor % FOLDS).astype(np.int64)
    pair = ballots.left.astype(np.int64) * k + ballots.right
    cell = (fold * k * k + pair) * 4 + ballots.choice
    tables = np.bincount(cell, minlength=FOLDS * k * k * 4).astype(float)
    tables = tables.reshape(FOLDS, k, k, 4)
    every = tables.sum(0)
    losses = [_losses(PairCounts(ballots.names, every - left_out)) for left_out in tables]
    davidson, half_win = np.moveaxis(np.array(losses), 1, 0)
    gain = (half_win - davidson).ravel().take(cell)
    mean, n = float(gain.mean()), len(ballots)
    person = np.bincount(ballots.visitor, gain - mean)
    half = Z * math.sqrt(float(person @ person) * v / (v - 1)) / n
    loss = [float((one * tables).sum() / n) for one in (davidson, half_win)]
    return HeldOutLoss(*loss, mean, mean - half, mean + half, n)


def _losses(counts: PairCounts) -> tuple[np.ndarray, np.ndarray]:
    """(k, k, 4) of Davidson's fit, and of the half win's: minus the log of each outcome's chance.
    Both bad, which is in no vote here, has 0."""
    k = len(counts.names)
    xi, delta = fit_davidson(counts, None)
    return _as_losses(*outcome_chances(xi[:k], delta)), _as_losses(*half_win_chances(counts))


def half_win_chances(counts: PairCounts) -> tuple[np.ndarray, np.ndarray]:
    """(k, k) how likely the row beats the column, and (k, k) how likely they tie, by the board's
    fit, whose p is an expected score and says nothing of ties.

    The rule for them: a tie is as likely as 4 τ p (1 - p), and takes as much from a win as from a
    loss. So the expected score stays p, and ties are likeliest between equals, as by Davidson, and
    with one parameter as there. τ, at most ½ lest a chance is negative, is the share of ties
    between equals that gives as many ties as there are; one more tie and one more decided vote
    keep it off 0.
    """
    k = len(counts.names)
    p = win_probability(fit_strengths(counts.points[None], None)[0, :k])
    met = counts.points + counts.points.T
    expected = (met * 4 * p * (1 - p)).sum() / 2
    tau = min(0.5, (counts.table[:, :, TIE].sum() + 1) / (expected + 2))
    tie = 4 * tau * p * (1 - p)
    return p - tie / 2, tie


def _as_losses(win: np.ndarray, tie: np.ndarray) -> np.ndarray:
    chances = np.stack([win, win.T, tie, np.ones_like(tie)], axis=2)
    return -np.log(chances)
