"""One writer at a time: the site or a command; and a dead one holds nothing."""

import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from arena import hold
from arena.records import StoreError
from tests.conftest import ROOT

HOLDER = """
import sys, time
from arena import hold
with getattr(hold, sys.argv[1])(sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(how, path):
    """Another process that holds the file."""
    command = [sys.executable, "-c", HOLDER, how, str(path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_commands_that_write_do_not_share(tmp_path):
    db = tmp_path / "arena.db"
    with hold.shared(db), hold.shared(db), pytest.raises(StoreError), hold.alone(db):
        raise AssertionError
    with hold.alone(db):
        with pytest.raises(StoreError, match="another command: wait"), hold.alone(db):
            raise AssertionError
        with pytest.raises(StoreError, match="by a command: wait"), hold.shared(db):
            raise AssertionError


def test_the_way_out_is_named_in_one_line(tmp_path):
    db = tmp_path / "arena.db"
    with hold.shared(db), pytest.raises(StoreError) as said, hold.alone(db):
        raise AssertionError
    assert str(said.value) == (
        f"the app holds {db}: stop it, or work on a copy, "
        f"as made by python -m arena backup --db {db} --out COPY.db"
    )


def test_other_names_of_the_file_are_the_same_file(tmp_path):
    db, link = tmp_path / "arena.db", tmp_path / "link.db"
    db.touch()
    link.symlink_to(db)
    for other in (link, f"file:{db}", db.parent / "." / "arena.db"):
        with hold.shared(db), pytest.raises(StoreError), hold.alone(other):
            raise AssertionError


@pytest.mark.parametrize("how", ["shared", "alone"])
def test_a_process_that_was_killed_holds_nothing(tmp_path, how):
    db = tmp_path / "arena.db"
    process = holder(how, db)
    with pytest.raises(StoreError), hold.alone(db):
        raise AssertionError
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with ExitStack() as stack:
        stack.enter_context(hold.alone(db))


def test_a_place_where_no_file_can_be(tmp_path):
    with pytest.raises(StoreError, match="there is no folder"), hold.shared(tmp_path / "no" / "a"):
        raise AssertionError
    (tmp_path / "a.db.lock").mkdir()
    with pytest.raises(StoreError, match="cannot be made"), hold.alone(tmp_path / "a.db"):
        raise AssertionError


def test_a_second_site_is_refused_with_the_mend_and_a_killed_one_is_none(tmp_path):
    db = tmp_path / "arena.db"
    process = holder("site", db)
    with hold.shared(db), pytest.raises(StoreError, match="another app holds"):
        hold.site(db).__enter__()
    with pytest.raises(StoreError, match="the app holds"), hold.alone(db):
        raise AssertionError
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with hold.site(db):
        pass
