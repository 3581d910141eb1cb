"""Files of several replicas: in any order, any number of times, merged with one outcome."""

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ballot_rows import ballots_of
from hypothesis import given, settings
from hypothesis import strategies as st
from replicas import rows, take, tell
from stored import CONTENDERS, fill, filled, votes_of

from arena.battle.voting import cast_vote
from arena.db.database import Database
from arena.db.replica import Replica
from arena.db.repositories.erasure import pseudonym
from arena.db.repositories.votes.vote_audit import JUDGE
from arena.db.store import Store
from arena.models import INCOMPLETE, Battle, DamagedError, Refused
from arena.ranking.format import rating_records
from arena.ranking.ratings import bradley_terry
from arena.site.recording import give_feedback, register_visitor


def shown(store: Store) -> list[dict]:
    """The board: what its table says, with intervals that take a visitor's votes as one."""
    votes = ((v.left, v.right, v.choice, v.visitor) for v in votes_of(store))
    ballots = ballots_of(votes, sorted(CONTENDERS))
    return list(rating_records(bradley_terry(ballots.counts(), ballots=ballots)))


@pytest.fixture
def pair(tmp_path):
    """Two replicas that know nothing yet."""
    with closing(Store.open(tmp_path / "a.db")) as one, closing(Store.open(tmp_path / "b.db")) as b:
        yield one, b


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Callable[[], list[Path]]:
    """Three replicas' files: two that began alone, one that knew what the first had."""
    place = tmp_path_factory.mktemp("files")
    made = [place / f"{name}.db" for name in "abc"]
    with closing(Store.open(made[0])) as one, closing(Store.open(made[1])) as two:
        for first, store in enumerate((one, two)):
            fill(store, 6, visitors=3, first=first)
        two.erasure.erase_visitor("v2")
        with closing(Store.open(made[2])) as three:
            tell(one, three)
            fill(three, 4, visitors=4)
            three.erasure.expire_texts(three.database.clock() - 86_395, 0)
    with closing(Store.open(made[0])) as one:
        one.vote_audit.bar("v1", True)
        one.database.executemany(JUDGE, [(0, "said so", "9", 2)])
    return lambda: made


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32).map(random.Random))
def test_any_order_of_files_twice_gives_the_same_board(files, rng):
    with TemporaryDirectory() as place:
        outcomes = []
        for name in "xy":
            with closing(Store.open(Path(place, f"{name}.db"))) as store:
                take(store, *rng.sample(files() * 2, 6))
                outcomes.append((rows(store), shown(store), store.votes.counts()))
        assert outcomes[0] == outcomes[1]
        assert outcomes[0][2].votes == 16


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


def test_a_row_is_the_same_elsewhere_and_a_merge_is_no_change_but_what_others_write(pair):
    one, other = pair
    replica = Replica(other.database)
    fill(one, 5)
    before = replica.is_empty(), replica.change_mark()
    tell(one, other)
    assert rows(other) == rows(one)
    assert before == (True, replica.change_mark()) and not replica.is_empty()
    other.contenders.save("c", "C", {})
    assert replica.change_mark() != before[1]
    with closing(Store.open(other.database.path)) as command:
        before = replica.change_mark()
        assert replica.change_mark() == before
        command.erasure.erase_visitor("v1")
    assert replica.change_mark() != before and replica.deletions() == (1, 0)
    replica.note_deletions_pushed(1)
    assert replica.deletions() == (1, 1)


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


def test_the_first_vote_stays_whichever_comes_last(pair):
    one, other = pair
    fill(one, 0)
    battle = Battle("v", *list(CONTENDERS)[:2], 0.5, "focus")
    register_visitor(one, "v")
    one.battles.open(battle)
    one.battles.admit_message(battle.id, "v", "Hi", 8)
    one.battles.mark_ready(battle.id)
    tell(one, other)
    cast_vote(one, battle.id, "v", "left")
    other.database.clock = lambda: one.database.clock() + 60
    cast_vote(other, battle.id, "v", "right")
    tell(one, other)
    tell(other, one)
    assert one.votes.counts() == other.votes.counts()
    assert [row[2] for row in one.votes.counts().outcomes] == ["left"]


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


def test_who_was_forgotten_does_not_come_back_with_older_rows(pair):
    one, other = pair
    fill(one, 6)
    old = tell(one, one)
    one.erasure.erase_visitor("v0")
    tell(one, other)
    assert Replica(other.database).deletions() == (0, 0)
    with pytest.raises(Refused, match="has been deleted"):
        fill(other, 1)
    take(other, old)
    assert Replica(other.database).deletions() == (1, 0), "what still has them must go"
    assert (
        rows(other)["visitors"] == rows(one)["visitors"]
        and other.votes.counts() == one.votes.counts()
    )
    assert pseudonym("v0") in {row[0] for row in rows(other)["visitors"]}
    assert b"A **secret** 3." not in Path(other.database.path).read_bytes()


def test_texts_that_were_dropped_as_old_do_not_come_back(pair):
    one, other = pair
    fill(one, 3)
    old = tell(one, other)
    assert one.erasure.expire_texts(one.database.clock() + 90_000, 1)
    take(one, old)
    tell(one, other)
    for store in pair:
        assert store.database.query_one("SELECT count(prompt), count(*) FROM turns") == (0, 6)
        assert b"**secret**" not in Path(store.database.path).read_bytes()


def test_where_no_texts_are_kept_none_come_and_none_are_lost_elsewhere(tmp_path, pair):
    one, _ = pair
    fill(one, 3)
    before = rows(one)
    with closing(Store.open(tmp_path / "c.db", keep_texts=False)) as quiet:
        tell(one, quiet)
        assert quiet.votes.counts() == one.votes.counts() and Replica(
            quiet.database
        ).deletions() == (
            1,
            0,
        )
        assert b"**secret**" not in Path(quiet.database.path).read_bytes()
        tell(quiet, one)
    assert rows(one) == before


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE visitors SET id = 'a' || char(30) || 'b' WHERE id = 'v1'",
        "UPDATE contenders SET config = '[]'",
        "UPDATE turns SET features = replace(hex(zeroblob(50000)), '0', '[')",
        "DELETE FROM visitors WHERE id = 'v1'",
        "UPDATE vote_reasons SET reason = 'a' || char(10)",
        "UPDATE vote_comments SET comment = hex(zeroblob(9999))",
        "UPDATE vote_reasons SET battle = 'none'",
    ],
    ids=("an id", "JSON", "deep JSON", "nobody", "reason", "long comment", "no vote"),
)
def test_a_file_with_what_may_not_be_stored_is_left_out_whole(tmp_path, pair, sql):
    one, _ = pair
    fill(one, 2)
    before = rows(one)
    with closing(Database.open(filled(tmp_path / "odd.db", 2))) as odd:
        odd.connection.execute("PRAGMA foreign_keys = OFF")
        odd.connection.execute("PRAGMA ignore_check_constraints = ON")
        odd.execute(sql)
    with pytest.raises(DamagedError):
        Replica(one.database).merge_snapshot(tmp_path / "odd.db")
    assert rows(one) == before


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
