"""Who is behind a request: address and account, and the id that a page's opener goes by."""

from types import SimpleNamespace

import pytest

from arena.pages import visitor
from arena.site.identity import AddressHasher, is_visitor_id
from blend.conversation import new_id

SEAL = AddressHasher("key")
MINE = SEAL.account("1234")


@pytest.fixture
def site():
    """Its set `gone` holds the accounts whose data was deleted."""
    gone: set[str] = set()
    store = SimpleNamespace(erasure=SimpleNamespace(is_erased=gone.__contains__))
    return SimpleNamespace(hasher=SEAL, store=store, gone=gone)


def request(sub: str = "", peer: str = "8.8.8.8"):
    session = {"oauth_info": {"userinfo": {"sub": sub}}} if sub else {}
    scope = SimpleNamespace(scope={"session": session})
    return SimpleNamespace(request=scope, client=SimpleNamespace(host=peer))


def test_a_browser_keeps_its_id(site):
    own = new_id()
    assert visitor.visitor_id(site, own, request()) == own
    assert visitor.visitor_id(site, None, request()) != visitor.visitor_id(site, None, request())


@pytest.mark.parametrize(
    "claimed",
    ["b-1", "", 7, ["x"], "a\x1eb", "\ud800", "x" * 100_000, MINE],
    ids=["short", "empty", "number", "list", "control", "surrogate", "long", "account"],
)
def test_what_is_no_id_of_ours_gets_a_new_one(site, claimed):
    given = visitor.visitor_id(site, claimed, request())
    assert is_visitor_id(given) and given != claimed and not given.startswith("account-")


def test_a_login_goes_by_its_account_and_begins_anew_where_that_was_deleted(site):
    assert visitor.visitor_id(site, "b-1", request("1234")) == MINE
    site.gone.add(MINE)
    after = visitor.visitor_id(site, "b-1", request("1234"))
    assert after.startswith("account-") and after != MINE
    assert visitor.account(site, request("1234")) == after
    assert visitor.account(site, request("5678")) == SEAL.account("5678")


@pytest.mark.parametrize("of", [None, request(), SimpleNamespace(request=None)])
def test_without_a_session_there_is_no_account(site, of):
    assert visitor.account(site, of) is None


def test_the_address_is_sealed(site):
    assert visitor.address(site, request(peer="9.9.9.9")) == SEAL("9.9.9.9")
    assert visitor.address(site, None) is None
