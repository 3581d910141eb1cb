"""Events of the page: what no page sends is refused, and who asks is said by the site."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_wire import Wire
from starlette.requests import Request
from starlette.testclient import TestClient
from tiny_site import tiny

from arena.web.events import BadEvent, EventGuard, Listener, listeners, parse_body

JSON = {"content-type": "application/json"}
OWN = "018f2b6c-7a10-7abc-8def-0123456789ab"
OTHER = "018f2b6c-7a10-7abc-8def-ba9876543210"
ACCOUNT = "account-" + "0" * 24

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
