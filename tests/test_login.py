"""The login of a Space: offered where it is configured, and whose session a request carries."""

import base64
import hashlib
import json
import sqlite3
import time
import urllib.request

import pytest

from arena import login
from arena.login import NEEDED, subject
from arena.origin import Seal
from tests.conftest import Wire, id_of, start
from tests.test_app import refused

SPACE = {"SYSTEM": "spaces", "SPACE_ID": "somebody/arena", **dict.fromkeys(NEEDED, "x")}
SPACE["OAUTH_CLIENT_SECRET"] = "a client's secret"
KEYS = {"BLENDED_ARENA_ADDRESS_KEY": "words", "BLENDED_ARENA_HOST_KEY": "the key of the host"}


def test_there_is_none_off_a_space_and_it_says_so():
    for missing in ("SYSTEM", "OAUTH_CLIENT_ID"):
        environ = {k: v for k, v in SPACE.items() if k != missing}
        assert "`hf_oauth: true`" in login.off(environ)
    assert "OAUTH_SCOPES is not set" in login.off(SPACE | {"OAUTH_SCOPES": ""})


def test_a_session_tells_its_account_until_it_is_over():
    session = {"oauth_info": {"expires_at": 100, "userinfo": {"sub": "1234"}}}
    assert subject(session, now=99) == "1234" and subject(session, now=101) is None
    assert subject({}) is None and subject({"oauth_info": {}}) is None


def test_votes_that_need_a_login_need_one_that_can_be_had(tmp_path):
    said = refused("--roster", "scripted", "--db", str(tmp_path / "a.db"), "--login-to-vote")
    assert "login_to_vote cannot be met. There is no login" in said
    assert list(tmp_path.iterdir()) == []


def cookie(sub: str) -> str:
    """What a browser holds after the login of `sub`."""
    import itsdangerous

    info = {"expires_at": time.time() + 600, "userinfo": {"sub": sub, "preferred_username": sub}}
    key = hashlib.sha256(f"{SPACE['OAUTH_CLIENT_SECRET']}-v4".encode()).hexdigest()
    told = base64.b64encode(json.dumps({"oauth_info": info}).encode())
    return "session=" + itsdangerous.TimestampSigner(key).sign(told).decode()


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


FORGED = """([url, type, mode, body]) => fetch(url, {
  method: "POST", mode, credentials: "include", headers: {"content-type": type}, body,
}).then((answer) => answer.status, () => "refused")"""


def voted(space, visitor: str, cookie: str = "") -> str:
    """What the wire says of a battle and its vote."""
    wire = Wire(space.url, cookie)
    said = wire.call("duel-box", "submit", None, visitor, "", "Hello")
    return "".join(said + wire.call("vote-1", "click", None, visitor))


def test_a_vote_without_a_login_is_refused_over_raw_http_too(space):
    said = voted(space, id_of("browser-1"))
    assert "Voting here needs a login" in said and "Your vote is in" not in said


@pytest.mark.parametrize("sub", ["", "1234"])
def test_the_votes_wake_for_who_may_vote_and_tell_the_others_what_to_do(space, sub):
    wire = Wire(space.url, cookie(sub) if sub else "")
    visitor = Seal("words").account(sub) if sub else id_of("browser-2")
    last = json.loads(wire.call("duel-box", "submit", None, visitor, "", "Hello")[-1][6:])
    *_, status, _, vote, _, _, _ = last["output"]["data"][:9]
    assert vote["interactive"] == bool(sub)
    assert ("To vote, log in at the top" in status) != bool(sub)


def test_who_is_logged_in_votes_under_their_account(space):
    said = voted(space, Seal("words").account("1234"), cookie("1234"))
    assert "Your vote is in" in said


def test_without_the_login_nobody_votes_under_an_account(space):
    said = voted(space, Seal("words").account("1234"))
    assert "Your login has ended" in said and "Your vote is in" not in said


def voters(space) -> set[str]:
    """The visitors whose votes are stored."""
    with sqlite3.connect(f"file:{space.db}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT b.visitor FROM votes v JOIN battles b ON b.id = v.battle")
        return {visitor for (visitor,) in rows}


def test_one_login_is_one_visitor_whatever_ids_its_page_makes_up(space):
    before = voters(space)
    made_up = [*map(id_of, "abc"), Seal("words").account("1234"), "\x1e", 7]
    for claimed in made_up:
        assert "Your vote is in" in voted(space, claimed, cookie("5678"))
    assert voters(space) == before | {Seal("words").account("5678")}


def test_no_secret_is_in_an_answer_or_in_the_log(space):
    secrets = [SPACE["OAUTH_CLIENT_SECRET"], KEYS["BLENDED_ARENA_HOST_KEY"]]
    told = "".join(space.lines)
    for path in (
        *("/", "/config", "/gradio_api/info", "/healthz", "/metrics", "/host"),
        "/v1/models",
    ):
        answer = urllib.request.urlopen(space.url + path, timeout=10)
        with answer:
            told += str(answer.headers) + answer.read().decode()
    assert not any(secret in told for secret in secrets)


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
    mine = Seal("words").account("9999")
    assert mine not in voters(space)
    assert "Your vote is in" in "".join(wire.call("vote-1", "click", None, None))
    assert mine in voters(space)
