"""The journal: every change is noted with the change itself, and told as the row is then."""

from contextlib import closing

import pytest

from arena.journal import Journal
from arena.store import Store
from tests.conftest import fill


def watched(path=":memory:", **options) -> Store:
    store = Store.open(path, **options)
    store.watch("me/votes")
    return store


def told(store: Journal, after: int = 0) -> list[tuple[str, str]]:
    return [(part, next(iter(row.values()))) for part, _, row in store.changed(after)[0]]


def test_until_it_is_watched_nothing_is_noted():
    with closing(Store.open(":memory:")) as store:
        fill(store, 2)
        assert store.changed(0) == ([], 0)


def test_every_row_is_told_once_as_it_is_now():
    with closing(watched()) as store:
        fill(store, 4)
        found = told(store)
        assert len(found) == len(set(found))
        for table in ("visitors", "contenders", "conversations", "turns", "battles", "votes"):
            ids = {key for part, key in found if part == table}
            assert len(ids) == store._row(f"SELECT count(*) FROM {table}")[0]
        states = {row["status"] for part, _, row in store.changed(0)[0] if part == "battles"}
        assert states == {"voted"}


def test_what_changed_after_a_number_is_told_again():
    with closing(watched()) as store:
        fill(store, 1)
        _, last = store.changed(0)
        store.told(last)
        assert told(store, last) == []
        store.contender("c-1", "Renamed", {})
        assert told(store, store.reach().kept) == [("contenders", "c-1")]


def test_a_write_that_is_undone_is_not_told():
    with closing(watched()) as store:
        with pytest.raises(ZeroDivisionError), store.writing():
            store.contender("c", "C", {})
            _ = 1 / 0
        assert store.changed(0)[0] == []


def test_a_later_change_has_a_later_time_whatever_the_clock_says():
    with closing(watched()) as store:
        store.contender("c", "C", {})
        store._write("UPDATE changes SET at = at + 3600")
        (before,) = store.changed(0)[0]
        store.contender("c", "D", {})
        (after,) = store.changed(0)[0]
        assert before.at < after.at < before.at + 1


def test_what_was_there_before_and_another_place_want_a_snapshot():
    with closing(Store.open(":memory:")) as store:
        store.watch("me/votes")
        assert store.reach().purge == 0
        fill(store, 1)
        store.covered(store.changed(0)[1], "snapshots/1.db")
        store.watch("me/votes")
        assert store.reach().purge <= store.reach().covered
        store.watch("me/other")
        assert store.reach().purge > store.reach().covered


def test_columns_of_a_later_version_are_watched_too():
    with closing(watched()) as store:
        fill(store, 1)
        store._write("ALTER TABLE votes ADD COLUMN mood TEXT")
        store.watch("me/votes")
        last = store.changed(0)[1]
        store._write("UPDATE votes SET mood = 'merry'")
        assert [row["mood"] for _, _, row in store.changed(last)[0]] == ["merry"]


def test_without_texts_none_is_told_and_none_is_in_a_snapshot(tmp_path):
    with closing(watched(tmp_path / "a.db")) as store:
        fill(store, 3)
    with closing(watched(tmp_path / "a.db", keep_texts=False)) as store:
        assert all(row["prompt"] is None for part, _, row in store.changed(0)[0] if part == "turns")
        store.snapshot(tmp_path / "s.db")
        assert b"secret" in (tmp_path / "a.db").read_bytes()
        assert b"secret" not in (tmp_path / "s.db").read_bytes()


def test_a_snapshot_goes_up_to_its_number(tmp_path):
    with closing(watched(tmp_path / "a.db")) as store:
        fill(store, 3)
        number = store.snapshot(tmp_path / "s.db")
        assert number == store.changed(0)[1]
        with closing(Store.look(tmp_path / "s.db")) as copy:
            assert copy.tally() == store.tally()
