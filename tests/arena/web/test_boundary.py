"""The boundary before a tiny app: what it lets through, and what it refuses."""

import pytest
from starlette.testclient import TestClient
from tiny_site import boundary, tiny

from arena.web.boundary import PAGES
from arena.web.headers import policy
from arena.web.same_origin import LoopbackOnly
from arena.web.starting import StartCheck

JOIN = "/gradio_api/queue/join"


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


def test_a_check_of_gradio_s_is_answered_without_the_page_until_the_site_has_started():
    starting = iter([True, True, False])
    client = TestClient(StartCheck(tiny, lambda: next(starting)))
    assert client.head("/").status_code == 200 and "x-seen" not in client.head("/").headers
    assert client.get("/").headers["x-seen"]
    assert client.head("/").headers["x-seen"]


def test_pages_are_counted_by_address():
    client = boundary()
    pages = [client.get("/").status_code for _ in range(PAGES + 2)]
    assert pages == [200] * PAGES + [429] * 2
    assert client.get("/assets/x.js").status_code == 200
    home = boundary(counted=lambda address: None)
    assert {home.get("/").status_code for _ in range(PAGES + 2)} == {200}
