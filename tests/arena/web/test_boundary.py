"""The boundary before a tiny app: what it lets through, and what it refuses."""

import asyncio
import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_wire import Wire
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from arena.web.bodies import API_BYTES, DROPPED, BodyLimits, page_bytes
from arena.web.boundary import PAGES, Boundary
from arena.web.events import BadEvent, EventGuard, Listener, listeners, parse_body
from arena.web.headers import policy
from arena.web.same_origin import LoopbackOnly

JSON = {"content-type": "application/json"}
OWN = "018f2b6c-7a10-7abc-8def-0123456789ab"
OTHER = "018f2b6c-7a10-7abc-8def-ba9876543210"
ACCOUNT = "account-" + "0" * 24
JOIN = "/gradio_api/queue/join"


async def tiny(scope, receive, send) -> None:
    """Answers with what came: its body's length, its headers, who asks, the query."""
    request = Request(scope, receive)
    body = await request.body()
    told = {"bytes": len(body), "headers": dict(request.headers), "query": request.url.query}
    told |= {"who": request.client.host, "body": body[:500].decode(errors="replace")}
    await JSONResponse(told, headers={"x-seen": "1"})(scope, receive, send)


def boundary(proxies: int = 0, counted=lambda address: address, starting=False) -> TestClient:
    """A client at 9.9.9.9 of a site that is all boundary."""
    site = SimpleNamespace(
        settings=SimpleNamespace(proxies=proxies, root_path="", longest_message=100),
        guard=SimpleNamespace(client_key=counted),
        hasher=lambda address: address,
    )
    made = Boundary(site)
    made.app, made.starting = tiny, starting
    return TestClient(made, client=("9.9.9.9", 5))


NEEDED = """
    / /config /theme.css /assets/a/b.js /static/x.png /gradio_api/queue/join
    /gradio_api/queue/data /gradio_api/run/predict /gradio_api/cancel /healthz
    /gradio_api/call/ask /gradio_api/call/ask/ab12 /gradio_api/mcp/ /gradio_api/info /v1
    /v1/models /v1//models /v1/chat/completions /leaderboard.csv /host /login/huggingface
    /login/callback /logout /preview.png /metrics /manifest.json
"""
CLOSED = """
    /gradio_api/upload /gradio_api/upload_progress /gradio_api/deep_link /monitoring
    /monitoring/summary /monitoring/key /gradio_api/file=/etc/passwd /docs /redoc
    /gradio_api/file/etc/passwd /gradio_api/proxy=https://x /gradio_api/component_server
    /gradio_api/vibe-edit /gradio_api/vibe-code /gradio_api/process_recording /token
    /gradio_api/dev/reload /gradio_api/openapi.json /openapi.json /gradio_api/runs
    /gradio_api/stream/a/b/1/playlist.m3u8 /gradio_api/call/v2/ask/x/y /gradio_api/user
    /gradio_api/heartbeat/x /gradio_api/run/let_in /gradio_api/api/ask
    /gradio_api/startup-events /gradio_api/custom_component/1/client/component/x /login
    /gradio_api/profiling/traces /hosts /v1x /GRADIO_API/upload /config/x
"""


def test_what_the_site_needs_is_there_and_the_rest_of_gradio_is_not():
    client = boundary()
    told = {path: client.post(path, content=b"x") for path in (NEEDED + CLOSED).split()}
    assert {path for path, answer in told.items() if answer.status_code == 200} == {*NEEDED.split()}
    closed = [told[path] for path in CLOSED.split()]
    assert all(a.status_code == 404 and "x-seen" not in a.headers for a in closed)


LIMIT = page_bytes(100)


