"""Do the intervals of battles that machines judged hold the truth, with a judge of known noise?

On each opener every pair of contenders meets once. What a contender makes of an opener it makes of
it in all its battles there: so these hang together, whoever judges them.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from arena.ranking.ballots import CHOICES, Ballots, PairCounts
from arena.ranking.ratings import bradley_terry
from arena.simulation.coverage import NAMES, TRUTH, Progress
from blend.judging.agreement import mean_lean

LEFT, RIGHT = np.array([*combinations(range(len(NAMES)), 2)]).T


@dataclass(frozen=True, slots=True)
class NoisyJudge:
    """A judge that prefers the side shown first with log-odds of `strength` times how much better
    it is, plus `lean`; each of its answers has noise of its own. taste: the spread of what a
    contender makes of an opener, in log-odds. openers: in a data set."""

    strength: float = 1.0
    lean: float = 0.5
    taste: float = 0.8
    openers: int = 60

    def preferred(self, gaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The chances to prefer the left side where it is shown first, and second."""
        return tuple(
            1 / (1 + np.exp(-(self.strength * gaps + lean))) for lean in (self.lean, -self.lean)
        )

    def limit(self) -> tuple[np.ndarray, float]:
        """(k,) ratings and the position bias that ever more openers come to."""
        at, weight = np.polynomial.hermite_e.hermegauss(60)
        gaps = (TRUTH[LEFT] - TRUTH[RIGHT])[:, None] + self.taste * np.sqrt(2) * at
        first, second = self.preferred(gaps)
        table = np.zeros((len(NAMES), len(NAMES), len(CHOICES)))
        both = np.stack([first * second, (1 - first) * (1 - second)], axis=-1)
        shares = np.concatenate([both, 1 - both.sum(axis=-1, keepdims=True)], axis=-1)
        table[LEFT, RIGHT, :3] = np.einsum("pqc,q->pc", shares, weight / weight.sum())
        ratings = bradley_terry(PairCounts(NAMES, table * 1e6))
        bias = ((first - second) @ (weight / weight.sum())).mean()
        return np.array([ratings[name].rating for name in NAMES]), float(bias)

    def draw(self, rng: np.random.Generator) -> tuple[Ballots, np.ndarray]:
        """The votes of a data set, each opener a visitor, and the lean of each verdict."""
        merits = TRUTH + self.taste * rng.standard_normal((self.openers, len(NAMES)))
        chances = self.preferred(merits[:, LEFT] - merits[:, RIGHT])
        first, second = (rng.random(chance.shape) < chance for chance in chances)
        choice = np.where(first == second, np.where(first, 0, 1), CHOICES.index("tie"))
        opener = np.repeat(np.arange(self.openers, dtype=np.int32), len(LEFT))
        sides = (np.tile(side, self.openers).astype(np.int32) for side in (LEFT, RIGHT))
        ballots = Ballots(NAMES, *sides, choice.ravel().astype(np.int8), opener)
        return ballots, (first.astype(float) - second).ravel()


ALWAYS_FIRST = NoisyJudge(strength=0.0, lean=50.0)


def judged_coverage(
    judge: NoisyJudge, sets: int, rng: np.random.Generator, each: Progress = range
) -> dict[str, float]:
    """How often 95 % intervals hold the ratings and the position bias; "as if alone" takes battles
    of one opener as independent. "found out": how often a bias is told from none."""
    truth, bias = judge.limit()
    inside: dict[str, list[np.ndarray]] = {}
    for _ in each(sets):
        ballots, leans = judge.draw(rng)
        counts = ballots.counts()
        lean = mean_lean(leans, ballots.visitor)
        found = {
            "ratings": bradley_terry(counts, ballots=ballots),
            "as if alone": bradley_terry(counts),
        }
        for name, ratings in found.items():
            rows = [ratings[contender] for contender in NAMES]
            held = [row.low <= t <= row.high for row, t in zip(rows, truth, strict=True)]
            inside.setdefault(name, []).append(np.array(held))
        inside.setdefault("bias", []).append(np.array([lean.low <= bias <= lean.high]))
        inside.setdefault("found out", []).append(np.array([bool(lean.side())]))
    return {name: float(np.concatenate(hits).mean()) for name, hits in inside.items()}
