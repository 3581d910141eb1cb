"""The login of a Space: offered where it is configured, and whose session a request carries."""

import base64
import hashlib
import json
import time

import pytest

from arena import login
from arena.login import NEEDED, subject
from arena.origin import Seal
from tests.conftest import Wire, start
from tests.test_app import refused

SPACE = {"SYSTEM": "spaces", "SPACE_ID": "somebody/arena", **dict.fromkeys(NEEDED, "x")}


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
        for name, value in (SPACE | {"BLENDED_ARENA_ADDRESS_KEY": "words"}).items():
            patch.setenv(name, value)
        db = tmp_path_factory.mktemp("space") / "arena.db"
        running = start(db, "--roster", "scripted", "--login-to-vote")
    yield running
    assert running.stop() == 0


def voted(space, visitor: str, cookie: str = "") -> str:
    """What the wire says of a battle and its vote."""
    wire = Wire(space.url, cookie)
    said = wire.call("duel-box", "submit", "Hello", None, visitor)
    return "".join(said + wire.call("vote-1", "click", None, visitor))


def test_a_vote_without_a_login_is_refused_over_raw_http_too(space):
    said = voted(space, "browser-1")
    assert "Voting here needs a login" in said and "Your vote is in" not in said


@pytest.mark.parametrize("sub", ["", "1234"])
def test_the_votes_wake_for_who_may_vote_and_tell_the_others_what_to_do(space, sub):
    wire = Wire(space.url, cookie(sub) if sub else "")
    visitor = Seal("words").account(sub) if sub else "browser-2"
    last = json.loads(wire.call("duel-box", "submit", "Hello", None, visitor)[-1][6:])
    *_, status, _, vote, _, _, _ = last["output"]["data"][:9]
    assert vote["interactive"] == bool(sub)
    assert ("To vote, log in at the top" in status) != bool(sub)


def test_who_is_logged_in_votes_under_their_account(space):
    said = voted(space, Seal("words").account("1234"), cookie("1234"))
    assert "Your vote is in" in said


@pytest.mark.parametrize("sub", ["", "5678"])
def test_nobody_else_votes_under_it(space, sub):
    said = voted(space, Seal("words").account("1234"), cookie(sub) if sub else "")
    assert "Your login has ended" in said and "Your vote is in" not in said
