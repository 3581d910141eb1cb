"""An experiment as of now: read from the store, reckoned by blend.engagement. No page in here."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from arena.attendance import ExperimentRecord, ExposureData
from arena.store import Store
from arena.visits import DAY
from blend.cohort import Cohort, cohort
from blend.engagement import Report, report

HORIZON = 30
"""The last day after joining that is looked at, as in the paper."""

EVERYBODY = ExperimentRecord("everybody", "everybody", {"everybody": 1.0})
"""What is read where there is no experiment: all visitors as one arm."""

SEED = 0
"""Of the resampling: looking again at the same data gives the same intervals."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """An experiment and what it shows. crossed: visitors who met two arms, counted in the first."""

    trial: ExperimentRecord
    report: Report
    crossed: int

    @property
    def is_experiment(self) -> bool:
        return self.trial is not EVERYBODY

    @property
    def simulated(self) -> bool:
        return self.trial.source == "simulated"

    @property
    def as_of(self) -> str:
        """The last day that is over, as text."""
        return calendar(self.report.today - 1)


def read(store: Store, name: str | None = None, rounds: int = 999) -> Reading:
    """The experiment of that name, else the newest, else all visitors as one arm.

    Blocks, for seconds where there are tens of thousands of visitors. Raises KeyError for a name
    that is not noted.
    """
    trials = {trial.name: trial for trial in store.experiments.all()}
    trial = trials[name] if name is not None else next(iter(trials.values()), EVERYBODY)
    attended = store.experiments.exposure_data(None if trial is EVERYBODY else trial.name)
    cohorts = cohorts_of(attended, trial, today=int(store.database.clock() // DAY))
    rng = np.random.default_rng(SEED)
    return Reading(trial, report(cohorts, trial.control, rng, rounds), attended.crossed)


def cohorts_of(attended: ExposureData, trial: ExperimentRecord, today: int) -> list[Cohort]:
    """One cohort an arm: those of the shares in their order, then others that were met earlier."""
    visitor, *columns = attended.visits
    cohorts = []
    for arm in dict.fromkeys([*trial.shares, *sorted(attended.arms.tolist())]):
        members = attended.arms == arm
        number, own = np.cumsum(members) - 1, members[visitor]
        visits = (number[visitor[own]], *(column[own] for column in columns))
        cohorts.append(cohort(arm, today, attended.joined[members], visits, HORIZON))
    return cohorts


def calendar(day: int) -> str:
    """A day counted from 1970, as its date."""
    return (date(1970, 1, 1) + timedelta(days=int(day))).isoformat()
