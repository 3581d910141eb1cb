"""Experiments in a real database: who met which arm, who came when, and who does not count."""

from contextlib import closing

import numpy as np
import pytest
from chatting import BLEND, NOON, Chatter, Clock

from arena.db.repositories.visits import DAY
from arena.db.store import Store
from arena.experiment.cohort import COUNTS
from arena.experiment.reading import ExperimentRecord
from arena.models import StoreError
from arena.site.recording import give_feedback

TRIAL = ExperimentRecord("trial", "a", {"a": 1.0, "b": 1.0})


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def store(clock):
    with closing(Store.open(":memory:", clock=clock)) as store:
        store.contenders.save(BLEND.id, BLEND.name, {})
        store.experiments.save(TRIAL)
        yield store


def test_an_experiment_is_noted_once_and_renewed(store, clock):
    clock.now += DAY
    store.experiments.save(ExperimentRecord("later", "x", {"x": 2.0}))
    store.experiments.save(ExperimentRecord("trial", "b", {"b": 3.0}))

    assert [trial.name for trial in store.experiments.all()] == ["later", "trial"]
    assert store.experiments.all()[1] == ExperimentRecord("trial", "b", {"b": 3.0}, "own", NOON)


def test_visitors_and_their_days_come_back_as_columns(store, clock):
    ann = Chatter(store, clock, visitor="ann")
    for at in (NOON, NOON + 10, NOON + DAY):
        ann.say(at, exposure=("trial", "b"))
    Chatter(store, clock, visitor="cyd").say(NOON + DAY, exposure=("trial", "a"))
    Chatter(store, clock, visitor="bob").say(NOON)

    found = store.experiments.exposure_data("trial")
    visitor, day, seconds, *tallies = found.visits
    today = int(NOON // DAY)
    assert found.arms.tolist() == ["b", "a"]
    assert found.joined.tolist() == [today, today + 1]
    assert (visitor.tolist(), day.tolist()) == ([0, 0, 1], [today, today + 1, today + 1])
    assert seconds.tolist() == [12, 2, 2]
    assert dict(zip(COUNTS, tallies, strict=True))["turns"].tolist() == [2, 1, 1]
    assert found.crossed == 0


def test_everybody_is_who_was_not_simulated(store, clock):
    Chatter(store, clock, visitor="ann").say(NOON, exposure=("trial", "b"))
    Chatter(store, clock, visitor="bob").say(NOON)
    row = ("sim", "2026-03-01", 5.0, *[1] * len(COUNTS))
    store.experiments.save_simulated(
        ExperimentRecord("sim", "x", {"x": 1.0}, "simulated"), [("sim", "x", NOON)], [row]
    )

    assert len(store.experiments.exposure_data(None).joined) == 2
    assert store.experiments.exposure_data("sim").visits[2].tolist() == [5.0]


def test_the_barred_and_days_without_a_question_are_left_out(store, clock):
    for visitor in ("ann", "bob"):
        Chatter(store, clock, visitor=visitor).say(NOON, exposure=("trial", "a"))
    turn = Chatter(store, clock, visitor="ann").say(NOON + 60)
    clock.now = NOON + DAY
    give_feedback(store, turn.id, "ann", 1)
    store.database.execute("UPDATE visitors SET barred = 1 WHERE id = 'bob'")

    assert store.experiments.exposure_data("trial").arms.tolist() == ["a"]
    for found in (store.experiments.exposure_data("trial"), store.experiments.exposure_data(None)):
        assert found.visits[1].tolist() == [int(NOON // DAY)]


def test_a_simulation_is_written_whole_or_not_at_all(store):
    rows = [("s1", "2026-03-01", 5.0, *[1] * len(COUNTS)), ("s1", "not a day")]
    with pytest.raises(StoreError, match="refuses: Incorrect number of bindings"):
        store.experiments.save_simulated(
            ExperimentRecord("sim", "x", {"x": 1.0}, "simulated"), [("s1", "x", NOON)], rows
        )
    assert [trial.name for trial in store.experiments.all()] == ["trial"]
    assert len(store.experiments.exposure_data(None).joined) == 0


def test_nobody_is_empty_columns(store):
    found = store.experiments.exposure_data("trial")
    assert found.arms.shape == found.joined.shape == (0,)
    assert len(found.visits) == 3 + len(COUNTS) and not any(map(len, found.visits))
    assert isinstance(found.visits[0], np.ndarray)


def test_the_version_changes_with_every_visit(store, clock):
    before = store.experiments.version()
    ann = Chatter(store, clock)
    ann.say(NOON)
    between = store.experiments.version()
    ann.say(NOON + 5)
    assert len({before, between, store.experiments.version()}) == 3
