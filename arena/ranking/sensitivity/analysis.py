"""The same votes by other models: ties as an outcome of their own, and voters who differ."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from arena.ranking.ballots import Ballots
from arena.ranking.ratings import MINIMUM, Ratings, bradley_terry
from arena.ranking.sensitivity.held_out import HeldOutLoss, held_out_loss
from arena.ranking.sensitivity.ties import TieFit, rate_with_ties
from arena.ranking.sensitivity.voters import VoterFit, rate_judges


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """What other models make of a board's votes; its own ratings stay those of the half win.

    half_win: the ratings that the others are compared with, since the board's own may be at equal
    style or weighted. held_out, voters: None where too few have voted to say anything,
    voters also where these are machines.
    """

    half_win: Ratings
    ties: TieFit
    held_out: HeldOutLoss | None
    voters: VoterFit | None


def analyse_sensitivity(
    ballots: Ballots, anchor: str | None = None, minimum: int = MINIMUM, people: bool = True
) -> Sensitivity:
    """All of it, of ballots with their visitors. Raises ValueError for an anchor that is nobody.

    people: whether the visitors are voters; machines' votes go by opener, which tosses no coin.
    """
    # The matrices are small: on threads their products take several times as long.
    with threadpool_limits(1, user_api="blas"):
        return Sensitivity(
            bradley_terry(ballots.counts(), anchor, ballots, minimum),
            rate_with_ties(ballots, anchor, minimum),
            held_out_loss(ballots),
            rate_judges(ballots, anchor, minimum) if people else None,
        )


def moved_places(before: Ratings, after: Ratings, retired: Collection[str]) -> Sequence[str]:
    """Whose place by rating differs, without the `retired`; in the order of `after`."""
    old, new = (
        [row.name for row in ratings.rows if row.name not in retired] for ratings in (before, after)
    )
    return [name for place, name in enumerate(new) if old[place] != name]
