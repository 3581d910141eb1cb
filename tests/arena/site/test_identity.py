"""Who asks: whom a trusted proxy names, ids of visitors, logins; nothing is guessed back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.site.identity import (
    KEY,
    UNNAMED,
    AddressHasher,
    account_id,
    client_address,
    is_home,
    is_visitor_id,
    login_problem,
    network,
)
from blend.conversation import new_id

SPACE = {
    "SYSTEM": "spaces",
    "OAUTH_CLIENT_ID": "app",
    "OAUTH_CLIENT_SECRET": "x",
    "OAUTH_SCOPES": "openid profile",
    "OPENID_PROVIDER_URL": "https://huggingface.co",
}


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "who"),
    [
        ("8.8.8.8", "", 0, "8.8.8.8"),
        ("127.0.0.1", "", 0, "127.0.0.1"),
        ("8.8.8.8", "1.1.1.1", 0, "8.8.8.8"),  # nobody is trusted unless the host says so
        ("127.0.0.1", "1.1.1.1", 0, UNNAMED),  # a proxy here is not the host
        ("10.0.0.7", "1.1.1.1, 9.9.9.9", 1, "9.9.9.9"),  # the first hop is the client's own claim
        ("10.0.0.7", "1.1.1.1, 9.9.9.9", 2, "1.1.1.1"),
        ("10.0.0.7", "1.1.1.1, 9.9.9.9", 3, "10.0.0.7"),
        ("10.0.0.7", "9.9.9.9, unknown", 1, "10.0.0.7"),
        ("127.0.0.1", "::1", 1, UNNAMED),
        ("10.0.0.7", "9.9.9.9:4711", 1, "9.9.9.9"),
        ("fd00::1", "[2001:db8::5]:443", 1, "2001:db8::5"),
        ("10.0.0.7", "x" * 20_000, 1, "10.0.0.7"),
    ],
)
def test_a_proxy_is_believed_where_it_is_trusted(peer, forwarded, proxies, who):
    assert client_address(peer, forwarded, proxies) == who


@given(forwarded=st.text(min_size=1), proxies=st.integers(0, 4))
def test_whatever_is_claimed_there_is_a_key_to_count_by(forwarded, proxies):
    for peer in ("127.0.0.1", "::1", "10.0.0.7", "8.8.8.8"):
        who = client_address(peer, forwarded, proxies)
        assert who and not is_home(who) and AddressHasher("key")(who)


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("::ffff:8.8.8.8", "8.8.8.8"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::"),
        ("unix:", "unix:"),
    ],
)
def test_a_household_is_one_network(address, home):
    assert network(address) == home


def test_a_hash_needs_its_key_which_processes_share_by_the_environment(monkeypatch):
    hasher, other = AddressHasher(), AddressHasher()
    assert hasher("8.8.8.8") == hasher("8.8.8.8") != hasher("8.8.4.4")
    assert hasher("8.8.8.8") != other("8.8.8.8")
    assert hasher("testclient") and hasher(None) is None and "8.8" not in hasher("8.8.8.8")
    monkeypatch.setenv(KEY, "many words")
    assert AddressHasher.of_environment()("8.8.8.8") == AddressHasher("many words")("8.8.8.8")


OWN = "018f2b6c-7a10-7abc-8def-0123456789ab"
OTHERS = (
    *(None, 7, True, b"v", [OWN], {"id": OWN}, "", OWN + "\n", " " + OWN, f"{OWN}\x00"),
    *("a\x1eb", "\ud800", "v" * 65, "naïve", "１２", "../v", "v" * 20_000_000, "<b>", "=1+1"),
    *("v", "judge_17", "a.b-c", OWN.upper(), OWN.replace("-", ""), "account-17"),
)


def test_an_id_that_the_site_makes_is_one_and_no_other():
    for id in (new_id(), OWN, AddressHasher("key").account("somebody")):
        assert is_visitor_id(id)
    assert not [value for value in OTHERS if is_visitor_id(value)]


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("SYSTEM", "hf_oauth: true"),
        ("OAUTH_CLIENT_ID", "hf_oauth: true"),
        ("OPENID_PROVIDER_URL", "OPENID_PROVIDER_URL"),
    ],
)
def test_a_space_offers_a_login_only_where_it_is_told_everything(missing, said):
    assert login_problem(SPACE) == ""
    assert said in login_problem({k: v for k, v in SPACE.items() if k != missing})


def login(sub="s1", ends=None):
    return {"oauth_info": {"userinfo": {"sub": sub}, "expires_at": ends}}


@pytest.mark.parametrize(
    ("session", "who"),
    [
        ({}, None),
        ({"oauth_info": {}}, None),
        (login(), "id of s1"),
        (login(ends=2000.0), "id of s1"),
        (login(ends=999.0), None),
    ],
)
def test_an_account_is_that_of_a_login_that_lasts(session, who):
    assert account_id(session, "id of {}".format, lambda id: False, 1000.0) == who


def test_an_account_that_was_forgotten_begins_anew_with_the_next_login():
    gone = {"s1", "s1 2"}
    assert account_id(login(), str, gone.__contains__) == "s1 3"
