"""A stop under load: replies in flight end or are cut and kept, every vote told is stored."""

import contextlib
import http.client
import json
import re
import signal
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from app_process import Running, start
from page_wire import Wire
from stored import id_of
from waiting import soon


def rows(running: Running, sql: str) -> list[tuple]:
    with sqlite3.connect(f"file:{running.db}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def slow(folder: Path, pace: float, *options: str) -> Running:
    """A site whose replies have forty words, with so many seconds between two."""
    member = f'engine = "scripted"\npace = {pace}\nlines = ["{"word " * 40}"]\n'
    members = [f'[[member]]\nname = "{name}"\n{member}' for name in ("alder", "birch")]
    blend = '[[blend]]\nname = "Blended"\nmembers = ["alder", "birch"]\n'
    (folder / "slow.toml").write_text("".join([*members, blend]))
    return start(folder / "a.db", "--roster", str(folder / "slow.toml"), *options)


def asked(url: str, stream: bool = True):
    """An open answer with a reply; an error's is an answer, too."""
    body = {"model": "Blended", "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(
        f"{url}/v1/chat/completions", json.dumps(body).encode(), headers
    )
    try:
        return urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        return error


def status(url: str) -> int:
    """That of one more reply, which is not waited for."""
    with asked(url) as answer:
        return answer.status


def test_a_reply_in_flight_ends_and_nobody_else_is_let_in(tmp_path) -> None:
    running = slow(tmp_path, 0.1, "--drain", "60")
    with asked(running.url) as answer:
        assert answer.readline().startswith(b"data:")
        running.process.send_signal(signal.SIGTERM)
        soon(lambda: status(running.url) == 503)
        assert b"[DONE]" in answer.read()
    assert running.stop() == 0


def inside(url: str) -> int:
    """How many replies are being written."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=60) as answer:
        return int(float(re.search(r'places{state="inside"} (\S+)', answer.read().decode())[1]))


def talk(wire: Wire, text: str) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        wire.call("chat-box", "submit", None, id_of("v"), "", text)


def test_what_is_cut_is_kept_and_keeps_nobody_waiting(tmp_path) -> None:
    running = slow(tmp_path, 1.0, "--drain", "0")
    whole = []
    visitor = threading.Thread(target=talk, args=(Wire(running.url), "Cut me"))
    program = threading.Thread(target=lambda: whole.append(asked(running.url, stream=False)))
    visitor.start()
    soon(lambda: rows(running, "SELECT count(*) FROM turns") != [(0,)])
    stream = asked(running.url)
    program.start()
    soon(lambda: inside(running.url) == 3)
    began = time.monotonic()
    assert running.stop() == 0 and time.monotonic() - began < 20  # each reply would take 40 s
    for thread in (visitor, program):
        thread.join(30)
    with stream, whole[0] as answer:
        *_, last = filter(None, stream.read().split(b"\n\n"))
        for error in (json.loads(last.removeprefix(b"data: ")), json.load(answer)):
            assert "stopping" in error["error"]["message"]
        assert answer.status == 503
    ((reply, finished),) = rows(running, "SELECT reply, finished FROM turns")
    assert reply and not finished
    assert rows(running, "PRAGMA integrity_check") == [("ok",)]


def test_every_vote_that_was_told_is_stored(tmp_path) -> None:
    running = start(tmp_path / "a.db", "--roster", "scripted")
    told: list[str] = []

    def judge(name: str) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            for n in range(1_000):
                wire, visitor = Wire(running.url), id_of(f"{name}-{n}")
                wire.call("duel-box", "submit", None, visitor, "", "Hello")
                if "You said" in "".join(wire.call("vote-1", "click", None, visitor)):
                    told.append(visitor)

    judges = [threading.Thread(target=judge, args=(f"v{n}",), daemon=True) for n in range(6)]
    for thread in judges:
        thread.start()
    soon(lambda: len(told) >= 8)
    assert running.stop() == 0
    for thread in judges:
        thread.join(30)
    stored = rows(running, "SELECT b.visitor FROM votes v JOIN battles b ON b.id = v.battle")
    assert len(told) >= 8 and {(visitor,) for visitor in told} <= set(stored)
    left = rows(running, "SELECT DISTINCT status FROM battles")
    assert set(left) <= {("voted",), ("void",), ("ready",), ("created",)}
