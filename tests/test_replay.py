"""Rows from elsewhere: in any order, any number of times, from any replica, with one outcome."""

import random
from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.ballot import Ballots
from arena.erasure import anonymous
from arena.events import Event
from arena.journal import Journal
from arena.listing import records
from arena.rating import bradley_terry
from arena.records import Battle, Refused
from arena.resume import STALLED
from arena.store import Store
from tests.conftest import CONTENDERS, fill
from tests.stored import votes_of

PLACE = "me/votes"


def watched(path=":memory:") -> Store:
    store = Store.open(path)
    store.watch(PLACE)
    return store


def rows(store: Journal) -> dict[str, list]:
    """All rows of all tables but what a file notes of its own keeping."""
    return {t: sorted(store._read(f"SELECT * FROM {t}"), key=repr) for t in store._tables()}


def shown(store: Store) -> list[dict]:
    """The board: what its table says, with intervals that take a visitor's votes as one."""
    votes = ((v.left, v.right, v.choice, v.visitor) for v in votes_of(store))
    ballots = Ballots.of(votes, sorted(CONTENDERS))
    return list(records(bradley_terry(ballots.counts(), ballots=ballots)))


@pytest.fixture(scope="module")
def files() -> Callable[[], list[list[Event]]]:
    """What three replicas told: two that began alone, and one that knew what the first had."""
    told = []
    with closing(watched()) as one, closing(watched()) as two, closing(watched()) as three:
        for first, store in enumerate((one, two)):
            fill(store, 6, visitors=3, first=first)
        one._write("UPDATE visitors SET barred = 1 WHERE id = 'v1'")
        three.take(one.changed(0)[0])
        fill(three, 4, visitors=4)
        two.forget("v2")
        told = [store.changed(0)[0] for store in (one, two, three)]
    return lambda: told  # its words are too many for a failing example


def test_a_row_is_the_same_elsewhere(files):
    with closing(watched()) as one, closing(watched()) as other:
        fill(one, 5)
        taken = other.take(one.changed(0)[0])

        assert taken.new == len(one.changed(0)[0]) and not taken.waiting and not taken.refused
        assert rows(other) == rows(one)
        assert other.changed(0) == ([], 0)


@settings(max_examples=15)
@given(st.integers(0, 2**32).map(random.Random))
def test_any_order_of_files_and_of_lines_twice_gives_the_same_board(files, rng):
    with closing(watched()) as whole, closing(watched()) as store:
        whole.take([event for file in files() for event in file])
        waiting = []
        for file in rng.sample(files() * 2, 2 * len(files())):
            lines = rng.sample(file, len(file))
            cut = rng.randrange(len(lines) + 1)
            for part in (lines[:cut], lines[cut:]):
                waiting = store.take([*waiting, *part]).waiting

        assert not waiting
        assert rows(store) == rows(whole)
        assert shown(store) == shown(whole)


