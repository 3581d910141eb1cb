"""Who is behind a request: address and account, and the id that a page's opener goes by."""

from types import SimpleNamespace

import pytest

from arena.origin import Seal
from arena.tabs import guest
from arena.visitor_id import is_visitor_id
from blend.conversation import new_id

GONE = set()
SITE = SimpleNamespace(
    seal=Seal("key"),
    store=SimpleNamespace(erasure=SimpleNamespace(is_erased=lambda visitor: visitor in GONE)),
)
MINE = SITE.seal.account("1234")


def request(sub: str = "", peer: str = "8.8.8.8"):
    session = {"oauth_info": {"userinfo": {"sub": sub}}} if sub else {}
    return SimpleNamespace(
        request=SimpleNamespace(scope={"session": session}),
        client=SimpleNamespace(host=peer),
    )


def test_a_browser_keeps_its_id():
    own = new_id()
    assert guest.known_as(SITE, own, request()) == own
    assert guest.known_as(SITE, None, request()) != guest.known_as(SITE, None, request())


@pytest.mark.parametrize("claimed", ["b-1", "", 7, ["x"], "a\x1eb", "\ud800", "x" * 100_000, MINE])
def test_what_is_no_id_of_ours_gets_a_new_one(claimed):
    given = guest.known_as(SITE, claimed, request())
    assert is_visitor_id(given) and given != claimed


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


def test_the_address_is_sealed():
    assert guest.address(SITE, request(peer="9.9.9.9")) == SITE.seal("9.9.9.9")
    assert guest.address(SITE, None) is None
