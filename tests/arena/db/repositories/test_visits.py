"""Visits as they are written with the turns: time, counts, midnight, a clock that steps back."""

from contextlib import closing

import pytest
from chatting import BLEND, NOON, Chatter, Clock
from hypothesis import given
from hypothesis import strategies as st

from arena.db.repositories.visits import DAY, day, seconds_by_day
from arena.db.store import Store
from arena.experiment.reading import ExperimentRecord
from arena.site.recording import finish_turn, give_feedback, start_turn
from blend.conversation import Turn

MIDNIGHT = NOON + DAY / 2
ZERO = {"conversations": 0, "replies": 0, "answered": 0, "retries": 0, "ups": 0, "downs": 0}


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def store(tmp_path, clock):
    with closing(Store.open(tmp_path / "arena.db", clock=clock)) as store:
        store.contenders.save(BLEND.id, BLEND.name, {})
        yield store


def visits(store, visitor="ann"):
    columns = ("day", "seconds", "turns", *ZERO)
    rows = store.database.query(
        f"SELECT {', '.join(columns)} FROM visits WHERE visitor = ?", (visitor,)
    )
    return [dict(zip(columns, row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((NOON,), {"2026-03-01": 2}),
        ((NOON, NOON + 102, NOON + 104 + 5000), {"2026-03-01": 2 + 100 + 2 + 300 + 2}),
        ((MIDNIGHT - 102, MIDNIGHT + 50), {"2026-03-01": 2 + 100, "2026-03-02": 50 + 2}),
        ((NOON, NOON + DAY), {"2026-03-01": 2, "2026-03-02": 2}),  # the night is no visit
        # A clock that steps back takes nothing and goes on.
        ((NOON, NOON - 3600, NOON - 3500), {"2026-03-01": 2 + 0 + 2 + 98 + 2}),
        ((MIDNIGHT + 10, MIDNIGHT - 10), {"2026-03-01": 2, "2026-03-02": 2}),
    ],
    ids=["once", "gaps", "midnight", "night", "back", "back over midnight"],
)
def test_the_time_between_two_acts_counts_up_to_the_gap(store, clock, times, expected):
    ann = Chatter(store, clock)
    for at in times:
        ann.say(at)
    rows = visits(store)
    assert {row["day"]: row["seconds"] for row in rows} == expected
    assert sum(row["turns"] for row in rows) == len(times)


def test_the_longest_gap_is_given_as_the_store_is_opened(tmp_path, clock):
    with closing(Store.open(tmp_path / "a.db", clock=clock, longest_gap=30)) as store:
        store.contenders.save(BLEND.id, BLEND.name, {})
        ann = Chatter(store, clock)
        ann.say(NOON)
        ann.say(NOON + 1000)
        assert visits(store)[0]["seconds"] == 34


def test_turns_and_conversations_are_counted(store, clock):
    for start in (NOON, NOON + 600):
        ann = Chatter(store, clock)
        for n in range(3):
            ann.say(start + 20 * n)
    (row,) = visits(store)
    assert (row["turns"], row["conversations"], row["replies"], row["answered"]) == (6, 2, 6, 4)


def test_an_answer_after_three_minutes_is_no_answer(store, clock):
    ann = Chatter(store, clock)
    for at in (NOON, NOON + 2 + 180, NOON + 4 + 180 + 181):
        ann.say(at)
    assert visits(store)[0]["answered"] == 1


def test_an_answer_belongs_to_the_day_of_the_reply(store, clock):
    ann = Chatter(store, clock)
    ann.say(MIDNIGHT - 60)
    ann.say(MIDNIGHT + 60)
    rows = {row["day"]: (row["replies"], row["answered"]) for row in visits(store)}
    assert rows == {"2026-03-01": (1, 1), "2026-03-02": (1, 0)}


def test_asking_anew_is_a_retry_and_no_turn(store, clock):
    ann = Chatter(store, clock)
    first = ann.say(NOON)
    ann.say(NOON + 10, parent=first.id)
    ann.say(NOON + 20)
    (row,) = visits(store)
    assert (row["turns"], row["retries"], row["replies"], row["answered"]) == (2, 1, 3, 1)


def test_an_answer_taken_back_and_given_again_counts_once(store, clock):
    ann = Chatter(store, clock)
    ann.say(NOON)
    store.conversations.undo_turn(ann.say(NOON + 10).id, "ann")
    ann.conversation = ann.conversation.undo()
    ann.say(NOON + 20)
    (row,) = visits(store)
    assert (row["turns"], row["conversations"], row["answered"]) == (3, 1, 1)


def test_a_reply_that_was_stopped_is_no_reply(store, clock):
    ann = Chatter(store, clock)
    ann.say(NOON, finished=False)
    ann.say(NOON + 5)
    (row,) = visits(store)
    assert (row["turns"], row["replies"], row["answered"]) == (2, 1, 0)


def test_opening_and_closing_again_changes_nothing(store, clock):
    ann = Chatter(store, clock)
    turn = ann.say(NOON)
    before = visits(store)
    clock.now += 60
    start_turn(store, ann.conversation.id, 0, turn)
    finish_turn(store, turn)
    assert visits(store) == before


def test_a_thumb_counts_on_the_day_of_its_reply(store, clock):
    turn = Chatter(store, clock).say(MIDNIGHT - 30)
    clock.now = MIDNIGHT + 30
    for value, expected in ((1, (1, 0)), (1, (1, 0)), (-1, (0, 1)), (None, (0, 0))):
        give_feedback(store, turn.id, "ann", value)
        first, *_ = visits(store)
        assert (first["day"], first["ups"], first["downs"]) == ("2026-03-01", *expected)


def test_battles_and_previews_are_no_visits(store, clock):
    for kind, preview in (("battle", False), ("chat", True)):
        turn = Chatter(store, clock, preview, kind).say(NOON)
        give_feedback(store, turn.id, "ann", 1)
    assert visits(store) == [] and store.database.query("SELECT * FROM exposures") == []


def test_the_first_arm_stays_and_another_is_marked(store, clock):
    store.experiments.save(ExperimentRecord("trial", "a", {"a": 1.0, "b": 1.0}))
    ann = Chatter(store, clock)
    for n, arm in enumerate(("a", "a", "b")):
        ann.say(NOON + n, exposure=("trial", arm))
    rows = store.database.query("SELECT experiment, visitor, arm, since, crossed FROM exposures")
    assert rows == [("trial", "ann", "a", NOON, 1)]


def test_a_turn_that_is_refused_leaves_no_visit(store, clock):
    ann = Chatter(store, clock)
    with pytest.raises(KeyError), store.database.transaction():
        start_turn(store, ann.conversation.id, 0, Turn("Hello"))
        raise KeyError
    assert visits(store) == []


@given(st.floats(0, 4e9), st.floats(-2 * DAY, 2 * DAY), st.sampled_from([1.0, 30.0, 300.0, 3600.0]))
def test_no_gap_counts_more_than_it_lasted_or_than_the_cap(last, gap, longest):
    now = max(0.0, last + gap)
    shared = seconds_by_day(last, now, longest)

    assert set(shared) <= {day(last), day(now)}
    assert all(s >= 0 for s in shared.values())
    assert sum(shared.values()) <= min(max(0.0, now - last), longest) + 1e-3
