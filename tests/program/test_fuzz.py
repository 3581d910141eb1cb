"""Nonsense over HTTP: no route answers 500, shows a traceback, or names who hides in a battle."""

import http.client
import json
import time
from urllib.parse import quote, urlencode, urlsplit

import pytest
from app_process import start
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_wire import Wire
from starlette.applications import Starlette
from starlette.testclient import TestClient
from stored import filled, id_of

from arena.pages import admin
from arena.site.admin_key import AdminKey
from arena.site.identity import AddressHasher
from arena.votes.rules import DEFAULT_LIMITS
from arena.web.events import listeners

NAMES = ("alder", "birch", "cedar")
KEY = "a key of many words"
FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", "tool"]) | VALUES},
    optional={"content": st.text(max_size=20) | VALUES, "tool_calls": VALUES},
)
FIELDS = ["n", "stop", "seed", "top_p", "temperature", "max_tokens", "stream", "tools", "user"]
BODY = st.fixed_dictionaries(
    {"model": st.just("alder") | VALUES, "messages": st.lists(MESSAGE, max_size=3) | VALUES},
    optional={field: VALUES for field in FIELDS},
)


def ask(url: str, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request(method, parts.path + path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def fine(status: int, said: str) -> None:
    assert status < 500, said
    assert "Traceback" not in said and 'File "' not in said
    if status >= 400:
        assert not any(name in said for name in NAMES), said


@FUZZ
@given(body=BODY)
def test_chat_completions(scripted_site, body) -> None:
    fine(*ask(scripted_site.url, "POST", "/v1/chat/completions", json.dumps(body).encode()))


@FUZZ
@given(raw=st.binary(max_size=200))
def test_bodies_that_are_no_json(scripted_site, raw) -> None:
    status, said = ask(scripted_site.url, "POST", "/v1/chat/completions", raw)
    fine(status, said)
    assert status == 400 and json.loads(said)["error"]["message"]


@FUZZ
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
    route=st.sampled_from(["/healthz", "/metrics", "/host", "/v1/models", "/v1/models/"]),
    tail=st.text(max_size=12),
)
def test_every_route_by_every_method(scripted_site, method, route, tail) -> None:
    path = route + (quote(tail, safe="") if route.endswith("/") else f"?{quote(tail)}=1")
    status, said = ask(scripted_site.url, method, path)
    assert status < 500 and "Traceback" not in said


@FUZZ
@given(
    kind=st.sampled_from(["csv", "json"]),
    query=st.dictionaries(
        st.sampled_from(["by", "part", "style", "source"]) | st.text(max_size=6),
        st.sampled_from(["", "turns", "month", "1", "own", "simulated"]) | st.text(max_size=12),
        max_size=4,
    ),
)
def test_the_board_as_a_file(scripted_site, kind, query) -> None:
    status, said = ask(scripted_site.url, "GET", f"/leaderboard.{kind}?{urlencode(query)}")
    assert status < 500 and "Traceback" not in said
    if status == 200 and kind == "json":
        json.loads(said)


@pytest.fixture(scope="module")
def hosted(tmp_path_factory):
    """The host's page, with a key that fits and votes that can be judged."""
    db = filled(tmp_path_factory.mktemp("hosted") / "arena.db", votes=6)
    routes = admin.routes(str(db), DEFAULT_LIMITS, AdminKey(KEY), AddressHasher())
    client = TestClient(Starlette(routes=routes))
    assert client.post("/host", data={"key": KEY}).status_code == 200
    return client


NAME = st.sampled_from(["do", "visitor", "said"]) | st.text(max_size=6)
WORD = st.sampled_from(["bar", "lift", "apply", "v1", "k"]) | st.text(max_size=20)


@FUZZ
@given(fields=st.dictionaries(NAME, WORD))
def test_the_hosts_page(hosted, fields) -> None:
    fields.pop("key", None)
    for answer in (hosted.get("/host", params=fields), hosted.post("/host", data=fields)):
        assert answer.status_code == 200 and "own votes" in answer.text


@FUZZ
@given(raw=st.binary(max_size=300))
def test_forms_that_are_none(hosted, raw) -> None:
    for body in (raw, b"visitor=" + raw.replace(b"&", b"")):
        assert hosted.post("/host", content=body).status_code in (200, 403)


@FUZZ
@given(name=st.sampled_from(["leaderboard", "ask"]), data=st.lists(VALUES, max_size=5))
def test_the_named_endpoints(scripted_site, name, data) -> None:
    body = json.dumps({"data": data}).encode()
    status, said = ask(scripted_site.url, "POST", f"/gradio_api/call/{name}", body)
    assert status != 500 and "Traceback" not in said
    if status == 200:
        event = json.loads(said)["event_id"]
        status, said = ask(scripted_site.url, "GET", f"/gradio_api/call/{name}/{event}")
        assert status == 200 and "Traceback" not in said


@pytest.fixture(scope="module")
def quiet(scripted_site):
    """The site, whose log must have no traceback when these tests are over."""
    before = len(scripted_site.lines)
    yield scripted_site
    time.sleep(2)  # what was let in last is still being done
    said = "".join(scripted_site.lines[before:])
    assert "Traceback" not in said, said[-3000:]


EVENT = st.fixed_dictionaries(
    {"fn_index": st.integers(-3, 90) | VALUES, "data": st.lists(VALUES, max_size=5) | VALUES},
    optional={
        "session_hash": st.sampled_from(["one", "two"]) | VALUES,
        "event_data": st.fixed_dictionaries({"index": VALUES, "value": VALUES}) | VALUES,
        "event_id": VALUES,
        "trigger_id": VALUES,
        "batched": VALUES,
        "simple_format": VALUES,
        "oauth_token": VALUES,
    },
)


@FUZZ
@given(event=EVENT, route=st.sampled_from(["queue/join", "run/predict", "cancel", "reset"]))
def test_events_that_no_page_sends(quiet, event, route) -> None:
    body = json.dumps(event).encode()
    fine(*ask(quiet.url, "POST", f"/gradio_api/{route}", body))


@FUZZ
@given(
    raw=st.binary(max_size=200) | st.sampled_from([rb'{"data":["\ud800"]}', b"NaN", b"[" * 9000])
)
def test_events_that_are_no_json(quiet, raw) -> None:
    for route in ("queue/join", "run/predict", "cancel", "reset", "call/ask"):
        status, said = ask(quiet.url, "POST", f"/gradio_api/{route}", raw)
        assert 400 <= status < 500 and "\n" not in said


VALUE = ("", "no such choice", None, True, 7, -1.5, "x" * 3000)
TOLD = (
    {"index": [0, 1], "value": "x", "liked": True, "selected": True},
    *({}, {"index": 10**6}, {"index": [None, None]}, {"index": None, "value": {}}),
)


def test_each_listener_takes_whatever_its_inputs_may_send(quiet) -> None:
    wire = Wire(quiet.url)
    for number, listener in listeners(wire.config).items():
        for value, event_data in [*((value, None) for value in VALUE), *((None, t) for t in TOLD)]:
            body = {"fn_index": number, "session_hash": wire.session, "event_data": event_data}
            # What is no choice of a list Gradio refuses by itself, and its log has why.
            body["data"] = [None if k in ("radio", "dropdown") else value for k in listener.kinds]
            path = "queue/join" if listener.queued else "run/predict"
            status, said = ask(quiet.url, "POST", f"/gradio_api/{path}", json.dumps(body).encode())
            assert status in (200, 400), said


def public(url: str) -> dict[str, str]:
    """All that anybody may read of contenders; of the metrics, what names one."""
    told = {p: ask(url, "GET", p)[1] for p in ("/healthz", "/v1/models", "/leaderboard.csv")}
    board = json.loads(ask(url, "GET", "/leaderboard.json")[1])
    told["json"] = json.dumps(board, sort_keys=True).replace(str(board.get("as_of")), "")
    metrics = ask(url, "GET", "/metrics")[1].splitlines()
    told["metrics"] = "\n".join(m for m in metrics if any(n in m for n in (*NAMES, "Blended")))
    return told


def test_an_open_battle_changes_nothing_that_is_told_of_a_contender(tmp_path) -> None:
    running = start(tmp_path / "arena.db", "--roster", "scripted")
    before = public(running.url)
    assert "alder" in before["/leaderboard.csv"] and "alder" in before["metrics"]
    wire = Wire(running.url)
    wire.call("duel-box", "submit", None, id_of("v"), "", "Who are you?")
    assert public(running.url) == before
    assert "You said" in "".join(wire.call("vote-1", "click", None, id_of("v")))
    assert public(running.url)["/leaderboard.csv"] != before["/leaderboard.csv"]
    assert running.stop() == 0
