"""What else than strength sways votes: the side, and for a blend its turns and its context.

P(left beats right) = σ(ξ[left] - ξ[right] + x·β). Which columns x has, and what makes each of them
known, is in the README; a column that the votes do not tell apart has no number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.context.draws import ReplyDraws, Surprise, Writers, blends, surprise
from arena.ranking.covariates import EVEN, fit_covariates, own_variation
from arena.ranking.ratings import MINIMUM, SCALE, Z
from arena.ranking.style import standardised, with_style
from arena.texts import ENGLISH, Texts
from blend.evaluation.resample import Estimate

NAMES = ("left", "turns", "hand_offs", "own_share")
"""In the order in which they are told apart: each from strengths and from those before it."""

COLUMNS = ("turns", "left_draws", "right_draws")
"""The columns of the ballots that they are made of."""

NO_SURPRISE = Surprise(0.0, 0.0, {})


@dataclass(frozen=True, slots=True)
class Influence:
    """What one more of something is worth to a side, in rating points with the 95 % interval.

    name: one of NAMES. estimate: None where the votes do not tell it. votes: those that compare and
    whose sides differ in it. tied: whether it goes with the others where they differ; else they
    differ too seldom.
    """

    name: str
    estimate: Estimate | None
    votes: int
    tied: bool = False

    def sentence(self, texts: Texts = ENGLISH) -> str:
        """For a reader."""
        what = texts(f"ranking.influence_{self.name}")
        if self.estimate is None:
            why = "tied" if self.tied else "few"
            return texts(f"ranking.influence_{why}", what=what, n=self.votes)
        value, low, high = self.estimate.value, self.estimate.low, self.estimate.high
        return texts("ranking.influence", what=what, value=value, low=low, high=high)


def influence_sentences(found: Iterable[Influence], texts: Texts = ENGLISH) -> list[str]:
    """All of them read out; those in which the sides never differed in one sentence."""
    differ = [each for each in found if each.votes]
    sentences = [each.sentence(texts) for each in differ]
    return sentences if len(differ) == len(NAMES) else [*sentences, texts("ranking.influence_none")]


def influences(
    ballots: Ballots, by: Mapping[str, Writers], at_equal_style: bool = False
) -> tuple[Influence, ...]:
    """All of NAMES, of votes with the columns of COLUMNS, and `style` for those at equal style.

    by: who writes for each contender. A column is told apart where what strengths and the columns
    before it leave of it is worth MINIMUM votes whose sides differ by one. Which models wrote is in
    the fit as well: a good writer is no good context. Intervals take the votes of one visitor as
    one opinion.
    """
    if at_equal_style:
        ballots = with_style(ballots)
    x, kind = _design(ballots, by)
    if at_equal_style:
        x, kind = np.column_stack([standardised(ballots)[0], x[kind]]), np.arange(len(ballots))
    others = x.shape[1] - len(NAMES)
    total, own = own_variation(ballots, x, kind)
    known = own >= MINIMUM
    known[:others] = True
    model = fit_covariates(ballots, x[:, known], None, EVEN, kind)
    place = np.cumsum(known) - 1
    differs = np.bincount(kind[ballots.compares], minlength=len(x)) @ (np.abs(x) > 1e-9)
    found = []
    for column, name in enumerate(NAMES, others):
        estimate = None
        if known[column]:
            value, half = SCALE * model.beta[place[column]], SCALE * Z * model.errors[place[column]]
            estimate = Estimate(*(float(each) for each in (value, value - half, value + half)))
        tied = estimate is None and bool(total[column] >= MINIMUM)
        found.append(Influence(name, estimate, int(differs[column]), tied))
    return tuple(found)


def _design(ballots: Ballots, by: Mapping[str, Writers]) -> tuple[np.ndarray, np.ndarray]:
    """(r, d) rows of x, what each model wrote first and then NAMES, and (n,) the row of each vote.

    What is not known of a side is as it was to be expected: 0.
    """
    several = {*blends(by)}
    blend = np.array([name in several for name in ballots.names], np.int64)
    # To two blends, or two single models, a further turn is the same.
    turns = (ballots.column("turns").astype(np.int64) - 1).clip(min=0)
    turns *= blend[ballots.left] - blend[ballots.right]
    first, size = turns.min(initial=0), len(ballots.draws) + 1
    left, right = (ballots.column(name).astype(np.int64) for name in COLUMNS[1:])
    cell = ((turns - first) * size + left + 1) * size + right + 1
    cells, kind = np.unique(cell, return_inverse=True)
    rest, right = np.divmod(cells, size)
    turns, left = np.divmod(rest, size)
    codes, place = np.unique(np.stack([left, right]), return_inverse=True)
    table = _surprises([ballots.draws[code - 1] if code else None for code in codes.tolist()], by)
    each = table[place[0]] - table[place[1]]
    x = np.column_stack([each[:, :-2], np.ones(len(cells)), turns + first, each[:, -2:]])
    return x, kind


def _surprises(draws: Sequence[ReplyDraws | None], by: Mapping[str, Writers]) -> np.ndarray:
    """(draws, models + 2): of each what each model wrote, hand-offs and own share beyond what was
    expected; 0 for None, of which nothing is known."""
    models = {member: model for each in by.values() for member, model in each.items()}
    found = [surprise(each, models) if each else NO_SURPRISE for each in draws]
    names = sorted({name for each in found for name in each.wrote})
    rows = [
        (*(each.wrote.get(name, 0.0) for name in names), each.hand_offs, each.own_share)
        for each in found
    ]
    return np.array(rows).reshape(-1, len(names) + 2)
