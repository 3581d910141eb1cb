"""A server in a process of its own: waited for at its start, and on a port of its own."""

import re
import time

import pytest
from started_servers import KEYLESS, SERVER, Starter

from blend.members import MemberDown
from blend.members.served.guard import GRACE
from blend.members.served.process import (
    PORTS,
    PortTaken,
    ServerProcess,
    free_port,
    new_key,
    on_free_port,
)


def test_a_server_answers_once_it_is_made_and_is_gone_once_it_was_stopped(start):
    process = start()
    assert process.failure() is None and len(start.alive()) == 2

    begun = time.monotonic()
    process.stop()
    process.stop()

    assert time.monotonic() - begun < GRACE and not start.alive()
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
        (READS, 2.0, "not ready within 2 s; it printed: reading$"),
        (SERVER.replace("200 OK", "503 Loading"), 2.0, r"2 s \(its last answer was 503\)"),
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
