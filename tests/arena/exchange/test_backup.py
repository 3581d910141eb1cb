"""A backup: the same database, checked, there only when whole, and never in another's place."""

import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest
from app_process import ROOT
from sqlite_utils.utils import sqlite3
from stored import filled

from arena.db.store import Store
from arena.exchange import backup
from arena.exchange.backup import checked_copy

WRITER = """
import sys
sys.path.insert(0, "tests/support")
from arena.db.store import Store
from stored import fill
store = Store.open(sys.argv[1])
while True:
    for id in fill(store, 1):
        print(id, flush=True)
"""


def run(*argv):
    return backup.main([str(arg) for arg in argv])


def test_a_backup_has_every_vote_and_no_companions(tmp_path, capsys):
    db = filled(tmp_path / "a.db")
    (tmp_path / "out").mkdir()
    assert run("--db", db, "--out", tmp_path / "out" / "b.db") == 0
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["b.db"]
    assert "MB, checked" in capsys.readouterr().out
    with closing(Store.open_readonly(tmp_path / "out" / "b.db")) as copy:
        assert copy.votes.counts().votes == 12


def test_it_never_overwrites_unless_asked(tmp_path, capsys):
    db = filled(tmp_path / "a.db")
    out = tmp_path / "b.db"
    out.write_text("dear to me")
    assert run("--db", db, "--out", out) == 2
    assert out.read_text() == "dear to me" and "--force" in capsys.readouterr().err
    assert run("--db", db, "--out", out, "--force") == 0
    assert out.read_bytes()[:6] == b"SQLite"
    assert run("--db", db, "--out", db, "--force") == 2
    assert "is the database itself" in capsys.readouterr().err


def damaged(db):
    with open(filled(db, votes=40), "r+b") as raw:
        raw.seek(3 * 4096 + 100)
        raw.write(b"\xff" * 8000)


def broken(db):
    with closing(sqlite3.connect(filled(db, votes=1))) as connection, connection:
        connection.execute("DELETE FROM contenders WHERE id = 'c-1'")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda db: None, "there is no database"),
        (
            lambda db: db.write_text("this is text, and enough of it " * 60),
            "is not an SQLite database",
        ),
        (damaged, "a.db is damaged"),
        (broken, "names a row of contenders that is not there"),
    ],
    ids=("none", "text", "damaged", "a broken reference"),
)
def test_what_cannot_be_copied_leaves_nothing(tmp_path, capsys, make, said):
    db = tmp_path / "a.db"
    make(db)
    assert run("--db", db, "--out", tmp_path / "b.db") == 2
    error = capsys.readouterr().err
    assert said in error and error.splitlines()[-1].startswith("arena backup: ")
    # SQLite may leave the companions of a file that it could not read to its end.
    assert {path.name for path in tmp_path.iterdir()} <= {"a.db", "a.db-wal", "a.db-shm"}


def test_the_place_of_a_copy_is_cleared(tmp_path):
    db = filled(tmp_path / "a.db")
    (tmp_path / "out").mkdir()
    with pytest.raises(KeyboardInterrupt), checked_copy(db, tmp_path / "out"):
        raise KeyboardInterrupt
    assert list((tmp_path / "out").iterdir()) == []


def test_backups_of_a_busy_file_are_of_one_moment_and_so_is_what_a_kill_leaves(tmp_path):
    db = tmp_path / "a.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(db)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    acknowledged = [writer.stdout.readline().strip() for _ in range(20)]
    for n in range(3):
        assert run("--db", db, "--out", tmp_path / f"{n}.db") == 0
        time.sleep(0.1)
    writer.send_signal(signal.SIGKILL)
    acknowledged += writer.stdout.read().split()
    writer.wait()
    writer.stdout.close()
    assert run("--db", db, "--out", tmp_path / "end.db") == 0
    for name, least in (("0.db", 20), ("2.db", 20), ("end.db", len(acknowledged))):
        with closing(sqlite3.connect(tmp_path / name)) as copy:
            voted = {id for (id,) in copy.execute("SELECT battle FROM votes")}
            ended = {id for (id,) in copy.execute("SELECT id FROM battles WHERE status = 'voted'")}
        assert set(acknowledged[:least]) <= voted == ended
