"""Standings: ratings by one method, whole and in slices, with side bias and robustness."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.caveats import caveats
from arena.ranking.context.draws import Writers
from arena.ranking.context.influences import COLUMNS, Influence, influences
from arena.ranking.covariates import SideBias, side_bias
from arena.ranking.ratings import MINIMUM, Ratings, bootstrap, bradley_terry, weighted_ratings
from arena.ranking.robustness import RankFlip, fewest_flips
from arena.ranking.sensitivity.power import PairPower, neighbour_power
from arena.ranking.slices import slices
from arena.ranking.style import Effect, rate_at_equal_style, style_notes
from arena.ranking.summary import summary_sentence
from arena.texts import ENGLISH, Texts

NOBODY: Mapping[str, Writers] = {}

METHODS = ("plain", "style", "weighted")
"""Bradley-Terry as it is, at equal style, or each vote at one over the chance of its pair."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Standings:
    """Ratings and what goes with them.

    method: one of METHODS. focus: whom the sentence is about; empty where nobody is there. retired:
    whom nobody is compared with. ballots: all that were given, ratable or not. parts: the ratings
    of each slice. effects: what style is worth; empty by other methods. influences: what else sways
    votes; empty where what they are made of was not read. resampled: (k, 2) bootstrap intervals in
    the order of `ratings.rows`; None without rounds.
    """

    method: str
    focus: str
    retired: frozenset[str]
    ballots: Ballots
    ratings: Ratings
    side: SideBias
    upset: RankFlip | None
    visitors: int
    effects: tuple[Effect, ...]
    influences: tuple[Influence, ...]
    parts: Mapping[str, Ratings]
    resampled: np.ndarray | None

    @property
    def votes(self) -> int:
        return len(self.ballots)

    @property
    def power(self) -> tuple[PairPower, ...]:
        """How many more votes tell each two neighbours apart."""
        return neighbour_power(self.ratings, self.retired)

    def sentence(self, texts: Texts = ENGLISH) -> str:
        """The numbers read out; where none of the votes can be rated by the method, why."""
        if not self.focus:
            return texts("ranking.no_votes")
        if self.votes and not self.ratings.counts.total:
            return self.notes(texts)[0]
        return summary_sentence(self.ratings, self.focus, self.retired, texts)

    def notes(self, texts: Texts = ENGLISH) -> tuple[str, ...]:
        """What limits the numbers, in sentences."""
        found = caveats(self.ratings.counts, texts)
        if self.method != "style":
            return found
        return style_notes(found, self.ratings.counts.total, self.votes, texts)


def compute_standings(
    ballots: Ballots,
    method: str = "plain",
    by: str = "",
    anchor: str | None = None,
    minimum: int = MINIMUM,
    focus: str = "",
    rounds: int = 0,
    rng: np.random.Generator | None = None,
    part: str = "",
    retired: Collection[str] = (),
    writers: Mapping[str, Writers] = NOBODY,
) -> Standings:
    """Everything, of ballots with the columns that `method`, one of METHODS, and `by` need.

    part: of one slice only, beside the ratings of all of them; of all votes where it is empty.
    focus: whom the sentence is about; the first, where it is not there. rounds: of the bootstrap,
    which needs `rng`. retired: names whose votes count like any others, and that nobody is compared
    with. writers: who writes for each contender, as far as it is known. Raises ValueError for a
    part or an anchor that is none.
    """
    parts = slices(ballots, by) if by else {}
    ballots = _part(parts, part) if part else ballots
    ratings, effects = rate(ballots, method, anchor, minimum)
    ratings = rank_without(ratings, retired)
    names = ratings.counts.names
    compared = [row.name for row in ratings.rows if row.name not in retired]
    about = focus if focus in names else next(iter(compared or names), "")
    resampled = None
    if rounds:
        drawn = bootstrap(ballots, anchor, rounds, rng=rng)
        bounds = np.quantile(drawn, (0.025, 0.975), axis=0).T
        resampled = bounds[[names.index(row.name) for row in ratings.rows]]
    with_writers = {*COLUMNS} <= {*ballots.columns}
    if len(ballots) and not ratings.counts.total:
        effects = ()  # none of these votes can be rated by this method
    return Standings(
        method=method,
        focus=about,
        retired=frozenset(retired),
        ballots=ballots,
        ratings=ratings,
        side=side_bias(ballots),
        upset=fewest_flips(ratings.counts, retired),
        visitors=ballots.visitors,
        effects=effects,
        influences=influences(ballots, writers, method == "style") if with_writers else (),
        parts={
            label: rank_without(rate(part, method, anchor, minimum)[0], retired)
            for label, part in parts.items()
        },
        resampled=resampled,
    )


def _part(parts: Mapping[str, Ballots], part: str) -> Ballots:
    """The votes of a slice. Raises ValueError where it has none."""
    if part in parts:
        return parts[part]
    mend = f"choose {', '.join(map(repr, parts))}" if parts else "leave `part` out"
    raise ValueError(f"there are no votes of {part[:100]!r}: {mend}")


def rate(
    ballots: Ballots, method: str, anchor: str | None, minimum: int
) -> tuple[Ratings, tuple[Effect, ...]]:
    """The ratings by one of METHODS, and what style is worth where it is controlled for."""
    if method == "style":
        return rate_at_equal_style(ballots, anchor, minimum)
    if method == "weighted":
        return weighted_ratings(ballots, anchor, minimum), ()
    return bradley_terry(ballots.counts(), anchor, ballots, minimum), ()


def rank_without(ratings: Ratings, retired: Collection[str]) -> Ratings:
    """The same ratings, ranked as if only the others were there: the retired take no rank away from
    anybody, and have the one that would be theirs among the others."""
    if not retired:
        return ratings
    others = [row for row in ratings.rows if row.name not in retired]
    rows = [
        replace(
            row,
            rank=1 + sum(other.low > row.high for other in others),
            worst=len(others)
            + (row.name in retired)
            - sum(other.high < row.low for other in others),
        )
        for row in ratings.rows
    ]
    return replace(ratings, rows=tuple(rows))
