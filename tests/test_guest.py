"""Who is behind a request: address and account, and the id that a page's opener goes by."""

from types import SimpleNamespace

import pytest

from arena.origin import Seal
from arena.tabs import guest

GONE = set()
SITE = SimpleNamespace(
    seal=Seal("key"), store=SimpleNamespace(forgotten=lambda visitor: visitor in GONE)
)
MINE = SITE.seal.account("1234")


def request(sub: str = "", peer: str = "8.8.8.8", **headers: str):
    session = {"oauth_info": {"userinfo": {"sub": sub}}} if sub else {}
    return SimpleNamespace(
        request=SimpleNamespace(scope={"session": session}),
        client=SimpleNamespace(host=peer),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def test_a_browser_keeps_its_id():
    assert guest.known_as(SITE, "b-1", request()) == "b-1"
    assert guest.known_as(SITE, None, request()) != guest.known_as(SITE, None, request())


def test_a_login_goes_by_its_account_and_leaves_none_of_it_behind():
    assert guest.known_as(SITE, "b-1", request("1234")) == MINE
    after = guest.known_as(SITE, MINE, request())
    assert after and after != MINE and not after.startswith("account-")


def test_an_account_whose_data_was_deleted_begins_anew(monkeypatch):
    monkeypatch.setitem(globals(), "GONE", {MINE})
    after = guest.known_as(SITE, "b-1", request("1234"))
    assert after.startswith("account-") and after != MINE
    assert guest.account(SITE, request("1234")) == after
    assert guest.account(SITE, request("5678")) == SITE.seal.account("5678")


@pytest.mark.parametrize("of", [None, request(), SimpleNamespace(request=None)])
def test_without_a_session_there_is_no_account(of):
    assert guest.account(SITE, of) is None


def test_the_address_is_the_proxys_last_hop_sealed():
    behind = request(peer="10.0.0.7", x_forwarded_for="1.1.1.1, 9.9.9.9")
    assert guest.address(SITE, behind) == SITE.seal("9.9.9.9")
    assert guest.address(SITE, None) is None
