"""What older versions told the Hub: their event files are read, and their journal ends."""

import json
import random
from contextlib import closing
from pathlib import Path

import pytest
from replicas import rows
from stored import fill

from arena.db.database import Database
from arena.db.event_files import read_events
from arena.db.introspection import tables
from arena.db.migrations import migrations
from arena.db.replica import Replica
from arena.db.store import Store
from arena.models import Contender


def line(part: str, row: dict, at: float = 1.5) -> bytes:
    return json.dumps({"part": part, "at": at, "row": row}).encode() + b"\n"


def told(store: Store) -> list[bytes]:
    """The rows of the file as an older version told them, in no order."""
    lines = []
    for name, columns, _ in tables(store.database).values():
        new = {"barred_at", "judged", "marked"} | ({"barred"} if name == "visitors" else set())
        for row in store.database.query(f"SELECT * FROM {name}"):
            every = zip(columns, row, strict=True)
            lines.append(line(name, {n: value for n, value in every if n not in new}))
    return random.Random(1).sample(lines, len(lines))


def read(store: Store, *lines: bytes) -> int:
    """What the Hub does with event files; how many lines were left out."""
    file, place = Path(f"{store.database.path}.jsonl"), Path(f"{store.database.path}.events")
    file.write_bytes(b"".join(lines))
    Replica(store.database).write_snapshot(place)
    with closing(Database.open(place)) as events:
        left_out = read_events(events, [file])
    Replica(store.database).merge_snapshot(place)
    place.unlink()
    return left_out


@pytest.fixture
def pair(pair):
    fill(pair[0], 4)
    return pair


def test_rows_in_any_order_are_read_once(pair):
    one, other = pair
    lines = told(one)
    fill(other, 2, first=7)
    for half in (lines[::2], lines, lines[1::2]):
        read(other, *half)
    assert other.votes.counts().votes == 6 and read(other, *lines) == 0
    read(one, *told(other))
    # When a row was told last is the stamp of its last change.
    stamped = ("votes", "turns")
    assert {t: r for t, r in rows(other).items() if t not in stamped} == {
        t: r for t, r in rows(one).items() if t not in stamped
    }
    assert other.votes.counts() == one.votes.counts()


def test_of_several_states_the_best_one_stays_and_the_last_bar(pair):
    one, other = pair
    (battle, choice, created) = one.database.query_one(
        "SELECT battle, choice, min(created) FROM votes"
    )
    lines = told(one)
    (vote,) = [json.loads(x)["row"] for x in lines if battle in x.decode() and b'"votes"' in x]
    (fight,) = [
        json.loads(x)["row"]
        for x in lines
        if b'"part": "battles"' in x and f'"id": "{battle}"' in x.decode()
    ]
    later = vote | {"choice": "both_bad", "created": created + 60}
    read(
        other,
        line("votes", later, at=99.0),
        *lines,
        line("battles", fight | {"status": "void"}, at=99.0),
        line("visitors.barred", {"id": "v1", "barred": 0}, at=3.0),
        line("visitors.barred", {"id": "v0", "barred": 1}, at=3.0),
        line("visitors.barred", {"id": "v1", "barred": 1}, at=2.0),
    )
    assert other.database.query_one("SELECT choice FROM votes WHERE battle = ?", (battle,)) == (
        choice,
    )
    assert other.votes.counts() == one.votes.counts()
    assert other.database.query("SELECT id FROM visitors WHERE barred") == [("v0",)]


TORN = [
    b"{\n",
    b"\xff\xfe\n",
    b"[" * 200_000 + b"\n",
    b"[]\n",
    b'"votes"\n',
    b'{"part": "votes", "at": 1}\n',
    b'{"part": "votes", "at": "now", "row": {}}\n',
    b'{"part": "votes", "at": NaN, "row": {}}\n',
    b'{"part": "votes", "at": 1e999, "row": {}}\n',
    b'{"part": 5, "at": 1, "row": {}}\n',
    b'{"part": "votes", "at": 1, "row": []}\n',
    line("visitors", {"id": "a\x1eb", "first_seen": 1.0}),
    line("visitors", {"id": "\ud800", "first_seen": 1.0}),
    line("visitors", {"id": "w"}),
    line("visitors", {"id": ["w"], "first_seen": 1.0}),
    line("visitors", {"id": "w", "first_seen": "soon"}),
    line("visitors", {"id": "w", "first_seen": float("inf")}),
    line("visits", {"visitor": "nobody", "day": "2026-01-01"}),
    line("visits", {"visitor": "v1", "day": "2026-01-01", "turns": 2**62}),
    line("contenders", {"id": "c", "name": "n", "config": "[]"}),
    line("contenders", {"id": "d", "name": "n", "config": "{" * 100_000}),
    line("votes", {"battle": "no battle", "choice": "left", "created": 1.0, "counted": 1,
                   "reason": "", "rules": "2"}),
]  # fmt: skip


def test_lines_that_are_none_or_odd_keep_back_no_other(pair):
    one, other = pair
    assert read(other, *TORN, *told(one), b'{"part": "vot') == len(TORN)
    assert other.votes.counts() == one.votes.counts()
    assert {row[0] for row in rows(other)["visitors"]} == {"v0", "v1", "v2"}


def test_what_is_not_known_is_left_out_and_who_was_forgotten_stays_so(pair):
    one, _ = pair
    lines = told(one)
    one.erasure.erase_visitor("v1")
    read(one, line("horoscopes", {"id": 1}), line("contenders", {"id": "c", "name": "n",
         "config": "{}", "shoe": 43}), *lines)  # fmt: skip
    assert Contender("c", "n", {}) in one.contenders.all()
    assert one.erasure.is_erased("v1") and one.votes.counts().votes == 4
    assert not one.database.query("SELECT 1 FROM visitors WHERE id = 'v1'")
    assert b"A **secret** 1." not in Path(one.database.path).read_bytes()


def test_the_journal_of_an_older_version_ends_and_its_times_stay(tmp_path):
    path = tmp_path / "old.db"
    with closing(Database.open_plain(path, str(path))) as old:
        migrations.apply(old.tables, stop_before="m080_snapshots")
        old.execute("INSERT INTO visitors (id, first_seen, barred) VALUES ('v', 1.0, 1)")
        old.execute("CREATE TRIGGER journal_update_visitors AFTER UPDATE OF first_seen ON visitors"
                   " BEGIN UPDATE journal SET last = last + 1; END")  # fmt: skip
        old.execute("INSERT INTO changes VALUES ('visitors.barred', '[\"v\"]', 7.5, 1)")
        old.execute("UPDATE journal SET purge = 3, covered = 2")
    with closing(Store.open(path)) as store:
        assert store.database.query("SELECT barred, barred_at FROM visitors") == [(1, 7.5)]
        assert Replica(store.database).deletions() == (1, 0)
        assert not store.database.query("SELECT 1 FROM sqlite_schema WHERE name LIKE '%journal%'")
        store.database.execute("UPDATE visitors SET first_seen = 2.0")
