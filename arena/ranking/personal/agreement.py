"""How far one visitor agrees with all others: whether these would have foretold their votes, and
whom they rate higher or lower than the others do."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

from arena.ranking.ballots import Ballots, PairCounts
from arena.ranking.personal.posterior import posterior
from arena.ranking.personal.ranking import ENOUGH, comparisons
from arena.ranking.ratings import SCALE, Ratings, bradley_terry
from blend.evaluation.shares import wilson_bounds

LEVEL = 0.05
"""The chance that anybody at all is called rated higher or lower by who rates all as others do."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One visitor's taste beside that of all others.

    agreed of `foretold` decisive votes went to whom the others rate higher, a share between low and
    high (95 %). tastes: by contender, 1 where the visitor rates it higher than the others do, -1
    where lower, 0 where it cannot be told.
    """

    agreed: int
    foretold: int
    low: float
    high: float
    tastes: Mapping[str, int]

    @property
    def enough(self) -> bool:
        """Whether there are votes enough for a share to say anything."""
        return self.foretold >= ENOUGH


def rate_others(ballots: Ballots, visitor: int | None) -> Ratings:
    """The board of all votes but those of one visitor, by their number in the ballots; of all votes
    where they have none there."""
    lean = Ballots(ballots.names, ballots.left, ballots.right, ballots.choice, ballots.visitor)
    others = lean if visitor is None else lean.where(ballots.visitor != visitor)
    return bradley_terry(others.counts(), ballots=others)


def compare_tastes(own: PairCounts, others: Ratings) -> Agreement:
    """One visitor's counted votes, by name, beside the board of all others."""
    wins = own.table[:, :, 0] + own.table[:, :, 1].T  # of the row over the column
    gaps = others.gaps(own.names)
    agreed, foretold = round(wins[gaps > 0].sum()), round(wins[gaps != 0].sum())
    low, high = wilson_interval(agreed, foretold)
    return Agreement(agreed, foretold, low, high, _tastes(own, others))


def wilson_interval(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval (1927) of a share of n; everything where n is none."""
    if not n:
        return 0.0, 1.0
    low, high = wilson_bounds(hits / n, n)
    # Rounding may put a bound just past a share of 0 or of 1.
    return max(0.0, min(float(low), hits / n)), min(1.0, max(float(high), hits / n))


def _tastes(own: PairCounts, others: Ratings) -> dict[str, int]:
    """Whom the visitor rates higher (1) or lower (-1) than the others do.

    Both about the mean of the contenders that both know, and for all contenders at once. The
    interval of the difference takes from each side the half that faces the other (Zou and Donner
    2008): the visitor's own is skewed.
    """
    seen = dict(zip(others.counts.names, others.counts.compared.tolist(), strict=True))
    known = [n for n, c in zip(own.names, own.compared, strict=True) if c and seen.get(n)]
    if len(known) < 2 or comparisons(own) < ENOUGH:
        return {}
    mine = posterior(own, known)
    chance = 1 - LEVEL / len(known)
    z = NormalDist().inv_cdf((1 + chance) / 2)
    mean = dict(zip(mine.names, mine.weights.tolist(), strict=True))
    lows, highs = mine.interval(chance)
    tastes = {}
    for name, best, low, high in zip(mine.names, mine.best, lows, highs, strict=True):
        if name not in known:
            continue
        weights = {each: (each == name) - mean[each] for each in known}
        theirs, error = (value / SCALE for value in others.contrast(weights))
        gap, half = best - theirs, z * error
        above = gap - math.hypot(best - low, half) > 0
        below = gap + math.hypot(high - best, half) < 0
        tastes[name] = int(above) - int(below)
    return tastes
