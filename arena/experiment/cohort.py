"""A cohort: the visitors of one arm, and what each did on every day after joining."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

COUNTS = ("conversations", "turns", "replies", "answered", "retries", "ups", "downs")
"""What is counted of a visit besides its seconds; the order of `Cohort.tallies`."""

PROMPT_S = 180
"""A reply counts as answered when the visitor's next message comes within these seconds."""

MIN_VISITORS = 5
"""Nothing is computed for showing on fewer visitors than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """v visitors of one arm, followed on the days 0 … K after joining.

    joined (v,): the day each was first met in the arm, as a count of days in UTC. today: the day of
    looking; only days before it count. active (v, K+1): whether they came. seconds (v, K+1): how
    long they stayed. tallies (v, 7): sums of COUNTS. Days that are not over are False and 0.
    """

    name: str
    today: int
    joined: np.ndarray
    active: np.ndarray
    seconds: np.ndarray
    tallies: np.ndarray

    @property
    def size(self) -> int:
        """How many visitors ever joined, also those whose first day is not over."""
        return len(self.joined)

    @property
    def days(self) -> np.ndarray:
        """(K+1,): 0 … K."""
        return np.arange(self.active.shape[1])

    @property
    def reach(self) -> np.ndarray:
        """(v,): the last day after joining that is over; -1 for who joined today."""
        return self.today - 1 - self.joined

    @property
    def eligible(self) -> np.ndarray:
        """(v, K+1): whether day k is over for the visitor: right-censoring is nothing else."""
        return self.reach[:, None] >= self.days


def make_cohort(
    name: str, today: int, joined: np.ndarray, visits: Sequence[np.ndarray], horizon: int
) -> Cohort:
    """The cohort of visits (visitor, day, seconds, *COUNTS), columns of one length.

    visitor: indices of `joined`, whose days count alike; each (visitor, day) once. Days before
    joining, after `horizon` days, or not over are left out.
    """
    visitor, day, seconds, *counts = visits
    after = day - joined[visitor]
    kept = (after >= 0) & (after <= horizon) & (day < today)
    visitor, after = visitor[kept], after[kept]
    active = np.zeros((len(joined), horizon + 1), dtype=bool)
    active[visitor, after] = True
    stayed = np.zeros(active.shape, dtype=np.float32)
    stayed[visitor, after] = seconds[kept]
    tallies = [np.bincount(visitor, column[kept], len(joined)) for column in counts]
    return Cohort(name, today, joined, active, stayed, np.stack(tallies, axis=1))
