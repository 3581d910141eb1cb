"""Side bias: how often the left reply wins between equals."""

import math
from dataclasses import dataclass

import numpy as np

from arena.ballot import Ballots
from arena.covariates import fit
from arena.rating import SCALE, Z


@dataclass(frozen=True, slots=True)
class SideBias:
    """The left side's chance between equals (½: no bias) with its 95 % interval, ties half.

    points: what being on the left is worth, on the rating scale. votes: what it rests on.
    """

    share: float
    low: float
    high: float
    points: float
    votes: int

    @property
    def clear(self) -> bool:
        """Whether the interval leaves ½ out."""
        return self.low > 0.5 or self.high < 0.5


def side_bias(ballots: Ballots) -> SideBias:
    """The intercept of Bradley-Terry, so that strong contenders on one side are no bias.

    The interval takes one visitor's votes as one opinion, like those of the ratings. With no vote
    it is as wide as the weak prior leaves it (one win and one loss of the left).
    """
    found = fit(ballots, np.ones((len(ballots), 1)), None, penalty=0.5)
    gamma = float(found.beta[0])
    half = Z * math.sqrt(max(found.covariance[-1, -1], 0.0))
    share, low, high = (1 / (1 + math.exp(-g)) for g in (gamma, gamma - half, gamma + half))
    return SideBias(share, low, high, SCALE * gamma, found.votes)
