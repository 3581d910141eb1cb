"""An experiment: what the database knows of it, and what that shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from arena.experiment.cohort import Cohort, make_cohort
from arena.experiment.engagement import ExperimentReport, analyse_experiment


@dataclass(frozen=True, slots=True)
class ExperimentRecord:
    """An experiment as it is noted. shares: by arm. created: seconds since 1970."""

    name: str
    control: str
    shares: Mapping[str, float]
    source: Literal["own", "simulated"] = "own"
    created: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ExposureData:
    """Who was there: v visitors and their n visits, as columns.

    arms (v,): names. joined (v,): the day of the first message in the experiment, counted from
    1970 in UTC. visits: (visitor, day, seconds, *COUNTS), each (n,), visitor being an index into
    `joined`, day counted alike. crossed: how many visitors met a second arm.
    """

    arms: np.ndarray
    joined: np.ndarray
    visits: tuple[np.ndarray, ...]
    crossed: int


HORIZON = 30
"""The last day after joining that is looked at, as in the paper."""

EVERYBODY = ExperimentRecord("everybody", "everybody", {"everybody": 1.0})
"""What is read where there is no experiment: all visitors as one arm."""

SEED = 0
"""Of the resampling: looking again at the same data gives the same intervals."""


@dataclass(frozen=True, slots=True, eq=False)
class ExperimentReading:
    """An experiment and what it shows. crossed: visitors who met two arms, counted in the first."""

    experiment: ExperimentRecord
    report: ExperimentReport
    crossed: int

    @property
    def is_experiment(self) -> bool:
        return self.experiment is not EVERYBODY

    @property
    def simulated(self) -> bool:
        return self.experiment.source == "simulated"

    @property
    def as_of(self) -> str:
        """The last day that is over, as text."""
        return calendar(self.report.today - 1)


def choose_experiment(
    experiments: Sequence[ExperimentRecord], name: str | None = None
) -> ExperimentRecord:
    """The one of that name, else the first, else EVERYBODY. Raises KeyError for a name of none."""
    if name is None:
        return next(iter(experiments), EVERYBODY)
    return {each.name: each for each in experiments}[name]


def read_experiment(
    experiment: ExperimentRecord, data: ExposureData, today: int, rounds: int = 999
) -> ExperimentReading:
    """What an experiment shows before `today`, a count of days from 1970 in UTC.

    Takes seconds where there are tens of thousands of visitors.
    """
    rng = np.random.default_rng(SEED)
    cohorts = cohorts_of(data, experiment, today)
    return ExperimentReading(
        experiment, analyse_experiment(cohorts, experiment.control, rng, rounds), data.crossed
    )


def cohorts_of(data: ExposureData, experiment: ExperimentRecord, today: int) -> list[Cohort]:
    """One cohort an arm: those of the shares in their order, then others that were met earlier."""
    visitor, *columns = data.visits
    cohorts = []
    for arm in dict.fromkeys([*experiment.shares, *sorted(data.arms.tolist())]):
        members = data.arms == arm
        number, own = np.cumsum(members) - 1, members[visitor]
        visits = (number[visitor[own]], *(column[own] for column in columns))
        cohorts.append(make_cohort(arm, today, data.joined[members], visits, HORIZON))
    return cohorts


def calendar(day: int) -> str:
    """A day counted from 1970, as its date."""
    return (date(1970, 1, 1) + timedelta(days=int(day))).isoformat()
