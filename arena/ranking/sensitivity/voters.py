"""Voters differ: some judge, and some may as well toss a coin. What that changes.

X. Chen, P. N. Bennett, K. Collins-Thompson and E. Horvitz, Pairwise ranking aggregation in a
crowdsourced setting (Crowd-BT, WSDM 2013): voter v puts i above j with η_v p + (1 - η_v)(1 - p).
With few votes each, η_v of one voter cannot be estimated. So there are two kinds of voters here,
who judge (η = 1) or toss coins (η = ½); nobody knows who is which. Their shares are estimated, and
by these and the votes how likely each voter is of either kind (empirical Bayes).
"""

import math
from dataclasses import dataclass

import numpy as np

from arena.ranking.ballots import Ballots
from arena.ranking.bradley_terry import (
    fit_strengths,
    laplacian,
    sandwich_covariance,
    score_products,
    strength_covariance,
)
from arena.ranking.ratings import MINIMUM, Ratings, anchor_index, make_ratings
from arena.ranking.sensitivity.voter_likelihood import DecidedVotes, expit

DECIDED = 2
"""Of CHOICES, left and right: ties and both bad say nothing of a voter here."""

FEWEST = 20
"""Voters below which nothing is said of how they differ."""

START = 2.0
"""Where the search for the log-odds of judging begins: seven in eight judge."""

SURE = 12.0
"""Log-odds that are as good as certain: fewer than one in 100,000."""


@dataclass(frozen=True, slots=True, eq=False)
class VoterFit:
    """Ratings by the decided votes of those who judge, and how many toss coins.

    plain: ratings by the same votes, all voters alike: between the two lies what voters change.
    share: of the voters with a decided vote, those who look like coin tossers, with its 95 %
    interval. voters: how many have a decided vote.
    """

    ratings: Ratings
    plain: Ratings
    share: float
    low: float
    high: float
    voters: int


def rate_judges(
    ballots: Ballots, anchor: str | None = None, minimum: int = MINIMUM
) -> VoterFit | None:
    """The fit, with intervals clustered by visitor; None with fewer than FEWEST voters who
    decided anything. Raises ValueError for an anchor that is nobody.

    The prior is the board's, and half a voter of each kind. Only decided votes are looked at: who
    calls much equal is no coin tosser. What cannot be told from coins are votes that are against
    the common ranking for reasons of their own, as tastes are; and who votes the other way round
    on purpose is taken for a coin tosser too.
    """
    counts, fixed = ballots.counts(), anchor_index(ballots, anchor)
    decided = ballots.where(ballots.choice < DECIDED)
    if decided.visitors < FEWEST:
        return None
    votes = DecidedVotes.of(decided, fixed)
    start = fit_strengths(votes.points[None], fixed)[0]
    xi, alpha = votes.maximum(start, START)
    m, reliable = len(xi), expit(votes.judges(xi, alpha)[0])
    scores = np.column_stack([votes.scores(xi) * reliable[:, None], reliable - expit(alpha)])
    known = np.pad(laplacian(votes.phantom / 2), (0, 1))
    known[-1, -1] = 0.25
    data, free = votes.information(xi, alpha), np.append(votes.free, len(xi))
    covariance = sandwich_covariance(data, data, score_products(scores), known, free)
    low, high = _share_interval(votes, xi, alpha)
    plain = strength_covariance(decided.counts(), start, fixed, decided)
    return VoterFit(
        ratings=make_ratings(counts, xi, covariance[:m, :m], fixed, minimum),
        plain=make_ratings(counts, start, plain, fixed, minimum),
        share=float(expit(-alpha)),
        low=low,
        high=high,
        voters=decided.visitors,
    )


def _share_interval(votes: DecidedVotes, xi: np.ndarray, alpha: float) -> tuple[float, float]:
    """The shares of coin tossers at which the profile likelihood is not too low for 95 %, and the
    estimate, which the prior may have drawn out of them. Near 0 or 1 no normal error fits.

    What is too low is as in a regression on as many observations as voters would be if all had
    voted alike often: few of them may have given most votes.
    """
    from scipy.optimize import brentq, minimize_scalar
    from scipy.special import stdtrit

    often = np.bincount(votes.ballots.visitor)
    free, voters = len(votes.free), often.sum() ** 2 / (often.astype(float) ** 2).sum()
    spare = max(1.0, voters - free)
    most_errors = stdtrit(spare, 0.975) * math.sqrt((spare + free) / spare)
    highest = votes.profile(xi, alpha)
    certain, middle = highest(math.inf), alpha
    if 2 * (certain - highest(alpha)) > most_errors**2:
        found = minimize_scalar(lambda at: -highest(at), bounds=(-SURE, SURE), method="bounded")
        middle = float(found.x)
    most = max(highest(middle), certain)

    def beyond(at: float) -> float:
        return math.sqrt(max(2 * (most - highest(at)), 0.0)) - most_errors

    def end(far: float, limit: float) -> float:
        if beyond(far) <= 0 or beyond(middle) >= 0:
            return limit
        return float(expit(-brentq(beyond, middle, far, xtol=0.02)))

    share = float(expit(-alpha))
    return min(end(SURE, 0.0), share), max(end(-SURE, 1.0), share)
