"""Where contenders stand by one way of rating, whole and in slices: what a leaderboard tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from arena.ballot import Ballots
from arena.rating import MINIMUM, Ratings, bootstrap, bradley_terry
from arena.reading import reading
from arena.reweighted import reweighted
from arena.side import SideBias, side_bias
from arena.slices import slices
from arena.style import Effect, styled
from arena.upset import Upset, upset

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
    rate = _way(way, anchor, minimum)
    ratings, effects = rate(ballots)
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
        parts={label: rate(part)[0] for label, part in parts.items()},
        resampled=resampled,
    )


Rated = tuple[Ratings, tuple[Effect, ...]]


def _way(way: str, anchor: str | None, minimum: int) -> Callable[[Ballots], Rated]:
    if way not in WAYS:
        raise ValueError(f"votes are rated {', '.join(WAYS)}, not {way!r}")
    return partial({"plain": _plain, "style": _style, "weighted": _weighted}[way], anchor, minimum)


def _plain(anchor: str | None, minimum: int, ballots: Ballots) -> Rated:
    return bradley_terry(ballots.counts(), anchor, ballots, minimum), ()


def _style(anchor: str | None, minimum: int, ballots: Ballots) -> Rated:
    found = styled(ballots, anchor, minimum)
    return found.ratings, found.effects


def _weighted(anchor: str | None, minimum: int, ballots: Ballots) -> Rated:
    return reweighted(ballots, anchor, minimum), ()
