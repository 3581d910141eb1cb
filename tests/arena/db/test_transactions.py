"""Transactions: all or nothing, and what is locked by others is waited for, then said."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3
from stored import battle_of, opened

from arena.battle.voting import cast_vote
from arena.db.store import Store
from arena.models import Refused, StoreError
from arena.site.recording import register_visitor


def test_a_transaction_is_whole_and_an_inner_refusal_undoes_only_itself(store):
    with pytest.raises(KeyError), store.database.transaction():
        register_visitor(store, "cleo")
        raise KeyError
    assert not store.visits.has_visitor("cleo")
    with store.database.transaction():
        register_visitor(store, "cleo")
        with pytest.raises(Refused):
            cast_vote(store, "nothing", "cleo", "left")
    assert store.visits.has_visitor("cleo")


LOCK = """
import importlib, sys
sqlite3 = importlib.import_module(sys.argv[2])
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
connection.close()
"""


@pytest.fixture
def lock(tmp_path):
    """Another process that locks the file until a line is written to it."""
    opened(tmp_path / "arena.db").close()
    command = [sys.executable, "-c", LOCK, str(tmp_path / "arena.db"), sqlite3.__name__]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_a_locked_file_is_waited_for_and_then_said(lock, tmp_path):
    start = time.monotonic()

    with pytest.raises(StoreError, match=r"arena\.db is locked by another program.*--db"):
        Store.open(tmp_path / "arena.db", patience=0.2)

    assert 0.2 <= time.monotonic() - start < 10


def test_a_lock_that_is_given_up_in_time_does_no_harm(lock, tmp_path):
    release = threading.Timer(0.2, lambda: lock.communicate("go\n"))
    release.start()

    store = Store.open(tmp_path / "arena.db", patience=20)

    release.join()
    assert len(store.contenders.all()) == 2
    store.close()


def test_a_vote_on_a_locked_file_tells_no_name_and_waits_do_not_add_up(store):
    battle = battle_of(store, "ready")
    store.database.query("PRAGMA busy_timeout = 500")
    start = time.monotonic()

    def vote(n):
        with pytest.raises(StoreError, match="locked"):
            cast_vote(store, battle.id, "ann", "left")
        return time.monotonic() - start

    with closing(sqlite3.connect(store.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(30) as threads:
            waits = list(threads.map(vote, range(30)))
    assert max(waits) < 10  # thirty waits would take fifteen seconds
    assert cast_vote(store, battle.id, "ann", "left").counted


@pytest.mark.parametrize("end", ["", "-wal"])
def test_a_file_that_is_deleted_or_replaced_takes_no_vote(store, end):
    battle, path = battle_of(store, "ready"), Path(f"{store.database.path}{end}")
    if not path.exists():
        pytest.skip("there is no write-ahead log: SQLite before 3.51.3")
    path.rename(path.with_suffix(".away"))
    for there in (False, True):
        if there:
            path.write_bytes(path.with_suffix(".away").read_bytes())
        with pytest.raises(StoreError, match="deleted or replaced"):
            cast_vote(store, battle.id, "ann", "left")
        with pytest.raises(StoreError, match="start it anew"):
            store.database.check_writable()
    path.with_suffix(".away").replace(path)
    assert cast_vote(store, battle.id, "ann", "left").counted


def test_a_file_that_goes_while_a_vote_is_written_acknowledges_nothing(store):
    battle, path = battle_of(store, "ready"), Path(store.database.path)
    with pytest.raises(StoreError, match="deleted"), store.database.transaction():
        cast_vote(store, battle.id, "ann", "left")
        path.rename(path.with_suffix(".away"))
    path.with_suffix(".away").replace(path)
