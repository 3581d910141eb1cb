"""The file: how it is opened, and what is no file of ours."""

import pytest
from sqlite_utils.utils import sqlite3

from arena.database import journal
from arena.store import Store, StoreError
from tests.stored import opened


def test_foreign_keys_and_durability_are_on(store):
    settings = [store._row(f"PRAGMA {name}")[0] for name in ("foreign_keys", "synchronous")]

    assert settings == [1, 2]
    assert store._row("PRAGMA journal_mode")[0].upper() == journal(sqlite3.sqlite_version_info)


def test_wal_only_where_it_is_safe():
    assert [journal(v) for v in ((3, 40, 1), (3, 51, 2), (3, 51, 3), (3, 53, 0))] == [
        "DELETE",
        "DELETE",
        "WAL",
        "WAL",
    ]


def test_what_cannot_be_opened_is_one_line_that_names_it(tmp_path):
    opened(tmp_path / "arena.db").close()
    (tmp_path / "notes.db").write_text("These are my notes, not a database. " * 20)
    for path, why in {
        tmp_path / "none" / "arena.db": "there is no folder",
        tmp_path: "is a folder",
        tmp_path / "notes.db": "is not an SQLite database",
        f"file:{tmp_path}/arena.db?mode=ro": "is read-only",
        f"file:{tmp_path}/other.db?mode=rw": "cannot be opened",
    }.items():
        with pytest.raises(StoreError, match=why) as raised:
            Store.open(path)

        assert str(path) in str(raised.value) and "--db" in str(raised.value)
        assert "\n" not in str(raised.value)
    assert not (tmp_path / "none").exists() and not (tmp_path / "other.db").exists()
    assert (tmp_path / "notes.db").read_text().startswith("These are my notes")


def test_a_closed_store_says_so(store):
    store.close()
    store.close()

    with pytest.raises(StoreError, match="closed"):
        store.contenders()
