"""The edge of a running site: floods, idle connections, the start, and what tabs share."""

import http.client
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import psutil
import pytest
from app_process import free_port, start
from page_wire import Wire
from playwright.sync_api import expect
from stored import id_of

from arena.site.identity import is_visitor_id
from arena.web.bodies import API_BYTES, page_bytes
from arena.web.events import listeners
from arena.web.launch import SESSIONS
from blend.message import LONGEST_MESSAGE

PAGE_BYTES = page_bytes(LONGEST_MESSAGE)
MB = 1_000_000
LET_IN = ("/gradio_api/queue/join", "/gradio_api/call/ask")
OTHERS = (
    *(f"/gradio_api/{part}" for part in ("run/predict", "cancel", "reset", "upload", "mcp/")),
    *("/gradio_api/component_server", "/v1/chat/completions", "/host", "/", "/config"),
)
REFUSED = {0, 400, 404, 405, 406, 413, 422}


def post(url: str, path: str, body: bytes, **headers: str) -> int:
    """The status of an answer; 0 where the connection was cut while the body was being sent."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        sent = {"Content-Type": "application/json", **headers}
        connection.request("POST", parts.path + path, body, sent)
        return connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        return 0
    finally:
        connection.close()


def resident(running) -> int:
    return psutil.Process(running.process.pid).memory_info().rss


def body(wire: Wire, path: str, size: int) -> bytes:
    """A body of that size, as like the page's own as can be: a new session's first message."""
    asked = wire.event("chat-box", "submit")
    known = listeners(wire.config)[asked["id"]]
    values = {"textbox": "x" * LONGEST_MESSAGE, "browserstate": id_of("flood")}
    sent = {"fn_index": asked["id"], "data": [values.get(kind) for kind in known.kinds]}
    if path.endswith("call/ask"):
        sent["data"] = ["x" * LONGEST_MESSAGE, ""]
    if path.startswith("/v1"):
        sent = {"model": "alder", "messages": [{"role": "user", "content": "x" * LONGEST_MESSAGE}]}
    text = json.dumps(sent | {"session_hash": f"unread{time.time_ns()}", "more": "?"})
    return text.replace('"?"', json.dumps("x" * max(0, size - len(text) + 1))).encode()


def test_bodies_of_any_size_on_every_route_leave_nothing_behind(scripted_site):
    wire = Wire(scripted_site.url)

    def flood(path: str, sizes: tuple[int, ...], times: int) -> set[int]:
        def send(n: int) -> int:
            return post(scripted_site.url, path, body(wire, path, sizes[n % len(sizes)]))

        with ThreadPoolExecutor(4) as pool:
            return {*pool.map(send, range(times))}

    for path in LET_IN:  # until there are as many sessions as are kept
        assert flood(path, (0, PAGE_BYTES), SESSIONS // 2 + 20) == {200}
    before = resident(scripted_site)
    for path in LET_IN:
        assert flood(path, (PAGE_BYTES, PAGE_BYTES // 2), 100) == {200}
    for path in (*LET_IN, *OTHERS):
        assert flood(path, (PAGE_BYTES, PAGE_BYTES + 1, 3 * PAGE_BYTES), 9) <= REFUSED | {200}
    time.sleep(1)
    assert resident(scripted_site) - before < 20 * MB


@pytest.mark.parametrize(
    ("path", "size", "said"),
    [
        ("/gradio_api/queue/join", PAGE_BYTES + 1, b"send at most"),
        ("/v1/chat/completions", API_BYTES + 1, b"too long"),
        ("/gradio_api/run/predict", 4_000_000, b"too long"),
    ],
)
def test_who_sends_too_much_reads_why(scripted_site, path, size, said):
    request = urllib.request.Request(f"{scripted_site.url}{path}", b"x" * size)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 413 and said in refused.value.read()


def test_what_is_no_http_is_refused_and_not_logged(scripted_site):
    own = next(line for line in scripted_site.lines if line.startswith("http"))
    parts, before = urlsplit(own.strip()), len(scripted_site.lines)  # no proxy is between
    for raw in (b"\x16\x03\x01\r\n\r\n", b"GET /healthz HTTP/1.1\r\n\r\n"):
        with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
            connection.sendall(raw)
            with suppress(ConnectionError):
                while connection.recv(4096):
                    pass
    time.sleep(0.5)
    assert "Invalid HTTP" not in "".join(scripted_site.lines[before:])


ODD = ("v", "", 7, None, ["x"], {"a": 1}, "a\x1eb", "a\x1fb", "a\0b", "é", "x" * 100_000, "../x")


def test_an_id_of_any_form_at_any_entry_makes_no_visitor_of_that_form(scripted_site):
    wire = Wire(scripted_site.url)
    for number, listener in listeners(wire.config).items():
        if "browserstate" not in listener.kinds:
            continue
        for claimed in ODD:
            kinds = {"browserstate": claimed, "textbox": "Hello", "checkbox": True}
            body = {"data": [kinds.get(kind) for kind in listener.kinds], "fn_index": number}
            path = "queue/join" if listener.queued else "run/predict"
            sent = json.dumps(body | {"session_hash": wire.session}).encode()
            assert post(scripted_site.url, f"/gradio_api/{path}", sent) == 200
    wire = Wire(scripted_site.url)
    with pytest.raises(urllib.error.HTTPError, match="400"):
        wire.call("duel-box", "submit", None, "\ud800", "", "Hello")
    assert wire.call("duel-box", "submit", None, id_of("good"), "", "Hello")
    stored = visitors(scripted_site.db)
    assert id_of("good") in stored and all(map(is_visitor_id, stored))


def visitors(db) -> set[str]:
    import sqlite3

    with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as connection:
        return {id for (id,) in connection.execute("SELECT id FROM visitors")}


def test_it_comes_up_while_a_hundred_ask_for_the_page(tmp_path):
    port, over, seen = free_port(), threading.Event(), []

    def hammer() -> None:
        while not over.is_set():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                    seen.append(answer.status)
            except urllib.error.HTTPError as error:
                with error:
                    seen.append(error.code)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)

    with ThreadPoolExecutor(100) as pool:
        for _ in range(100):
            pool.submit(hammer)
        try:
            running = start(tmp_path / "arena.db", "--roster", "scripted", port=port)
        finally:
            over.set()
    assert running.stop() == 0
    assert set(seen) <= {200, 503, 429} and 503 in seen


@contextmanager
def idle(url: str, count: int):
    """So many open connections that never ask for anything; half of them began to."""
    with ExitStack() as stack:
        opened = []
        for n in range(count):
            with suppress(OSError):
                made = socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), 60)
                opened.append(stack.enter_context(made))
                if n % 2:
                    made.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: ")
        yield opened


def cut(connection: socket.socket, within: float) -> bool:
    connection.settimeout(within)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def test_two_thousand_idle_connections_keep_nobody_out(scripted_site):
    if scripted_site.proxy is not None:
        pytest.skip("the connections are the proxy's")
    with idle(scripted_site.url, 2000) as opened:
        assert len(opened) == 2000
        assert scripted_site.health()[0] == 200
        assert cut(opened[0], 60) and cut(opened[-1], 60)
    assert scripted_site.health()[0] == 200


FEW = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300));"
    "sys.argv[0] = 'app.py'; import app; sys.exit(app.main())"
)


def test_where_file_handles_run_out_it_goes_on_and_says_so_once(tmp_path):
    running = start(tmp_path / "arena.db", "--roster", "scripted", program=("-c", FEW))
    if running.proxy is not None:
        running.url = f"http://127.0.0.1:{running.proxy._port}"
    said = len(running.lines)
    with idle(running.url, 600):
        until, ready = time.monotonic() + 120, False
        while not ready and time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                ready = running.health()[0] == 200
    assert ready
    log = running.lines[said:]
    assert len(log) <= 3 and not any("Traceback" in line for line in log)
    assert running.stop() == 0


def test_whoever_asks_first_does_not_say_for_others_where_the_api_is(scripted_site):
    for path in ("/gradio_api/info", "/gradio_api/info?all_endpoints=true", "/config", "/"):
        for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
            request = urllib.request.Request(scripted_site.url + path, headers=headers)
            urllib.request.urlopen(request, timeout=60).close()
        with urllib.request.urlopen(scripted_site.url + path, timeout=60) as answer:
            assert "evil.example" not in answer.read().decode()


@pytest.mark.browser
def test_more_tabs_of_one_browser_than_it_has_connections_all_answer(scripted_site, browser):
    context = browser.new_context()
    pages = [context.new_page() for _ in range(8)]  # it has six to one address
    for page in pages:
        page.goto(scripted_site.url)
    for page in pages:
        expect(page.locator("#chat-box textarea")).to_be_enabled()
    last = pages[-1]
    last.locator("#chat-box textarea").fill("Hello")
    last.keyboard.press("Enter")
    expect(last.locator("#chat-log .chip")).to_have_count(1)
    context.close()


@pytest.mark.parametrize(("source", "part"), [("imported", "3 turns"), ("simulated", "nonsense")])
def test_what_an_open_page_has_chosen_is_answered_by_a_session_that_knows_nothing(
    scripted_site, source, part
):
    chosen = (source, "turns", part, False, [])
    said = Wire(scripted_site.url).call("board-style", "input", *chosen)
    assert '"success":true' in said[-1].replace(" ", "")
