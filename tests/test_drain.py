"""A stop under load: replies in flight end or are cut and kept, every vote told is stored."""

import contextlib
import http.client
import json
import signal
import sqlite3
import threading
import time
import urllib.error
import urllib.request

from tests.conftest import Running, Wire, id_of, start


def rows(running: Running, sql: str) -> list[tuple]:
    with sqlite3.connect(f"file:{running.db}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def asked(url: str, stream: bool = True):
    """An open answer with a reply that takes 1.6 s."""
    body = {"model": "Blended", "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(
        f"{url}/v1/chat/completions", json.dumps(body).encode(), headers
    )
    return urllib.request.urlopen(request, timeout=60)


def refusal(url: str) -> int | None:
    """The status with which a new reply is refused; None where it is let in."""
    try:
        asked(url).close()
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    return None


def answer(url: str) -> tuple[int, dict]:
    """The status and the body of a reply that is not streamed."""
    try:
        with asked(url, stream=False) as whole:
            return whole.status, json.load(whole)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def talk(wire: Wire, text: str) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        wire.call("chat-box", "submit", None, id_of("v"), "", text)


def test_a_reply_in_flight_ends_and_nobody_else_is_let_in(tmp_path) -> None:
    running = start(tmp_path / "a.db", "--roster", "load", "--drain", "30")
    with asked(running.url) as answer:
        assert answer.readline().startswith(b"data:")
        running.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + 10
        refused = None
        while refused is None and time.monotonic() < until:
            refused = refusal(running.url)
        assert refused == 503
        assert b"[DONE]" in answer.read()
    assert running.stop() == 0


def test_what_is_cut_is_kept_and_keeps_nobody_waiting(tmp_path) -> None:
    running = start(tmp_path / "a.db", "--roster", "load", "--drain", "0")
    thread = threading.Thread(target=talk, args=(Wire(running.url), "Cut me"))
    thread.start()
    until = time.monotonic() + 30
    while rows(running, "SELECT count(*) FROM turns") == [(0,)] and time.monotonic() < until:
        time.sleep(0.05)
    stream, whole = asked(running.url), []
    program = threading.Thread(target=lambda: whole.append(answer(running.url)))
    program.start()
    time.sleep(0.5)
    began = time.monotonic()
    assert running.stop() == 0 and time.monotonic() - began < 5
    thread.join(30)
    program.join(30)
    with stream:
        *_, last = filter(None, stream.read().split(b"\n\n"))
    assert "stopping" in json.loads(last.removeprefix(b"data: "))["error"]["message"]
    assert whole[0][0] == 503 and "stopping" in whole[0][1]["error"]["message"]
    ((reply, finished),) = rows(running, "SELECT reply, finished FROM turns")
    assert reply and not finished
    assert rows(running, "PRAGMA integrity_check") == [("ok",)]


def test_every_vote_that_was_told_is_stored(tmp_path) -> None:
    running = start(tmp_path / "a.db", "--roster", "scripted")
    told: list[str] = []

    def judge(name: str) -> None:
        for n in range(1_000):
            try:
                wire, visitor = Wire(running.url), id_of(f"{name}-{n}")
                wire.call("duel-box", "submit", None, visitor, "", "Hello")
                if "You said" in "".join(wire.call("vote-1", "click", None, visitor)):
                    told.append(visitor)
            except (OSError, http.client.HTTPException):
                return

    judges = [threading.Thread(target=judge, args=(f"v{n}",), daemon=True) for n in range(6)]
    for thread in judges:
        thread.start()
    until = time.monotonic() + 60
    while len(told) < 8 and time.monotonic() < until:
        time.sleep(0.05)
    assert running.stop() == 0
    for thread in judges:
        thread.join(30)
    stored = rows(running, "SELECT b.visitor FROM votes v JOIN battles b ON b.id = v.battle")
    assert len(told) >= 8 and {(visitor,) for visitor in told} <= set(stored)
    left = rows(running, "SELECT DISTINCT status FROM battles")
    assert set(left) <= {("voted",), ("void",), ("ready",), ("created",)}
