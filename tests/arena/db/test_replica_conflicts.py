"""What stands where replicas contradict: the furthest step, the first vote, the last word."""

import random
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replicas import rows, take, tell
from stored import CONTENDERS, fill

from arena.battle.voting import cast_vote
from arena.db.database import Database
from arena.db.repositories.votes.vote_audit import JUDGE
from arena.db.store import Store
from arena.models import INCOMPLETE, Battle
from arena.site.recording import give_feedback, register_visitor


def contradicting(path: Path, status: str, choice: str, at: float, barred: int) -> Path:
    """One replica's state of a battle, its vote and its visitor."""
    with closing(Database.open(path)) as file, file.transaction():
        file.execute(
            "INSERT INTO visitors (id, first_seen, barred, barred_at) VALUES ('v', 0, ?, ?)",
            (barred, at),
        )
        for name in "ab":
            file.execute("INSERT INTO contenders (id, name, config) VALUES (?1, ?1, '{}')", (name,))
        file.execute(
            'INSERT INTO battles (id, visitor, "left", "right", policy, created, status)'
            " VALUES ('b', 'v', 'a', 'b', 'focus', 0, ?)",
            (status,),
        )
        file.execute(
            "INSERT INTO votes (battle, choice, created, counted, reason, rules)"
            " VALUES ('b', ?, ?, 1, '', '2')",
            (choice, 9 - at),
        )
    return path


STATES = st.lists(
    st.tuples(
        st.sampled_from(("created", "ready", "void", "voted")),
        st.sampled_from(("left", "right", "tie")),
        st.floats(0, 9).map(lambda number: round(number, 1)),
        st.sampled_from((0, 1)),
    ),
    min_size=2,
    max_size=4,
)


@settings(max_examples=12, deadline=None)
@given(STATES, st.integers(0, 2**32).map(random.Random))
def test_states_that_contradict_end_alike(states, rng):
    with TemporaryDirectory() as place:
        made = [contradicting(Path(place, f"{n}.db"), *state) for n, state in enumerate(states)]
        outcomes = []
        for name in "xy":
            with closing(Store.open(Path(place, f"{name}.db"))) as store:
                take(store, *rng.sample(made, len(made)))
                outcomes.append(rows(store))
    assert outcomes[0] == outcomes[1]
    views = ("created", "ready", "void", "voted")
    assert max((s[0] for s in states), key=views.index) in outcomes[0]["battles"][0]
    assert max(s[2] for s in states) == pytest.approx(9 - outcomes[0]["votes"][0][2])
    latest = max((s[2], s[3]) for s in states)
    assert (latest[0] or None, latest[1]) in {
        (row[-3] or None, row[2]) for row in outcomes[0]["visitors"]
    }


@pytest.mark.parametrize("end", ["voted", "skipped"])
def test_no_step_of_a_battle_is_taken_back_by_an_older_state_of_it(pair, end):
    (one, other), battle = pair, Battle("v", *list(CONTENDERS)[:2], 0.5, "focus")
    fill(one, 0)
    register_visitor(one, "v")
    told = []
    for step in (
        lambda: one.battles.open(battle),
        lambda: one.battles.admit_message(battle.id, "v", "Hi", 8),
        lambda: one.battles.void(battle.id, "v", INCOMPLETE),
        lambda: one.battles.retry(battle.id, "v", 1),
        lambda: one.battles.mark_ready(battle.id),
        lambda: one.battles.admit_message(battle.id, "v", "And now?", 8),
        lambda: one.battles.mark_ready(battle.id),
        lambda: end == "skipped" and one.battles.void(battle.id, "v", end),
        lambda: end == "voted" and cast_vote(one, battle.id, "v", "tie"),
    ):  # fmt: skip
        step()
        told.append(tell(one, other))
        take(other, *told[:-1])
        assert rows(other)["battles"] == rows(one)["battles"]


def test_a_bar_outlives_a_newer_visit_elsewhere_and_so_does_its_end(pair):
    one, other = pair
    register_visitor(one, "v")
    tell(one, other)
    with closing(Store.open(one.database.path)) as store:
        for barred in (True, False):
            store.vote_audit.bar("v", barred)
            other.database.execute("UPDATE visitors SET last_act = 5 + ?", (barred,))
            tell(other, one)
            tell(one, other)
            assert rows(one)["visitors"] == rows(other)["visitors"]
            assert one.database.query_one("SELECT barred, last_act FROM visitors") == (barred, 6.0)


def test_a_thumb_that_is_taken_back_stays_so_and_a_verdict_stays(pair):
    one, other = pair
    fill(one, 2)
    (turn,) = one.database.query_one("SELECT min(id) FROM turns")
    (visitor,) = one.database.query_one("SELECT c.visitor FROM turns t JOIN conversations c ON"
                          " c.id = t.conversation WHERE t.id = ?", (turn,))  # fmt: skip
    give_feedback(one, turn, visitor, 1)
    one.conversations.set_feedback_reason(turn, visitor, 1, "more_helpful", True)
    old = tell(one, other)
    reasons = "SELECT feedback_reasons FROM turns WHERE feedback = 1"
    assert other.database.query_one(reasons) == ('["more_helpful"]',)
    give_feedback(one, turn, visitor, None)
    with closing(Store.open(one.database.path)) as store:
        store.database.executemany(JUDGE, [(0, "", "2", 1)])
        middle = tell(one, other)
        store.database.executemany(JUDGE, [(1, "", "2", 1)])
    take(one, old, middle)
    take(other, tell(one, other), middle, old)
    assert rows(one) == rows(other) and one.votes.counts().counted == 2
    count = "SELECT count(feedback), count(feedback_reasons) FROM turns"
    assert one.database.query_one(count) == (0, 0)


def test_of_what_two_replicas_heard_of_a_vote_the_last_word_stands(pair):
    one, other = pair
    (battle,) = fill(one, 1)
    tell(one, other)
    for store, reasons, comment in (
        (one, ["so", "first"], "first"),
        (other, ["last"], "last"),
    ):
        store.vote_reasons.give(battle, "v0", "left", reasons)
        store.vote_reasons.comment(battle, "v0", comment)
        other.database.clock = one.database.clock
    tell(one, other)
    tell(other, one)
    for store in pair:
        notes = store.vote_reasons.of(battle, "v0")
        assert (notes.comment, {*notes.reasons["left"]}) == ("last", {"first", "last"})
