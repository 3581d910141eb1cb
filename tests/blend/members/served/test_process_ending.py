"""The end of a server's process: noticed, and nothing left of it or of what started it."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from app_process import ROOT
from started_servers import SERVER
from waiting import soon

from blend.members.served import process as server_process
from blend.members.served.guard import GRACE


def test_a_server_that_dies_is_noticed_with_its_last_words(start):
    process = start(SERVER.replace("one.send", "print('out of memory', flush=True); one.send"))
    start.one().kill()
    said = "its server was ended by signal 9; it printed: out of memory"
    soon(lambda: process.failure() == said)


def test_a_server_that_was_stopped_by_a_signal_is_noticed_and_ended(start, often):
    process = start()
    start.one().send_signal(signal.SIGSTOP)
    assert "has not answered for" in soon(process.failure)

    begun = time.monotonic()
    process.stop()
    assert time.monotonic() - begun < GRACE and not start.alive()
    assert "has not answered for" in process.failure()


BUSY = """
import time
def work():
    while time.monotonic() - begun > 0.5: pass
begun = time.monotonic()
""" + SERVER.replace("one, _ =", "work(); one, _ =")
"""It answers nothing after half a second, and works all the while."""


def test_a_server_that_is_busy_is_given_up_only_in_the_end(start, often, monkeypatch):
    process = start(BUSY)
    until = time.monotonic() + 3
    while time.monotonic() < until:
        assert process.failure() is None
        time.sleep(0.1)
    monkeypatch.setattr(server_process, "SILENT_LIMIT", 2.0)
    assert "has not answered for" in soon(process.failure)


def test_what_a_server_started_ends_with_it(start):
    sleeps = "[sys.executable, '-ISc', 'import time; time.sleep(99)', sys.argv[3]]"
    child = f"import subprocess; subprocess.Popen({sleeps})"
    process = start(SERVER.replace("port, key =", f"{child}; port, key ="))
    soon(lambda: len(start.alive()) == 3)
    process.stop()
    assert not start.alive()


def test_a_guard_that_was_killed_leaves_nothing_once_its_server_is_stopped(start):
    process = start()
    start.one(guard=True).kill()
    assert "ended by signal 9" in soon(process.failure)
    process.stop()
    soon(lambda: not start.alive())


PARENTS = """
import os, sys, time
from blend.members.served.process import ServerProcess, free_port, new_key
code, mark, count = sys.argv[1:]
for n in range(int(count)):
    if not os.fork():
        port, key = free_port(), new_key()
        command = [sys.executable, "-ISc", code, str(port), key, mark]
        server = ServerProcess("oak", command, f"http://127.0.0.1:{port}/v1", key)
        os.write(1, f"{os.getpid()} ".encode())
        time.sleep(99)
time.sleep(99)
"""


def parents(start, code: str, count: int) -> subprocess.Popen:
    """A program with so many children that each start a server."""
    command = [sys.executable, "-c", PARENTS, code, start.mark, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)


def test_nothing_is_left_where_the_program_was_killed_twenty_times(start):
    with parents(start, SERVER, 20) as first:
        said = b""
        while said.count(b" ") < 20:
            said += os.read(first.stdout.fileno(), 4096)
        assert len(start.alive()) == 40 + 21
        for pid in [*map(int, said.split()), first.pid]:
            os.kill(pid, signal.SIGKILL)
    soon(lambda: not start.alive())


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.1])
def test_nothing_is_left_where_the_program_was_killed_while_it_started_one(start, moment):
    with parents(start, "import time; time.sleep(99)", 1) as first:
        soon(lambda: len(start.alive()) > 2)
        time.sleep(moment)
        for process in psutil.Process(first.pid).children():
            process.kill()
        first.kill()
    soon(lambda: not start.alive())