STATES = st.lists(
    st.tuples(
        st.sampled_from(("created", "ready", "void", "voted")),
        st.sampled_from(("left", "right", "tie")),
        st.floats(0, 9).map(lambda number: round(number, 1)),
        st.sampled_from((0, 1)),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40)
@given(STATES, st.integers(0, 2**32).map(random.Random))
def test_states_that_contradict_end_alike(states, rng):
    base = [
        Event("visitors", 1.0, {"id": "v", "first_seen": 0.0}),
        *(Event("contenders", 1.0, {"id": c, "name": c, "config": "{}"}) for c in "ab"),
    ]
    told = []
    for status, choice, at, barred in states:
        told.append(
            Event("battles", at, {"id": "b", "visitor": "v", "left": "a", "right": "b",
                                  "policy": "focus", "created": 0.0, "status": status})
        )  # fmt: skip
        told.append(
            Event("votes", at, {"battle": "b", "choice": choice, "created": 9 - at,
                                "counted": 1, "reason": "", "rules": "2"})
        )  # fmt: skip
        told.append(Event("visitors.barred", at, {"id": "v", "barred": barred}))
    outcomes = []
    for _ in range(2):
        with closing(watched()) as store:
            store.take(base)
            mixed, cut = rng.sample(told, len(told)), rng.randrange(len(told))
            waiting = store.take(mixed[:cut]).waiting
            store.take([*waiting, *mixed[cut:]])
            outcomes.append(rows(store))

    assert outcomes[0] == outcomes[1]
    best = max(states, key=lambda s: (("created", "ready", "void", "voted").index(s[0]), s[2]))
    assert best[0] in {row for row in outcomes[0]["battles"][0] if isinstance(row, str)}


@pytest.mark.parametrize("end", ["voted", "skipped"])
def test_no_step_of_a_battle_is_taken_back_by_an_older_state_of_it(end):
    battle, told = Battle("v", *list(CONTENDERS)[:2], 0.5, "focus"), []
    with closing(watched()) as one, closing(watched()) as other:
        fill(one, 0)
        one.visitor("v")
        for step in (
            lambda: one.open_battle(battle),
            lambda: one.start_turn(battle.id, "v", "Hi", 8),
            lambda: one.void(battle.id, "v", STALLED),
            lambda: one.retry(battle.id, "v", 1),
            lambda: one.ready(battle.id),
            lambda: one.start_turn(battle.id, "v", "And now?", 8),
            lambda: one.ready(battle.id),
            lambda: one.vote(battle.id, "v", "tie") if end == "voted" else skip(one, battle),
        ):
            step()
            other.take(one.changed(0)[0])
            other.take(event._replace(at=2e9) for event in told)  # a clock that runs ahead
            assert other.battle(battle.id) == one.battle(battle.id)
            told += [event for event in one.changed(0)[0] if event.part == "battles"]


def skip(store: Store, battle: Battle) -> None:
    store.void(battle.id, battle.visitor, "skipped")


def test_a_row_waits_for_what_it_refers_to():
    with closing(watched()) as one, closing(watched()) as other:
        fill(one, 1)
        told = one.changed(0)[0]
        votes = [event for event in told if event.part == "votes"]
        taken = other.take(votes)
        assert taken.new == 0 and list(taken.waiting) == votes
        other.take([*taken.waiting, *told])
        assert rows(other) == rows(one)


def test_what_the_tables_refuse_and_do_not_know_is_left_out():
    with closing(watched()) as store:
        odd = {"id": "v", "first_seen": 1.0, "shoe_size": 43}
        taken = store.take(
            [
                Event("visitors", 1.0, odd),
                Event("visitors", 1.0, {"id": "w"}),
                Event("horoscopes", 1.0, {"id": "x"}),
                Event("visits", 1.0, {"visitor": "v"}),
            ]
        )
        assert taken.new == 1
        assert taken.refused == (
            "visits has no day",
            "visitors NOT NULL constraint failed: visitors.first_seen",
        )
        assert rows(store)["visitors"] == [("v", 1.0, None, 0, None)]


def test_a_bar_outlives_a_newer_visit_elsewhere():
    with closing(watched()) as one, closing(watched()) as other:
        one.visitor("v")
        other.take(one.changed(0)[0])
        one._write("UPDATE visitors SET barred = 1 WHERE id = 'v'")
        other._write("UPDATE visitors SET last_act = 5 WHERE id = 'v'")
        one.take(other.changed(0)[0])
        other.take(one.changed(0)[0])
        assert rows(one)["visitors"] == rows(other)["visitors"]
        assert one._row("SELECT barred, last_act FROM visitors") == (1, 5.0)


def test_the_first_vote_stays_whichever_is_told_last():
    with closing(watched()) as one, closing(watched()) as other:
        fill(one, 0)
        battle = Battle("v", *list(CONTENDERS)[:2], 0.5, "focus")
        one.visitor("v")
        one.open_battle(battle)
        one.start_turn(battle.id, "v", "Hi", 8)
        one.ready(battle.id)
        other.take(one.changed(0)[0])
        one.vote(battle.id, "v", "left")
        other.clock = lambda: one.clock() + 60
        other.vote(battle.id, "v", "right")
        other.take(one.changed(0)[0])
        one.take(other.changed(0)[0])
        assert one.tally() == other.tally()
        assert [row[2] for row in one.tally().outcomes] == ["left"]


def test_a_snapshot_brings_all_to_an_empty_file_and_the_rest_to_another(tmp_path):
    with closing(watched(tmp_path / "a.db")) as one:
        fill(one, 5)
        one.snapshot(tmp_path / "s.db")
        for n, votes in enumerate((0, 3)):
            with closing(watched(tmp_path / f"{n}.db")) as other:
                fill(other, votes, first=7) if votes else None
                other.take_snapshot(tmp_path / "s.db")
                other.take_snapshot(tmp_path / "s.db")
                assert other.tally().votes == 5 + votes
                assert other.changed(0)[0] == [] or votes
                assert n or rows(other) == rows(one)


def test_who_was_forgotten_does_not_come_back_with_older_rows(tmp_path):
    with closing(watched(tmp_path / "a.db")) as one, closing(watched(tmp_path / "b.db")) as other:
        fill(one, 6)
        old, last = one.changed(0)
        one.snapshot(tmp_path / "old.db")
        one.forget("v0")
        other.take(one.changed(last)[0])
        with pytest.raises(Refused, match="has been deleted"):
            fill(other, 1)
        other.take(old)
        other.take_snapshot(tmp_path / "old.db")
        visitors = {row[0] for row in rows(other)["visitors"]}
        assert anonymous("v0") in visitors and "v0" not in visitors
        assert not other._read(
            "SELECT 1 FROM turns t JOIN conversations c ON c.id = t.conversation"
            " WHERE c.visitor = ? AND prompt IS NOT NULL",
            (anonymous("v0"),),
        )


def test_words_of_who_was_forgotten_do_not_come_with_a_turn_alone():
    with closing(watched()) as one, closing(watched()) as other:
        fill(one, 1)
        told, last = one.changed(0)
        one.forget("v0")
        other.take([*told, *one.changed(last)[0]])
        other.take([event._replace(at=2e9) for event in told if event.part == "turns"])
        assert other._read("SELECT DISTINCT prompt, reply FROM turns") == [(None, None)]


def test_a_replica_that_hears_of_a_deletion_wants_a_snapshot_too():
    with closing(watched()) as one, closing(watched()) as other:
        fill(one, 3)
        told, last = one.changed(0)
        other.take(told)
        before = other.tally()
        one.forget("v0")
        other.take(one.changed(last)[0])
        assert other.reach().purge > other.reach().covered
        assert rows(other)["visitors"] == rows(one)["visitors"] and other.tally() == before
        purge = other.reach().purge
        other.take(one.changed(last)[0])
        assert other.reach().purge == purge


def test_ranks_are_a_total_order():
    rng = random.Random(3)
    with closing(watched()) as store:
        fill(store, 4)
        told = store.changed(0)[0]
        events = [event._replace(at=rng.choice((1.0, 2.0))) for event in told * 2]
        for _ in range(3):
            with closing(watched()) as other:
                other.take(rng.sample(events, len(events)))
                assert rows(other) == rows(store)


ODD_ROWS = [
    ("visitors", {"id": "a\x1eb"}, "id is no id: 'a\\x1eb'"),
    ("visitors", {"id": "v" * 65}, f"id is no id: {'v' * 40!r}"),
    ("visitors", {"id": "\ud800"}, "id holds half a character"),
    ("visitors", {"id": None}, "has no id"),
    ("visitors", {"id": []}, "id is no single value"),
    ("visitors", {"first_seen": float("inf")}, "first_seen is no number of this world"),
    ("visitors", {"first_seen": float("nan")}, "first_seen is no number of this world"),
    ("visitors", {"first_seen": "soon"}, "cannot store TEXT value in REAL column"),
    ("contenders", {"config": "{" * 100_000}, "config is not a JSON object"),
    ("contenders", {"config": "[" * 100_000}, "config is not a JSON object"),
    ("contenders", {"config": "[]"}, "config is not a JSON object"),
    ("contenders", {"name": "\udfff"}, "name holds half a character"),
    ("conversations", {"kind": "letter"}, "CHECK constraint failed"),
    ("conversations", {"visitor": "\n"}, "visitor is no id"),
    ("turns", {"features": "hello"}, "features is not a JSON object"),
    ("turns", {"prompt_tokens": 2**62}, "prompt_tokens is too large a number"),
    ("turns", {"position": 0.5}, "cannot store REAL value in INTEGER column"),
    ("turns", {"reply": {"a": 1}}, "reply is no single value"),
    ("battles", {"source": "fiction"}, "CHECK constraint failed"),
    ("votes", {"choice": "up"}, "CHECK constraint failed"),
    ("forgotten", {"alias": None}, "has no alias"),
]


@pytest.mark.parametrize(
    ("part", "odd", "reason"), ODD_ROWS, ids=[f"{p} {o}"[:60] for p, o, _ in ODD_ROWS]
)
def test_an_odd_row_is_named_and_keeps_back_no_other(files, part, odd, reason):
    told = [event for event in files()[0] if event.part != "forgotten"]
    row = next((e.row for e in told if e.part == part), {"alias": "f-1", "created": 1.0})
    with closing(watched()) as whole, closing(watched()) as store:
        whole.take(told)
        taken = store.take([Event(part, 9e9, row | odd), *told])

        assert len(taken.refused) == 1 and reason in taken.refused[0]
        assert taken.refused[0].startswith(part) and not taken.waiting
        assert rows(store) == rows(whole) and store.tally() == whole.tally()


def test_what_refers_to_a_row_that_is_refused_waits_for_a_better_one(files):
    told = [event for event in files()[0]]
    odd = [e._replace(row=e.row | {"kind": "x"}) if e.part == "conversations" else e for e in told]
    with closing(watched()) as whole, closing(watched()) as store:
        whole.take(told)
        taken = store.take(odd)
        assert taken.waiting and all("CHECK" in reason for reason in taken.refused)
        store.take([*taken.waiting, *told])
        assert rows(store) == rows(whole)