@pytest.mark.parametrize("chunks", [1, 7])
@pytest.mark.parametrize("size", [0, 1, LIMIT, LIMIT + 1, 9 * LIMIT])
def test_a_body_comes_whole_or_not_at_all(size, chunks):
    step = max(1, -(-size // chunks))
    sent = (b"x" * min(step, size - at) for at in range(0, size, step))
    whole = boundary().post("/", content=b"x" * size)
    streamed = boundary().post("/", content=sent)  # without a content-length
    for answer in (whole, streamed):
        if size <= LIMIT:
            assert answer.status_code == 200 and answer.json()["bytes"] == size
        else:
            assert answer.status_code == 413 and answer.headers["connection"] == "close"
            said = f"This is too long: send at most {LIMIT:,} bytes."
            assert answer.json()["detail"] == answer.json()["error"]["message"] == said


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/gradio_api/mcp/"])
def test_a_body_too_long_for_programs_is_told_the_limit_that_holds(path):
    client = boundary()
    assert client.post(path, content=b"x" * API_BYTES).json()["bytes"] == API_BYTES
    answer = client.post(path, content=b"x" * (API_BYTES + 1))
    assert answer.status_code == 413 and "at most 1,000,000 bytes" in answer.text


def bodies(receive, headers=()) -> list[dict]:
    """What is sent to a client whose body comes from `receive`."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [*headers]}
    asyncio.run(BodyLimits(tiny, LIMIT)(scope, receive, send))
    return sent


@pytest.mark.parametrize("length", ["-1", "1e9", "x", "٣", "9" * 400])
def test_a_length_that_is_none_is_refused(length):
    async def receive():
        return {"type": "http.disconnect"}

    # Servers refuse most of these before; a limit must not lean on it.
    assert bodies(receive, [(b"content-length", length.encode())])[0]["status"] == 413


def test_what_is_beyond_the_limit_is_dropped_and_of_that_only_so_much():
    read = []

    async def receive():
        read.append(1)
        return {"type": "http.request", "body": b"x" * 400_000, "more_body": True}

    assert bodies(receive)[0]["status"] == 413 and len(read) == 1 + DROPPED // 400_000


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "http://testserver"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "https://behind.a.proxy"}, 200),
        ({"sec-fetch-site": "same-site", "origin": "http://testserver:81"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil"}, 403),
        ({"origin": "http://testserver"}, 200),
        ({"origin": "http://TestServer"}, 200),
        ({"origin": "http://testserver:81"}, 403),
        ({"origin": "https://evil"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": "https://outside", "x-forwarded-host": "outside"}, 200),
    ],
)
def test_another_origin_does_nothing_here(headers, status):
    client = boundary(proxies=1)
    for path in (JOIN, "/gradio_api/run/predict", "/host", "/"):
        answer = client.post(path, headers=headers)
        assert answer.status_code == status
        assert not any(name.startswith("access-control") for name in answer.headers)
    assert client.get("/gradio_api/queue/data", headers=headers).status_code == status
    assert client.get("/logout", headers=headers).status_code == status
    assert client.get("/", headers=headers).status_code == 200  # links lead here
    assert client.post("/v1/chat/completions", headers=headers).status_code == 200


def test_what_was_looked_at_is_not_handed_on_and_the_api_is_described_for_who_asks():
    told = boundary().get("/", headers={"origin": "https://evil"}).json()["headers"]
    assert "origin" not in told and "sec-fetch-site" not in told
    answer = boundary().get("/gradio_api/info?all_endpoints=true")
    assert answer.json()["query"] == "page="


def test_the_api_is_for_every_page_and_takes_no_cookies():
    client, origin = boundary(), {"origin": "https://anybody"}
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "x-a"}
    first = client.options("/v1/chat/completions", headers=origin | asked)
    assert first.status_code == 200 and first.headers["access-control-allow-headers"] == "x-a"
    for answer in (first, client.post("/v1/chat/completions", headers=origin)):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
    assert client.options(JOIN, headers=origin | asked).status_code == 403


def test_no_browser_comes_past_the_boundary():
    client = TestClient(LoopbackOnly(tiny))
    assert client.get("/").status_code == 200
    for marked in ({"origin": "http://127.0.0.1"}, {"sec-fetch-site": "none"}):
        assert client.get("/", headers=marked).status_code == 403


@pytest.mark.parametrize(
    ("proxies", "who"), [(0, "9.9.9.9"), (1, "2.2.2.2"), (2, "1.1.1.1"), (9, "9.9.9.9")]
)
def test_who_asks_is_said_once_for_all_that_comes_behind(proxies, who):
    claims = {"x-forwarded-for": "1.1.1.1, 2.2.2.2", "x-real-ip": "3.3.3.3", "forwarded": "for=4"}
    told = boundary(proxies).get("/", headers=claims | {"x-forwarded-host": "evil"}).json()
    assert told["who"] == who
    assert not {"x-forwarded-for", "x-real-ip", "forwarded"} & {*told["headers"]}
    assert ("x-forwarded-host" in told["headers"]) == bool(proxies)


def test_every_answer_carries_the_headers(monkeypatch):
    for answer in (boundary().get("/"), boundary().get("/docs"), boundary(starting=True).get("/")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["content-security-policy"].endswith("frame-ancestors 'self'")
    assert "https://huggingface.co" in policy({"SPACE_ID": "me/arena"})


def test_the_start_is_answered_with_little_and_then_with_all():
    client = boundary(starting=True)
    first, later = client.get("/"), client.post(JOIN)
    for answer in (first, later):
        assert answer.status_code == 503 and answer.headers["retry-after"] == "2"
        assert len(answer.content) < 1000
    assert 'http-equiv="refresh"' in first.text and later.json()["detail"]
    assert client.get("/healthz").status_code == client.get("/v1/models").status_code == 200


def test_pages_are_counted_by_address():
    client = boundary()
    pages = [client.get("/").status_code for _ in range(PAGES + 2)]
    assert pages == [200] * PAGES + [429] * 2
    assert client.get("/assets/x.js").status_code == 200
    home = boundary(counted=lambda address: None)
    assert {home.get("/").status_code for _ in range(PAGES + 2)} == {200}


KNOWN = {
    0: Listener(("textbox", "state", "browserstate"), queued=True),
    1: Listener(("checkbox",), queued=False),
    2: Listener(("api", "api"), queued=True, name="ask"),
}


class Session:
    """Stands where Gradio reads a login's cookie: whoever sends `x-login` has logged in."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        login = Request(scope).headers.get("x-login")
        scope["session"] = {"who": login} if login else {}
        await self.app(scope, receive, send)


def events() -> TestClient:
    made = EventGuard(tiny, KNOWN, lambda session: ACCOUNT, lambda who: who, longest=100)
    return TestClient(Session(made))


GOOD = {"fn_index": 0, "data": ["Hi", None, OWN], "session_hash": "abc"}


def send(body: object, path: str = "queue/join", client: TestClient | None = None, **headers: str):
    """The answer to a page's request; bytes go as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body)
    return (client or events()).post(f"/gradio_api/{path}", content=raw, headers=JSON | headers)


def visitor(claimed: object, **headers: str) -> object:
    """The id that a listener gets, whatever a page sends."""
    answer = send(GOOD | {"data": ["Hi", None, claimed]}, **headers)
    return json.loads(answer.json()["body"])["data"][2]


ODD = ("v", "", 7, None, [OWN], {"id": OWN}, "a\x1eb", "a\x1fb", "a\0b", OWN + "\n")


@pytest.mark.parametrize("claimed", [OWN, ACCOUNT, *ODD], ids=ascii)
def test_an_id_of_ours_reaches_the_listener_and_any_other_is_nobodys(claimed):
    assert visitor(claimed) == (claimed if claimed in (OWN, ACCOUNT) else None)


@pytest.mark.parametrize("claimed", [OWN, OTHER, "account-" + "1" * 24, "v", None, ["x"]])
def test_who_is_logged_in_is_their_account_whatever_the_page_sends(claimed):
    assert visitor(claimed, **{"x-login": "me"}) == ACCOUNT


@pytest.mark.parametrize(
    "change",
    [
        *({"fn_index": n} for n in (-1, 3, 10**30, None, True, "0", 0.0, [0])),
        *({"data": data} for data in (None, [], "Hi", {}, ["Hi", None], ["Hi", None, OWN, 1])),
        *({"data": [text, None, OWN]} for text in ([], {}, ["x"], True)),
        *({"session_hash": s} for s in (7, "x" * 65, "a\nb", "ä", ["x"], {})),
        *({"event_id": e} for e in (7, "x" * 65, {})),
        *({"trigger_id": t} for t in ("7", 7.5, {}, True)),
        *({"event_data": e} for e in (7, "x", [], True, {"index": "x" * 201}, {"index": -1})),
        *({"event_data": {"index": e}} for e in ([1, 2, 3], {}, 1.5, [None, -1], True)),
    ],
    ids=ascii,
)
def test_what_no_page_sends_is_refused_in_a_line(change):
    answer = send(GOOD | change)
    assert answer.status_code == 400 and "x-seen" not in answer.headers
    assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b"NaN", b'{"data":["\\ud800"]}', b'"\xff"', b"[" * 5000],
    ids=range(8),
)
@pytest.mark.parametrize("path", ["queue/join", "run/predict", "cancel", "reset", "call/ask"])
def test_what_is_no_json_is_refused_everywhere(raw, path):
    answer = send(raw, path)
    assert answer.status_code == 400 and "x-seen" not in answer.headers


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_no_more_is_handed_on_than_is_looked_at_and_that_as_json(kind):
    sent = GOOD | {"more": "x" * 999, "batched": True, "oauth_token": "x"}
    sent["data"] = ["Hi", {"forged": "x" * 999}, OWN]
    sent["event_data"] = {"index": [1, 0], "value": "x" * 999, "liked": True, "more": "x"}
    answer = send(sent, **{"content-type": kind}).json()
    kept = GOOD | {"data": ["Hi", None, OWN]}
    kept["event_data"] = {"index": [1, 0], "value": None, "liked": True}
    assert json.loads(answer["body"]) == kept
    assert answer["bytes"] == int(answer["headers"]["content-length"])
    assert answer["headers"]["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["queue/join", "call/ask"])
def test_a_value_that_is_too_long_or_too_deep_is_refused_in_words(path):
    deep = b"[" * 300 + b"]" * 300
    for value, said in ((b'"%s"' % (b"x" * 201), "send at most 100 at"), (deep, "nested too")):
        answer = send(b'{"fn_index": 2, "session_hash": "s", "data": [%s, ""]}' % value, path)
        assert answer.status_code == 400 and said in answer.json()["detail"]


@pytest.mark.parametrize("missing", ["session_hash", "fn_index", "event_id"])
def test_what_ends_an_event_names_it_and_nothing_else(missing):
    names = {"session_hash": "s", "fn_index": 0, "event_id": "e"}
    answer = send(names | {"data": ["x" * 300], "more": 1}, "cancel")
    assert json.loads(answer.json()["body"]) == names
    answer = send({name: names[name] for name in names if name != missing}, "cancel")
    assert answer.status_code == 400 and missing in answer.json()["detail"]


def test_a_listener_that_waits_in_the_queue_is_not_called_past_it():
    assert send(GOOD, "run/predict").status_code == 400
    assert send({"fn_index": 1, "data": [True]}, "run/predict").status_code == 200


def test_programs_call_by_name_what_is_public_and_nothing_else(scripted_site):
    for name, status in (("ask", 200), ("vote", 400), ("v2/ask", 400), ("nothing", 400)):
        assert send({"data": ["Hi", ""]}, f"call/{name}").status_code == status
    known = listeners(Wire(scripted_site.url).config)
    assert {listener.name for listener in known.values()} == {"", "ask", "leaderboard"}


@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(lambda t: json.dumps([t]).encode()))
def test_a_body_is_read_or_refused_but_never_breaks(raw):
    try:
        assert json.loads(json.dumps(parse_body(raw))) is not None
    except BadEvent as wrong:
        assert "\n" not in str(wrong)


def test_new_sessions_are_counted_and_old_ones_are_not():
    client = events()

    def ask(session: str) -> int:
        return send(GOOD | {"session_hash": session}, client=client).status_code

    assert [ask(f"s{n}") for n in range(301)] == [200] * 300 + [429]
    assert ask("s7") == 200 and ask("s300") == 429
    assert send({"data": ["Hi", ""]}, "call/ask", client).status_code == 429
