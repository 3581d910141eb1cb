"""An experiment read back from its database."""

import numpy as np
import pytest
from chatting import NOON, Chatter, Clock

from arena.experiment.cohort import COUNTS
from arena.experiment.reading import (
    EVERYBODY,
    ExperimentRecord,
    ExposureData,
    calendar,
    choose_experiment,
    cohorts_of,
    read_experiment,
)
from arena.experiment.synthetic_visitors import arms, synthetic_visitors
from arena.simulation.simulate_visits import write_visits


@pytest.fixture
def store(store):
    store.database.clock = Clock(NOON)
    return store


def found(store, name=None):
    trial = choose_experiment(store.experiments.all(), name)
    data = store.experiments.exposure_data(None if trial is EVERYBODY else trial.name)
    return read_experiment(trial, data, int(store.database.clock() // 86_400), rounds=9)


def test_what_was_simulated_is_what_is_read(store):
    write_visits(store, arms(2), 200, 12, "sim", np.random.default_rng(4))
    data, trial = store.experiments.exposure_data("sim"), store.experiments.all()[0]
    cohorts = cohorts_of(data, trial, int(NOON // 86_400))

    rng = np.random.default_rng(4)
    for arm, cohort in zip(arms(2), cohorts, strict=True):
        truth = synthetic_visitors(arm, 200, 12, rng).cohort()
        assert (cohort.active[:, :12] == truth.active).all()
        assert cohort.seconds[:, :12] == pytest.approx(truth.seconds)
        assert (cohort.tallies == truth.tallies).all()
        assert (cohort.reach == truth.reach).all()


def test_the_newest_experiment_is_read_unless_one_is_named(store):
    write_visits(store, arms(2), 60, 12, "first", np.random.default_rng(0))
    store.database.clock.now += 1
    write_visits(store, arms(3), 60, 12, "second", np.random.default_rng(0))

    newest = found(store)
    assert (newest.experiment.name, len(newest.report.arms)) == ("second", 3)
    first = found(store, "first")
    assert first.simulated and first.as_of == "2026-02-28"
    with pytest.raises(KeyError):
        choose_experiment(store.experiments.all(), "third")


def test_without_an_experiment_all_visitors_are_one_arm(store):
    for n in range(5):
        Chatter(store, store.database.clock, visitor=f"v{n}").say(NOON + n)
    store.database.clock.now = NOON + 86_400
    shown = found(store)

    assert not shown.is_experiment
    assert [(arm.name, arm.visitors) for arm in shown.report.arms] == [("everybody", 5)]
    assert shown.report.arms[0].retention.value[0] == 1.0


def test_an_arm_that_was_dropped_is_still_shown():
    columns = tuple(np.zeros(0, int) for _ in range(3 + len(COUNTS)))
    met = ExposureData(np.array(["old", "a"]), np.array([1, 2]), columns, 0)
    found = cohorts_of(met, ExperimentRecord("t", "a", {"a": 1.0, "b": 1.0}), 9)
    assert [(cohort.name, cohort.size) for cohort in found] == [("a", 1), ("b", 0), ("old", 1)]


def test_days_are_dates():
    assert calendar(0) == "1970-01-01" and calendar(int(NOON // 86_400)) == "2026-03-01"
