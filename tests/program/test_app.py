"""The program: what it says of bad input, what it tells while it starts, how it stops."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import psutil
import pytest
from app_process import ROOT, free_port, start

from arena.db import file_lock


def refused(*options: str) -> str:
    """The one line on stderr with which the program declines."""
    done = subprocess.run(
        [sys.executable, "app.py", *options], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    return done.stderr


@pytest.fixture
def db(tmp_path) -> str:
    """Where nothing is yet."""
    return str(tmp_path / "a.db")


def test_an_unknown_roster(tmp_path, db):
    said = refused("--roster", "embeded", "--db", db)
    assert said.startswith("app.py: no roster 'embeded'") and "embedded" in said
    assert list(tmp_path.iterdir()) == []


def test_a_roster_with_a_missing_model(tmp_path, db):
    roster = tmp_path / "r.toml"
    roster.write_text('[[member]]\nname = "a"\npath = "no"\n[[blend]]\nname="B"\nmembers=["a"]\n')
    said = refused("--roster", str(roster), "--db", db)
    assert "member 'a': no model in the folder" in said and "`path`" in said


def test_a_port_in_use_and_a_login_that_cannot_be_had(tmp_path, db):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = refused("--roster", "scripted", "--db", db, "--port", port)
    assert f"127.0.0.1:{port}" in said and "--port" in said
    said = refused("--roster", "scripted", "--db", db, "--login-to-vote")
    assert "login_to_vote cannot be met. There is no login" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--port=99999", "--host=999.1.1.1"])
def test_an_address_that_is_none(db, option):
    assert "--port" in refused("--roster", "scripted", "--db", db, option)


@pytest.mark.parametrize(
    ("name", "said"),
    [("no/folder/a.db", "there is no folder"), (".", "is a folder"), ("text.db", "not an SQLite")],
)
def test_a_database_that_cannot_be_used(tmp_path, name, said):
    (tmp_path / "text.db").write_text("this is text, and enough of it to be no database " * 30)
    answer = refused("--roster", "scripted", "--db", str(tmp_path / name))
    assert said in answer and "--db" in answer


def test_a_database_that_is_locked(db):
    with sqlite3.connect(db, isolation_level=None) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")
        said = refused("--roster", "scripted", "--db", db)
    assert "is locked by another program" in said


def test_a_database_that_another_site_holds(db):
    with file_lock.site(db):
        said = refused("--roster", "scripted", "--db", db)
    assert "another app holds" in said and "stop that one" in said and "--db" in said


def test_help_needs_no_model():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "app.py", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0 and "--roster" in done.stdout
    assert "| torch" not in done.stderr and "gradio" not in done.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_soon(tmp_path, how):
    running = start(tmp_path / "arena.db", "--roster", "scripted")
    local = "Votes are stored on this machine's disk only: no dataset repository is named (hub)."
    members = {"loaded": 3, "of": 3, "down": {}}
    said = {"status": "ready", "votes": local, "storage": "ready", "members": members}
    assert running.health() == (200, said)
    assert running.lines[-1].strip() == running.printed
    asked = time.monotonic()
    assert running.stop(how) == 0
    assert time.monotonic() - asked < 20
    assert not any("Traceback" in line for line in running.lines)


def test_control_c_while_members_are_loading_is_heeded_and_leaves_nothing(tmp_path):
    command = [sys.executable, "app.py", "--db", tmp_path / "a.db", f"--port={free_port()}"]
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    family: list[psutil.Process] = []
    while len(family) < 3:  # two guards, a server
        family = psutil.Process(process.pid).children(recursive=True)
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "Traceback" not in err
    assert psutil.wait_procs(family, timeout=60)[1] == []


UNHEARD = """
import os, signal, sys, app
class Odd:
    def __del__(self):  # Python ignores whatever is raised here
        os.kill(os.getpid(), int(sys.argv.pop()))
        for _ in range(10_000): pass
tell = print
app.print = lambda *said, **how: [tell(*said, **how), Odd()]
sys.exit(app.main(sys.argv[1:-1]))
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_heeded_where_python_ignores_what_it_raises(tmp_path, how):
    options = ["--roster", "scripted", "--db", tmp_path / "a.db", f"--port={free_port()}"]
    command = [sys.executable, "-c", UNHEARD, *options, str(int(how))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith("http://")
    assert "Exception ignored" in done.stderr and done.stderr.count("Traceback") == 1


def test_a_member_that_cannot_be_loaded_ends_it_with_one_line(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    roster = tmp_path / "r.toml"
    roster.write_text('[[member]]\nname="a"\npath="model"\n[[blend]]\nname="B"\nmembers=["a"]\n')
    options = ["--roster", roster, "--db", tmp_path / "a.db", f"--port={free_port()}"]
    done = subprocess.run(
        [sys.executable, "app.py", *options], cwd=ROOT, capture_output=True, text=True, timeout=90
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip().splitlines()[-1].startswith("app.py: a: ")
