"""What the database knows of experiments: their arms, who met them, who came on which day."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from arena.db.database import Database
from arena.db.repositories.visits import DAY
from arena.experiment.cohort import COUNTS
from arena.experiment.reading import ExperimentRecord, ExposureData


@dataclass(frozen=True, slots=True)
class Experiments:
    """Reads what Visits wrote, a whole experiment at a time; and writes one that was simulated."""

    db: Database

    def save(self, trial: ExperimentRecord) -> None:
        """Note an experiment; under a name that is known its arms and control are renewed."""
        self.db.execute(
            "INSERT INTO experiments (name, control, shares, source, created)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
            " SET control = excluded.control, shares = excluded.shares",
            (trial.name, trial.control, json.dumps(trial.shares), trial.source, self.db.clock()),
        )

    def all(self) -> list[ExperimentRecord]:
        """All experiments, the newest first."""
        rows = self.db.query(
            "SELECT name, control, shares, source, created FROM experiments"
            " ORDER BY created DESC, rowid DESC"
        )
        return [
            ExperimentRecord(name, control, json.loads(shares), source, created)
            for name, control, shares, source, created in rows
        ]

    def exposure_data(self, trial: str | None) -> ExposureData:
        """The visitors and visits of an experiment; None: everybody, but who was simulated.

        Visitors who are barred are left out, and days on which nothing was asked.
        """
        met = self.db.query_apart(
            _MET if trial is not None else _EVERYBODY, (trial,) if trial else ()
        )
        rows = self.db.query_apart(f"{_VISITS} ORDER BY visitor")
        index = {visitor: n for n, (visitor, *_) in enumerate(met)}
        kept = [(index[visitor], *row) for visitor, *row in rows if visitor in index]
        columns = np.array(kept, dtype=float).reshape(len(kept), 3 + len(COUNTS)).T
        visitor, day, seconds, *tallies = columns
        visits = (visitor.astype(int), day.astype(int), seconds, *(t.astype(int) for t in tallies))
        return ExposureData(
            np.array([arm for _, arm, _, _ in met], dtype=str),
            np.array([joined for _, _, joined, _ in met], dtype=int),
            visits,
            sum(crossed for *_, crossed in met),
        )

    def version(self) -> tuple[int, float]:
        """Changes whenever a visit is written; cheap at any size."""
        return self.db.query_apart(
            "SELECT (SELECT count(*) FROM visits), (SELECT max(last_act) FROM visitors)"
        )[0]

    def save_simulated(
        self,
        trial: ExperimentRecord,
        visitors: Iterable[tuple[str, str, float]],
        visits: Iterable[tuple],
    ) -> None:
        """Write a simulated experiment, whole or not at all.

        visitors: (id, arm, first seen). visits: (visitor, day as text, seconds, *COUNTS).
        """
        people = list(visitors)
        with self.db.transaction():
            self.save(trial)
            self.db.insert(
                "visitors", ("id", "first_seen", "last_act"), [(id, at, at) for id, _, at in people]
            )
            self.db.insert(
                "exposures",
                ("experiment", "visitor", "arm", "since"),
                [(trial.name, id, arm, since) for id, arm, since in people],
            )
            self.db.insert("visits", ("visitor", "day", "seconds", *COUNTS), visits)


_NUMBER = "CAST(julianday({}) - 2440587.5 AS INTEGER)"
_MET = (
    f"SELECT e.visitor, e.arm, CAST(e.since / {DAY} AS INTEGER), e.crossed FROM exposures e"
    " JOIN visitors v ON v.id = e.visitor WHERE e.experiment = ? AND NOT v.barred"
    " ORDER BY e.visitor"
)
_EVERYBODY = (
    f"SELECT visitor, 'everybody', {_NUMBER.format('min(day)')}, 0 FROM visits"
    " JOIN visitors v ON v.id = visitor WHERE NOT v.barred AND turns + retries > 0"
    " AND visitor NOT IN (SELECT e.visitor FROM exposures e JOIN experiments x"
    " ON x.name = e.experiment WHERE x.source = 'simulated') GROUP BY visitor ORDER BY visitor"
)
_VISITS = (
    f"SELECT visitor, {_NUMBER.format('day')}, seconds, {', '.join(COUNTS)} FROM visits"
    " WHERE turns + retries > 0"
)
