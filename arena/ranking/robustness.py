"""How firm the top is: the fewest votes that would have to be turned to put another there."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import PairCounts
from arena.ranking.bradley_terry import fit_strengths, laplacian, prior, win_probability
from arena.texts import ENGLISH, Texts


@dataclass(frozen=True, slots=True)
class RankFlip:
    """Turning `votes` of `out_of` votes that compare puts `challenger` above `top`."""

    top: str
    challenger: str
    votes: int
    out_of: int

    def sentence(self, texts: Texts = ENGLISH) -> str:
        """For a reader."""
        share = texts.percent(self.votes / self.out_of, 2)
        names = {"top": self.top, "challenger": self.challenger}
        return texts("ranking.upset", n=self.votes, of=self.out_of, share=share, **names)


def fewest_flips(counts: PairCounts, retired: Collection[str] = ()) -> RankFlip | None:
    """The fewest turned votes that take the top's place away; None where nobody could take it.

    retired: names that cannot be on top, though their votes count.

    To turn a vote is to give its whole point to the other side. Which votes move the difference of
    two strengths most is read off its gradient (as in arXiv 2508.11847, there for dropped votes);
    half of what seems needed is turned, everything is fitted again, until the top has changed. So
    the number given is enough, and as small as turning the most telling votes first makes it.
    """
    names, out_of = counts.names, round(counts.points.sum())
    may = [i for i, name in enumerate(names) if name not in retired]
    if not (out_of and may):
        return None
    xi = fit_strengths(counts.points[None], None)[0, : len(names)]
    top, *others = sorted(may, key=lambda i: -xi[i])
    # Who never met the top, or anybody who did, is above or below it by the prior alone.
    near = next(group for group in counts.groups() if names[top] in group)
    best = None
    for rival in (i for i in others if names[i] in near):
        limit = out_of if best is None else best.votes - 1
        votes = _flips_needed(counts, top, rival, limit)
        if votes is not None:
            best = RankFlip(names[top], names[rival], votes, out_of)
    return best


def _flips_needed(counts: PairCounts, top: int, rival: int, limit: int) -> int | None:
    """How many turned votes bring `rival` above `top`; None if it takes more than `limit`."""
    left, right, tie = np.moveaxis(counts.table, 2, 0)[:3]
    won, tied = left + right.T, np.triu(tie + tie.T)
    done = 0
    while True:
        gap, pull = _gap(won + (tied + tied.T) / 2, top, rival)
        if gap < 0:
            return done
        turned = _flip(won, tied, gap, pull)
        done += turned
        if not turned or done > limit:
            return None


def _gap(points: np.ndarray, top: int, rival: int) -> tuple[float, np.ndarray]:
    """ξ[top] - ξ[rival], and (k,) how much it grows with each contender's points."""
    k = len(points)
    phantom, reference = prior(k, None)
    xi = fit_strengths(points[None], None)[0]
    n = phantom * 2
    n[:k, :k] += points + points.T
    p = win_probability(xi)
    free = np.delete(np.arange(k + 1), reference)
    contrast = np.zeros(k + 1)
    contrast[top], contrast[rival] = 1.0, -1.0
    information = laplacian(n * p * (1 - p))[np.ix_(free, free)]
    return float(xi[top] - xi[rival]), np.linalg.solve(information, contrast[free])


def _flip(won: np.ndarray, tied: np.ndarray, gap: float, pull: np.ndarray) -> int:
    """Turn half of the votes that seem needed to close the gap, the most telling ones, in place.

    won, tied: (k, k) votes of row over column, and of pairs (upper triangle). A turned tie is a
    win of the side that pulls less. Returns how many were turned; 0 where none would help.
    """
    gain = pull[:, None] - pull[None, :]
    each = np.stack([gain, np.abs(gain) / 2])
    there = np.where(each > 0, np.stack([won, tied]), 0.0)
    order = np.argsort(-each, axis=None, kind="stable")
    n, worth = there.ravel()[order], each.ravel()[order]
    closed = np.cumsum(n * worth)
    cell = min(int(np.searchsorted(closed, gap)), len(n) - 1)
    need = n[:cell].sum() + (gap - closed[cell] + n[cell] * worth[cell]) / max(worth[cell], 1e-300)
    few = max(1, int(min(need, n.sum()) / 2))
    amount = np.empty_like(n)
    amount[order] = np.clip(few - (np.cumsum(n) - n), 0, n)
    wins, ties = amount.reshape(there.shape)
    won += wins.T - wins
    won += np.where(gain < 0, ties, 0) + np.where(gain > 0, ties, 0).T
    tied -= ties
    return round(amount.sum())
