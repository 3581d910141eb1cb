"""The file: how it is opened, and what is no file of ours."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from app_process import ROOT
from sqlite_utils.utils import sqlite3
from stored import fill, filled, opened

from arena.db.database import journal_mode
from arena.db.store import Store
from arena.models import StoreError


def test_foreign_keys_and_durability_are_on_and_wal_where_it_is_safe(store):
    names = ("foreign_keys", "synchronous", "secure_delete")
    settings = [store.database.query_one(f"PRAGMA {name}")[0] for name in names]
    mode = store.database.query_one("PRAGMA journal_mode")[0].upper()

    assert settings == [1, 2, 1] and mode == journal_mode(sqlite3.sqlite_version_info)
    versions = ((3, 40, 1), (3, 51, 2), (3, 51, 3), (3, 53, 0))
    assert [*map(journal_mode, versions)] == ["DELETE", "DELETE", "WAL", "WAL"]


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
        store.contenders.all()


READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"
"""
READ = """
import sys
from arena.cli import leaderboard, recompute as retrial
from arena.exchange import backup, export
db, out = sys.argv[1:]
codes = [leaderboard.main(["--db", db]), retrial.main(["--db", db])]
codes += [backup.main(["--db", db, "--out", out + "/copy.db"])]
codes += [export.main(["--db", db, "--out", out + "/votes.jsonl"])]
print(codes)
"""


def read_only(folder, *command):
    """What a command says to whom the folder cannot be written, whoever it is."""
    mounted = ["unshare", "--map-root-user", "--mount", "sh", "-c", READ_ONLY, "sh", str(folder)]
    if subprocess.run([*mounted, "true"], capture_output=True).returncode:
        pytest.skip("no folder can be mounted read-only here")
    command = [*mounted, sys.executable, "-c", *command]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_every_reading_command_reads_where_nothing_can_be_written(tmp_path):
    (tmp_path / "disk").mkdir()
    db = filled(tmp_path / "disk" / "arena.db", 5)
    done = read_only(db.parent, READ, str(db), str(tmp_path))
    assert done.stdout.endswith("[0, 0, 0, 0]\n"), done.stderr
    with closing(Store.open_readonly(tmp_path / "copy.db")) as copy:
        assert copy.votes.counts().votes == 5


def test_votes_that_are_only_in_the_log_are_not_left_out_in_silence(tmp_path):
    (tmp_path / "disk").mkdir()
    with closing(Store.open(tmp_path / "open.db")) as store:
        fill(store, 5)
        for end in ("", "-wal"):
            copied = Path(f"{store.database.path}{end}").read_bytes()
            (tmp_path / "disk" / f"arena.db{end}").write_bytes(copied)
    code = "import sys; from arena.cli import leaderboard; sys.exit(leaderboard.main(sys.argv[1:]))"
    done = read_only(tmp_path / "disk", code, "--db", str(tmp_path / "disk" / "arena.db"))
    assert done.returncode == 2 and "are still in arena.db-wal: copy both" in done.stderr
