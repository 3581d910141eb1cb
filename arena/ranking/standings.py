"""Where contenders stand by one way of rating, whole and in slices: what a leaderboard tells."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.covariates import SideBias, side_bias
from arena.ranking.ratings import MINIMUM, Ratings, bootstrap, bradley_terry, reweighted
from arena.ranking.robustness import Upset, upset
from arena.ranking.slices import slices
from arena.ranking.style import Effect, styled
from arena.ranking.summary import reading

WAYS = ("plain", "style", "weighted")
"""Bradley-Terry as it is, at equal style, or each vote at one over the chance of its pair."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A board and what goes with it. `parts` are the boards of slices; `effects` what style is
    worth, empty where it was not asked for. resampled: (k, 2) bootstrap intervals in the order of
    `ratings.rows`, None where not asked for."""

    ratings: Ratings
    sentence: str
    side: SideBias
    upset: Upset | None
    visitors: int
    effects: tuple[Effect, ...]
    parts: Mapping[str, Ratings]
    resampled: np.ndarray | None


def standing(
    ballots: Ballots,
    way: str = "plain",
    by: str = "",
    anchor: str | None = None,
    minimum: int = MINIMUM,
    focus: str = "",
    rounds: int = 0,
    rng: np.random.Generator | None = None,
) -> Standing:
    """Everything, of ballots with the columns that `way` and `by` need.

    focus: whom the sentence is about; the first, where it is not there. rounds: of the bootstrap,
    which needs `rng`. Raises ValueError for a way, a slice or an anchor that is none.
    """
    ratings, effects = rate(ballots, way, anchor, minimum)
    names = ratings.counts.names
    about = focus if focus in names else next((row.name for row in ratings.rows), "")
    resampled = None
    if rounds:
        drawn = bootstrap(ballots, anchor, rounds, rng=rng)
        bounds = np.quantile(drawn, (0.025, 0.975), axis=0).T
        resampled = bounds[[names.index(row.name) for row in ratings.rows]]
    parts = slices(ballots, by) if by else {}
    sentence = reading(ratings, about) if about else "There are no votes."
    if len(ballots) and not ratings.counts.total:
        # None of these votes can be rated in this way.
        sentence, effects = ratings.notes[0], ()
    return Standing(
        ratings=ratings,
        sentence=sentence,
        side=side_bias(ballots),
        upset=upset(ratings.counts),
        visitors=ballots.visitors,
        effects=effects,
        parts={label: rate(part, way, anchor, minimum)[0] for label, part in parts.items()},
        resampled=resampled,
    )


def rate(
    ballots: Ballots, way: str, anchor: str | None, minimum: int
) -> tuple[Ratings, tuple[Effect, ...]]:
    """The ratings by one of WAYS, and what style is worth where it is controlled for."""
    if way == "plain":
        return bradley_terry(ballots.counts(), anchor, ballots, minimum), ()
    if way == "style":
        return styled(ballots, anchor, minimum)
    if way == "weighted":
        return reweighted(ballots, anchor, minimum), ()
    raise ValueError(f"votes are rated {', '.join(WAYS)}, not {way!r}")
