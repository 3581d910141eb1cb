"""One writer at a time: the site or a command; a dead one holds nothing, a new file is whole."""

import signal
import subprocess
import sys

import pytest
from app_process import ROOT

from arena.db import file_lock
from arena.db.file_lock import write_target
from arena.models import StoreError

HOLDER = """
import sys, time
from arena.db import file_lock
with getattr(file_lock, sys.argv[1])(sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""


def refused(how, path, why="."):
    """That the file cannot be held so."""
    with pytest.raises(StoreError, match=why), how(path):
        raise AssertionError


def test_commands_that_write_do_not_share_and_name_the_way_out(tmp_path):
    db = tmp_path / "arena.db"
    with file_lock.shared(db), file_lock.shared(db):
        refused(
            file_lock.exclusive,
            db,
            f"^the app holds {db}: stop it, or work on a copy, .*--out COPY.db$",
        )
    with file_lock.exclusive(db):
        refused(file_lock.exclusive, db, "another command: wait")
        refused(file_lock.shared, db, "by a command: wait")


def test_other_names_of_the_file_are_the_same_file(tmp_path):
    db, link = tmp_path / "arena.db", tmp_path / "link.db"
    db.touch()
    link.symlink_to(db)
    for other in (link, f"file:{db}", db.parent / "." / "arena.db"):
        with file_lock.shared(db):
            refused(file_lock.exclusive, other)


@pytest.mark.parametrize("how", ["shared", "exclusive", "site"])
def test_a_process_that_was_killed_holds_nothing(tmp_path, how):
    db = tmp_path / "arena.db"
    command = [sys.executable, "-c", HOLDER, how, str(db)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        refused(file_lock.exclusive, db)
        if how == "site":
            refused(file_lock.site, db, "another app holds .*: stop that one, or name another file")
        process.send_signal(signal.SIGKILL)
    with file_lock.exclusive(db):
        pass


def test_a_place_where_no_file_can_be(tmp_path):
    refused(file_lock.shared, tmp_path / "no" / "a", "there is no folder")
    (tmp_path / "a.db.lock").mkdir()
    refused(file_lock.exclusive, tmp_path / "a.db", "cannot be made")


# --- the database that a command writes


def test_a_file_that_is_there_is_itself(tmp_path):
    db = tmp_path / "arena.db"
    db.touch()
    with write_target(db) as place:
        refused(file_lock.shared, db)
    assert place == db


def test_a_new_file_gets_its_name_at_the_end_and_what_fails_leaves_none(tmp_path):
    db = tmp_path / "arena.db"
    with pytest.raises(KeyboardInterrupt), write_target(db) as place:
        place.write_text("half")
        raise KeyboardInterrupt
    assert [p.name for p in tmp_path.iterdir()] == ["arena.db.lock"]
    with write_target(db) as place:
        place.write_text("whole")
        assert not db.exists()
    assert db.read_text() == "whole"


def test_who_made_the_file_meanwhile_is_not_overwritten(tmp_path):
    db = tmp_path / "arena.db"
    with pytest.raises(FileExistsError), write_target(db) as place:
        place.write_text("mine")
        db.write_text("theirs")
    assert db.read_text() == "theirs"
