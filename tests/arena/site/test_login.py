"""The login of a Space over the wire: who may vote, and under whose name."""

import base64
import hashlib
import json
import sqlite3
import time
import urllib.request

import pytest
from app_process import start
from page_wire import Wire
from stored import id_of

from arena.site.identity import OAUTH, AddressHasher

SPACE = {"SYSTEM": "spaces", "SPACE_ID": "somebody/arena", **dict.fromkeys(OAUTH, "x")}
SPACE["OAUTH_CLIENT_SECRET"] = "a client's secret"
KEYS = {"BLENDED_ARENA_ADDRESS_KEY": "words", "BLENDED_ARENA_HOST_KEY": "the key of the host"}
account = AddressHasher("words").account


def cookie(sub: str) -> str:
    """What a browser holds after the login of `sub`."""
    import itsdangerous

    info = {"expires_at": time.time() + 600, "userinfo": {"sub": sub, "preferred_username": sub}}
    key = hashlib.sha256(f"{SPACE['OAUTH_CLIENT_SECRET']}-v4".encode()).hexdigest()
    session = base64.b64encode(json.dumps({"oauth_info": info}).encode())
    return "session=" + itsdangerous.TimestampSigner(key).sign(session).decode()


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    pytest.importorskip("authlib")
    pytest.importorskip("itsdangerous")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (SPACE | KEYS).items():
            patch.setenv(name, value)
        db = tmp_path_factory.mktemp("space") / "arena.db"
        running = start(db, "--roster", "scripted", "--login-to-vote")
    yield running
    assert running.stop() == 0


def voted(space, visitor: str, cookie: str = "") -> str:
    """What the wire says of a battle and its vote."""
    wire = Wire(space.url, cookie)
    said = wire.call("duel-box", "submit", None, visitor, "", "Hello")
    return "".join(said + wire.call("vote-1", "click", None, visitor))


def voters(space) -> set[str]:
    """The visitors whose votes are stored."""
    with sqlite3.connect(f"file:{space.db}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT b.visitor FROM votes v JOIN battles b ON b.id = v.battle")
        return {visitor for (visitor,) in rows}


@pytest.mark.parametrize(
    ("visitor", "sub", "said"),
    [
        (id_of("browser-1"), "", "Voting here needs a login"),
        (account("1234"), "", "Your login has ended"),
        (account("1234"), "1234", "Your vote is in"),
    ],
    ids=["no login", "another's account", "one's own"],
)
def test_a_vote_over_raw_http_needs_the_login_that_it_claims(space, visitor, sub, said):
    answer = voted(space, visitor, cookie(sub) if sub else "")
    assert said in answer and ("Your vote is in" in answer) == bool(sub)


@pytest.mark.parametrize("sub", ["", "1234"])
def test_the_votes_wake_for_who_may_vote_and_tell_the_others_what_to_do(space, sub):
    wire = Wire(space.url, cookie(sub) if sub else "")
    visitor = account(sub) if sub else id_of("browser-2")
    last = json.loads(wire.call("duel-box", "submit", None, visitor, "", "Hello")[-1][6:])
    *_, status, _, vote, _, _, _ = last["output"]["data"][:9]
    assert vote["interactive"] == bool(sub)
    assert ("To vote, log in at the top" in status) != bool(sub)


def test_one_login_is_one_visitor_whatever_ids_its_page_makes_up(space):
    before = voters(space)
    for claimed in (*map(id_of, "abc"), account("1234"), "\x1e", 7):
        assert "Your vote is in" in voted(space, claimed, cookie("5678"))
    assert voters(space) == before | {account("5678")}


def test_no_secret_is_in_an_answer_or_in_the_log(space):
    text = "".join(space.lines)
    for path in ("/", "/config", "/gradio_api/info", "/healthz", "/metrics", "/host", "/v1/models"):
        with urllib.request.urlopen(space.url + path, timeout=60) as answer:
            text += str(answer.headers) + answer.read().decode()
    secrets = (SPACE["OAUTH_CLIENT_SECRET"], KEYS["BLENDED_ARENA_HOST_KEY"])
    assert not any(secret in text for secret in secrets)


FORGED = """([url, type, mode, body]) => fetch(url, {
  method: "POST", mode, credentials: "include", headers: {"content-type": type}, body,
}).then((answer) => answer.status, () => "refused")"""


@pytest.mark.browser
def test_the_page_of_another_origin_votes_for_nobody(space, browser):
    wire = Wire(space.url, cookie("9999"))
    wire.call("duel-box", "submit", None, id_of("x"), "", "Hello")
    vote = wire.event("vote-1", "click")["id"]
    sent = {"data": [None, id_of("x")], "fn_index": vote, "session_hash": wire.session}
    context = browser.new_context()
    value = cookie("9999").removeprefix("session=")
    # Sent on every request from anywhere, as on a Space.
    context.add_cookies(
        [{"name": "session", "value": value, "url": space.url, "sameSite": "None", "secure": True}]
    )
    page = context.new_page()
    context.route("http://127.0.0.1:8999/", lambda route: route.fulfill(body="<title>evil</title>"))
    page.goto("http://127.0.0.1:8999/")
    for path in ("queue/join", "run/predict"):
        for kind in ("application/json", "text/plain"):
            for mode in ("cors", "no-cors"):
                wanted = [f"{space.url}/gradio_api/{path}", kind, mode, json.dumps(sent)]
                assert page.evaluate(FORGED, wanted) in ("refused", 0)
    context.close()
    assert account("9999") not in voters(space)
    assert "Your vote is in" in "".join(wire.call("vote-1", "click", None, None))
    assert account("9999") in voters(space)
