"""Whole files: copied while others write, checked, and merged by id."""

import threading
from contextlib import closing

import pytest

from arena import schema
from arena.archive import Archive
from arena.records import Battle, StoreError
from arena.resume import STALLED
from arena.store import Store
from tests.conftest import fill, filled


def quiet(done, of):
    assert 0 <= done <= of


def copied(path, out):
    with closing(Archive.source(path)) as source:
        source.copy(out, quiet)
    return out


def merged(path, other):
    with closing(Archive.open(path)) as archive:
        return archive.merge(other, quiet)


def dump(path):
    """All rows of all tables but the list of migrations."""
    with closing(Archive.look(path)) as db:
        tables = [row[0] for row in db._read(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%sqlite%'"
        )]  # fmt: skip
        return {table: sorted(db._read(f"SELECT * FROM {table}"), key=repr) for table in tables}


def test_a_copy_is_the_same(tmp_path):
    db = filled(tmp_path / "a.db")
    assert dump(copied(db, tmp_path / "b.db")) == dump(db)


def test_a_copy_is_of_one_moment_while_others_write(tmp_path):
    store, stop = Store.open(tmp_path / "a.db"), threading.Event()
    fill(store, 50)

    def write():
        while not stop.is_set():
            fill(store, 1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            copy = copied(tmp_path / "a.db", tmp_path / f"copy{n}.db")
            votes, battles = dump(copy)["votes"], dump(copy)["battles"]
            assert len(votes) >= 50
            assert {row[0] for row in votes} == {row[0] for row in battles if "voted" in row}
    finally:
        stop.set()
        writer.join()
        store.close()


def test_a_damaged_file_gives_no_copy(tmp_path):
    db = filled(tmp_path / "a.db", votes=40)
    with open(db, "r+b") as raw:
        raw.seek(3 * 4096 + 100)
        raw.write(b"\xff" * 8000)
    with pytest.raises(StoreError, match=r"a\.db is damaged"):
        copied(db, tmp_path / "b.db")


def test_a_broken_reference_is_damage(tmp_path):
    db = filled(tmp_path / "a.db", votes=1)
    with closing(Archive.open(db)) as archive:
        archive._connection.execute("PRAGMA foreign_keys = OFF")
        archive._write("DELETE FROM contenders WHERE id = 'c-1'")
        with pytest.raises(StoreError, match="names a row of contenders that is not there"):
            archive.check()


def test_merging_two_and_again(tmp_path):
    a, b = filled(tmp_path / "a.db", votes=5), filled(tmp_path / "b.db", votes=7, first=2)
    result = merged(a, b)
    assert (result.rows["votes"], result.rows["contenders"], result.differ) == ((7, 7), (0, 3), 0)
    once = dump(a)
    assert len(once["votes"]) == 12 and len(once["turns"]) == 24
    assert merged(a, b).rows["votes"] == (0, 7)
    assert dump(a) == once


def test_merging_in_either_order_gives_the_same(tmp_path):
    one, two = filled(tmp_path / "1.db", votes=3), filled(tmp_path / "2.db", votes=4, first=1)
    for name, order in (("x.db", (one, two)), ("y.db", (two, one))):
        for other in order:
            merged(tmp_path / name, other)
    x, y = dump(tmp_path / "x.db"), dump(tmp_path / "y.db")
    # The address that is kept is the first that was seen, which the order decides.
    assert {t: rows for t, rows in x.items() if t != "visitors"} == {
        t: rows for t, rows in y.items() if t != "visitors"
    }


def test_the_later_state_of_a_battle_is_kept(tmp_path):
    with closing(Store.open(tmp_path / "a.db")) as store:
        fill(store, 1)
        battle = Battle("v0", "c-1", "c-2", 0.5, "focus")
        store.open_battle(battle)
        store.start_turn(battle.id, "v0", "Hello", 8)
        copied(tmp_path / "a.db", tmp_path / "early.db")
        store.ready(battle.id)
        store.vote(battle.id, "v0", "tie")
    late = dump(tmp_path / "a.db")
    merged(tmp_path / "early.db", tmp_path / "a.db")
    assert dump(tmp_path / "early.db") == late
    early = tmp_path / "earlier.db"
    merged(early, copied(tmp_path / "early.db", tmp_path / "x.db"))
    merged(tmp_path / "a.db", early)
    assert dump(tmp_path / "a.db") == late


def test_a_side_that_was_asked_again_outlives_the_older_void(tmp_path):
    with closing(Store.open(tmp_path / "a.db")) as store:
        fill(store, 0)
        battle = Battle("v0", "c-1", "c-2", 0.5, "focus")
        store.visitor("v0")
        store.open_battle(battle)
        store.start_turn(battle.id, "v0", "Hello", 8)
        store.void(battle.id, "v0", STALLED)
        copied(tmp_path / "a.db", tmp_path / "early.db")
        store.retry(battle.id, "v0", 1)
        store.ready(battle.id)
    late = dump(tmp_path / "a.db")
    merged(tmp_path / "a.db", tmp_path / "early.db")
    merged(tmp_path / "early.db", tmp_path / "a.db")
    assert dump(tmp_path / "a.db") == dump(tmp_path / "early.db") == late


def test_votes_that_contradict_are_counted_and_the_first_stays(tmp_path):
    a = filled(tmp_path / "a.db", votes=2)
    b = copied(a, tmp_path / "b.db")
    with closing(Archive.open(b)) as other:
        other._write("UPDATE votes SET choice = 'tie', created = created + 1 WHERE rowid = 1")
    before = dump(a)
    assert merged(a, b).differ == merged(b, a).differ == 1
    assert dump(a) == before and dump(b)["votes"] == before["votes"]


def test_an_older_file_can_be_copied_and_says_what_it_lacks(tmp_path):
    db = tmp_path / "old.db"
    names = list(schema.migrations._migrations)
    with closing(Archive._opened(str(db), str(db), True, 1.0, lambda new: None)) as old:
        schema.migrations.apply(old._db, stop_before=names[-1].name)
    with closing(Archive.source(db)) as source:
        assert source.lacks() == [names[-1].name]
        source.copy(tmp_path / "copy.db", quiet)
    with pytest.raises(StoreError, match=f"older version .it lacks {names[-1].name}"):
        Store.look(db)
    Archive.open(tmp_path / "copy.db").close()
    Store.look(tmp_path / "copy.db").close()


def test_looking_writes_nothing(tmp_path):
    db = filled(tmp_path / "a.db", votes=3)
    before = db.read_bytes()
    with closing(Store.look(db)) as store:
        assert store.tally().votes == 3
        with pytest.raises(StoreError, match="read-only"):
            store.visitor("somebody")
    assert db.read_bytes() == before
    with pytest.raises(StoreError, match="there is no database"):
        Store.look(tmp_path / "none.db")
