"""Means over replies whose conversations are resampled: the replies of one hang together. Pure."""

from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval. A format is that of each of its numbers."""

    value: float
    low: float
    high: float

    def side(self, of: float = 0.0) -> Literal["above", "below", ""]:
        """The side of a number on which the whole interval lies; empty where it is on both."""
        return "above" if self.low > of else "below" if self.high < of else ""

    def __abs__(self) -> "Estimate":
        """The same, seen from the side on which the value is not negative."""
        return self if self.value >= 0 else Estimate(-self.value, -self.high, -self.low)

    def __format__(self, form: str) -> str:
        return f"{self.value:{form}} ({self.low:{form}} to {self.high:{form}})"


def estimate(value: float, draws: np.ndarray) -> Estimate:
    """The value with the percentiles of what resampling made of it."""
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(float(value), float(low), float(high))


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """Replies whose conversations were drawn anew B times, with replacement.

    weights (B + 1, C): how often each conversation is drawn; the first row is one of each.
    clusters (S,): the conversation of each reply. per (S,): what a reply's value is divided by, as
    the ratio of two sums: with nats, bytes · log 2 makes bits per byte.
    """

    weights: np.ndarray
    clusters: np.ndarray
    per: np.ndarray

    def means(self, nats: np.ndarray) -> np.ndarray:
        """(B + 1, K) of nats (S, K): the mean of all, then that of each resample."""
        size = self.weights.shape[1]
        sums = np.stack(
            [np.bincount(self.clusters, column, size) for column in np.atleast_2d(nats.T)], axis=1
        )
        per = np.bincount(self.clusters, self.per, size)
        return (self.weights @ sums) / (self.weights @ per)[:, None]

    def estimates(self, nats: np.ndarray) -> list[Estimate]:
        """One for each column."""
        return [estimate(column[0], column[1:]) for column in self.means(nats).T]


def resample(
    clusters: np.ndarray, per: np.ndarray, rng: np.random.Generator, rounds: int = 999
) -> Resampled:
    """Draw as many conversations as there are, with replacement, `rounds` times."""
    size = int(clusters.max()) + 1
    drawn = rng.multinomial(size, np.full(size, 1 / size), rounds)
    return Resampled(np.vstack([np.ones(size), drawn]), clusters, per)


def halves(clusters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(S,) whether a reply's conversation is in the first of two random halves."""
    size = int(clusters.max()) + 1
    return (rng.permutation(size) < size // 2)[clusters]
