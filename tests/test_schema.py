"""The tables that the migrations make, what they refuse, and files that are not ours."""

import pytest
import sqlite_utils
from sqlite_utils.utils import sqlite3

from arena import schema
from arena.records import StoreError
from arena.store import Store

COLUMNS = {
    "visitors": "id first_seen address_hash barred last_act barred_at",
    "visits": "visitor day seconds turns conversations replies answered retries ups downs",
    "experiments": "name control shares source created",
    "exposures": "experiment visitor arm since crossed",
    "contenders": "id name config",
    "conversations": "id visitor contender kind system created preview put_away",
    "turns": "id conversation position prompt reply member chance chances ahead finished finish"
    " error ttft_s seconds prompt_tokens cached_tokens completion_tokens cut_turns features parent"
    " undone feedback opened closed marked",
    "replication": "one purge purged",
    "expired": "cutoff",
    "forgotten": "alias created",
    "vote_counts": "source left right choice counted votes",
    "battle_counts": "source status battles",
    "battles": "id visitor left right left_conversation right_conversation pair_chance policy"
    " status turns leaked prompt_hash language source void_reason created ready retried",
    "votes": "battle choice created counted reason rules waited watched shorter prompt_characters"
    " left_characters left_headers left_lists left_bold"
    " right_characters right_headers right_lists right_bold address judged",
}


@pytest.fixture
def db():
    db = sqlite_utils.Database(memory=True)
    db.execute("PRAGMA foreign_keys = ON")
    schema.migrations.apply(db)
    db["visitors"].insert({"id": "v", "first_seen": 0.0})
    db["contenders"].insert_all({"id": id, "name": id, "config": "{}"} for id in "ab")
    yield db
    db.close()


def battle(**changes):
    """A row that every constraint accepts, with some changes."""
    row = {"id": "1", "visitor": "v", "left": "a", "right": "b", "policy": "focus", "created": 0.0}
    return row | changes


def test_migrations_from_empty_give_the_schema(db):
    made = {name: [c.name for c in db[name].columns] for name in COLUMNS}

    assert made == {name: columns.split() for name, columns in COLUMNS.items()}
    assert set(db.table_names()) == {*COLUMNS, "_sqlite_migrations"}
    assert all(db[name].strict for name in COLUMNS)


def test_foreign_keys(db):
    keys = {(name, k.column, k.other_table) for name in COLUMNS for k in db[name].foreign_keys}

    assert keys == {
        ("visits", "visitor", "visitors"),
        ("exposures", "visitor", "visitors"),
        ("exposures", "experiment", "experiments"),
        ("conversations", "visitor", "visitors"),
        ("conversations", "contender", "contenders"),
        ("turns", "conversation", "conversations"),
        ("turns", "parent", "turns"),
        ("battles", "visitor", "visitors"),
        ("battles", "left", "contenders"),
        ("battles", "right", "contenders"),
        ("battles", "left_conversation", "conversations"),
        ("battles", "right_conversation", "conversations"),
        ("votes", "battle", "battles"),
    }


@pytest.mark.parametrize("step", range(1, 8))
def test_migrating_in_two_goes_gives_the_same(db, step):
    names = [migration.name for migration in schema.migrations.applied(db)]
    other = sqlite_utils.Database(memory=True)

    schema.migrations.apply(other, stop_before=names[step:])
    schema.migrations.apply(other)

    assert other.schema == db.schema
    other.close()


@pytest.mark.parametrize(
    "change",
    [
        {"status": "won"},
        {"source": "bought"},
        {"right": "a"},
        {"left": "nobody"},
        {"visitor": "nobody"},
        {"left_conversation": "none"},
        {"pair_chance": 0.0},
        {"pair_chance": 1.5},
        {"turns": -1},
        {"leaked": 2},
        {"created": "yesterday"},
    ],
    ids=str,
)
def test_a_battle_that_cannot_be_is_refused(db, change):
    with pytest.raises(sqlite3.IntegrityError):
        db["battles"].insert(battle(**change))


@pytest.mark.parametrize("change", [{"choice": "up"}, {"counted": 2}, {"battle": "2"}], ids=str)
def test_a_vote_that_cannot_be_is_refused(db, change):
    db["battles"].insert(battle())
    vote = {
        "battle": "1",
        "choice": "tie",
        "created": 0.0,
        "counted": 1,
        "reason": "",
        "rules": "1",
    }

    with pytest.raises(sqlite3.IntegrityError):
        db["votes"].insert(vote | change)


def test_a_newer_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "arena.db"
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('arena', 'm999_telepathy', 'tomorrow')"
        )
    connection.close()
    before = path.read_bytes()

    with pytest.raises(StoreError, match=r"arena\.db .*newer version.*m999_telepathy.*upgrade"):
        Store.open(path)

    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE visitors (name)")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(StoreError, match=r"photos\.db is the database of another program.*--db"):
        Store.open(path)

    assert path.read_bytes() == before
