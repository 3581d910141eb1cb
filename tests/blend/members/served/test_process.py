"""A server in a process of its own: waited for, watched, and gone with what started it."""

import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest
from app_process import ROOT

from blend.members import MemberDown
from blend.members.served import process as server_process
from blend.members.served.process import (
    PORTS,
    PortTaken,
    ServerProcess,
    free_port,
    new_key,
    on_free_port,
)

SERVER = """
import socket, sys, time
port, key = sys.argv[1:3]
with socket.create_server(("127.0.0.1", int(port))) as server:
    while True:
        one, _ = server.accept()
        said = "200 OK" if f"Bearer {key}" in one.recv(9999).decode() else "401 No"
        one.sendall(f"HTTP/1.1 {said}\\r\\ncontent-length: 0\\r\\n\\r\\n".encode())
        one.close()
"""
KEYLESS = SERVER.replace('f"Bearer {key}" in', "b'' == b'' or")


class Starter:
    """Starts servers of a test. mark: stands in the command of each, so that none is missed."""

    def __init__(self, mark: str):
        self.mark, self.made = mark, []

    def __call__(self, code=SERVER, port=None, **options) -> ServerProcess:
        port, key = port or free_port(), new_key()
        command = [sys.executable, "-ISc", code, str(port), key, self.mark]
        url = f"http://127.0.0.1:{port}/v1"
        self.made.append(ServerProcess("oak", command, url, key, **{"patience": 60, **options}))
        return self.made[-1]

    def fails(self, code=SERVER, **options) -> str:
        with pytest.raises(MemberDown) as failure:
            self(code, **options)
        assert not self.alive()
        return str(failure.value)

    def alive(self) -> list[psutil.Process]:
        """The guards and the servers that run."""
        every = psutil.process_iter(["cmdline", "status"])
        mine = [p for p in every if self.mark in (p.info["cmdline"] or ())]
        return [p for p in mine if p.info["status"] != psutil.STATUS_ZOMBIE]

    def one(self, guard: bool = False) -> psutil.Process:
        """The server that runs, or its guard."""
        (one,) = (p for p in self.alive() if ("guard.py" in " ".join(p.cmdline())) == guard)
        return one


@pytest.fixture
def start(tmp_path):
    starter = Starter(str(tmp_path))
    yield starter
    for process in starter.made:
        process.stop()


@pytest.fixture
def often(monkeypatch):
    """Servers are looked at more often than is wise."""
    monkeypatch.setattr(server_process, "PROBE_EVERY", 0.2)
    monkeypatch.setattr(server_process, "PROBE_TIMEOUT", 0.5)


def soon(true, within=20.0):
    until = time.monotonic() + within
    while not (found := true()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
    return found


def test_a_server_answers_once_it_is_made_and_is_gone_once_it_was_stopped(start):
    process = start()
    assert process.failure() is None and len(start.alive()) == 2

    begun = time.monotonic()
    process.stop()
    process.stop()

    assert time.monotonic() - begun < 3 and not start.alive()
    assert process.failure() == "its server was stopped"


WORDS = """
print("one")
print("\\x1b[31mno such model\\x1b[0m", flush=True)
sys.stdout.buffer.write(bytes([252, 10]))
sys.exit(3)"""
MUCH = """
for n in range(100_000): print("a line", n, "of many, as a server that tells of every request")
print("x" * 500_000, flush=True)
sys.exit("--api-key " + sys.argv[2])"""
BREAKS = SERVER.replace("200 OK", "503 Loading").replace("said =", "server.close(); said =")
BREAKS = BREAKS.replace("one.close()", "one.close(); time.sleep(0.3); sys.exit('a broken file')")
READS = "import time; print('reading', flush=True); time.sleep(99)"


@pytest.mark.parametrize(
    ("code", "patience", "reason"),
    [
        ("import sys" + WORDS, 60, "with exit code 3; it printed: one / no such model / \ufffd$"),
        ("raise SystemExit(255)", 60, "ended with exit code 255"),
        ("import os; os.kill(os.getpid(), 9)", 60, "was ended by signal 9; it printed nothing$"),
        # Only the last of what it prints, and no key in it.
        ("import sys" + MUCH, 60, r"a line 99999 [^/]+ / x{300} / --api-key …$"),
        (READS, 0.5, "not ready within 0.5 s; it printed: reading$"),
        (SERVER.replace("200 OK", "503 Loading"), 0.5, r"0.5 s \(its last answer was 503\)"),
        (SERVER.replace("Bearer", "Other"), 60, "refuses .* write {key} in `serve`"),
        # llama.cpp says that it loads until it finds that its file is broken.
        (BREAKS, 60, "code 1; it printed: a broken file$"),
    ],
    ids=["words", "code", "signal", "much", "silent", "loading", "key", "broken"],
)
def test_a_server_that_fails_at_its_start_says_why(start, code, patience, reason):
    said = start.fails(code, patience=patience)
    assert re.search(reason, said) and len(said) < 1500


def test_a_command_that_is_not_there_is_named():
    missing = r"exit code 127; it printed: cannot start no-such: No such"
    with pytest.raises(MemberDown, match=missing):
        ServerProcess("oak", ["no-such", "serve"], "http://127.0.0.1:9/v1", new_key())


def test_a_server_without_a_list_of_models_is_taken_as_it_is_however_much_it_prints(start, often):
    loud = SERVER.replace("one, _ =", "print('x' * 2_000_000); one, _ =")
    process = start(loud.replace("200 OK", "404 No"))
    time.sleep(1)  # some looks
    assert process.failure() is None


@pytest.mark.parametrize("slow", ["", "import time; time.sleep(99)"], ids=["at once", "later"])
def test_another_server_on_its_port_is_never_taken_for_it(start, slow):
    other = Starter(start.mark + "-other")
    port = free_port()
    process = other(KEYLESS, port=port)
    try:
        said = start.fails(slow + SERVER, port=port)
    finally:
        process.stop()
    assert f"port {port} is taken by another" in said or "Address already in use" in said


def test_where_a_port_was_taken_meanwhile_another_one_is_tried(start):
    other = Starter(start.mark + "-other")
    port, tried = free_port(), []
    process = other(KEYLESS, port=port)

    def late(free: int) -> ServerProcess:
        tried.append(free)
        return start(port=port if len(tried) == 1 else free)

    try:
        assert on_free_port(late).failure() is None
        with pytest.raises(PortTaken):
            on_free_port(lambda free: tried.append(free) or start(port=port))
    finally:
        process.stop()
    assert len(tried) == 2 + PORTS


def test_a_server_that_dies_is_noticed_with_its_last_words(start):
    dying = SERVER.replace("one.close()", "one.close(); print('out of memory', flush=True)")
    process = start(dying)
    start.one().kill()
    assert soon(process.failure) == "its server was ended by signal 9; it printed: out of memory"


def test_a_server_that_was_stopped_by_a_signal_is_noticed_and_ended(start, often):
    process = start()
    start.one().send_signal(signal.SIGSTOP)
    assert "has not answered for" in soon(process.failure)

    begun = time.monotonic()
    process.stop()
    assert time.monotonic() - begun < 3 and not start.alive()
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
