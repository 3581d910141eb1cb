"""The tables that the migrations make, what they refuse, and files that are not ours."""

from contextlib import closing

import pytest
import sqlite_utils
from sqlite_utils.utils import sqlite3

from arena.db.migrations import migrations
from arena.db.store import Store
from arena.models import StoreError


@pytest.fixture
def db():
    db = sqlite_utils.Database(memory=True)
    db.execute("PRAGMA foreign_keys = ON")
    migrations.apply(db)
    db["visitors"].insert({"id": "v", "first_seen": 0.0})
    db["contenders"].insert_all({"id": id, "name": id, "config": "{}"} for id in "ab")
    yield db
    db.close()


BATTLE = {"id": "1", "visitor": "v", "left": "a", "right": "b", "policy": "p", "created": 0.0}


def test_every_table_is_strict_and_refers_to_what_is_there(db):
    tables = [db[name] for name in db.table_names() if not name.startswith("_")]

    assert len(tables) >= 18 and all(table.strict for table in tables)
    for key in (key for table in tables for key in table.foreign_keys):
        assert key.other_table in db.table_names() and key.other_column in db[key.other_table].pks


@pytest.mark.parametrize("step", range(1, 8))
def test_migrating_in_two_goes_gives_the_same(db, step):
    names = [migration.name for migration in migrations.applied(db)]
    other = sqlite_utils.Database(memory=True)

    migrations.apply(other, stop_before=names[step:])
    migrations.apply(other)

    assert other.schema == db.schema
    other.close()


@pytest.mark.parametrize(
    "change",
    [
        *({"status": "won"}, {"source": "bought"}, {"right": "a"}, {"left": "nobody"}),
        *({"visitor": "nobody"}, {"left_conversation": "none"}, {"pair_chance": 0.0}),
        *({"pair_chance": 1.5}, {"turns": -1}, {"leaked": 2}, {"created": "yesterday"}),
    ],
    ids=str,
)
def test_a_battle_that_cannot_be_is_refused(db, change):
    with pytest.raises(sqlite3.IntegrityError):
        db["battles"].insert(BATTLE | change)


@pytest.mark.parametrize("change", [{"choice": "up"}, {"counted": 2}, {"battle": "2"}], ids=str)
def test_a_vote_that_cannot_be_is_refused(db, change):
    db["battles"].insert(BATTLE)
    vote = {"battle": "1", "choice": "tie", "created": 0.0, "counted": 1, "reason": "", "rules": ""}

    with pytest.raises(sqlite3.IntegrityError):
        db["votes"].insert(vote | change)


@pytest.mark.parametrize(
    ("thumb", "reasons"), [(None, '["a"]'), (1, "a"), (1, '{"a": 1}'), (-1, '"a"'), (1, "")]
)
def test_reasons_without_a_thumb_and_what_is_no_list_are_refused(db, thumb, reasons):
    db["conversations"].insert(
        {"id": "t", "visitor": "v", "contender": "a", "kind": "chat", "created": 0.0}
    )
    turn = {"id": "1", "conversation": "t", "position": 0, "features": "{}"}
    db["turns"].insert(turn | {"feedback": 1, "feedback_reasons": '["a"]'})
    with pytest.raises(sqlite3.IntegrityError):
        db["turns"].insert(turn | {"id": "2", "feedback": thumb, "feedback_reasons": reasons})


NEWER = """
    CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set, name, applied_at);
    INSERT INTO _sqlite_migrations VALUES (1, 'arena', 'm999_telepathy', 'tomorrow')"""


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (NEWER, r"arena\.db .*newer version.*m999_telepathy.*upgrade"),
        ("CREATE TABLE visitors (name)", r"arena\.db is the database of another program.*--db"),
    ],
    ids=["newer", "another program's"],
)
def test_a_database_that_is_not_ours_is_refused_and_left_alone(tmp_path, script, why):
    path = tmp_path / "arena.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    before = path.read_bytes()

    with pytest.raises(StoreError, match=why):
        Store.open(path)

    assert path.read_bytes() == before
