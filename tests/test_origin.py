"""Where a request comes from: whom a trusted proxy names, and nothing that is guessed back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.origin import KEY, UNNAMED, Seal, caller, is_home, network


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "who"),
    [
        ("8.8.8.8", "", 0, "8.8.8.8"),
        ("127.0.0.1", "", 0, "127.0.0.1"),
        ("8.8.8.8", "1.1.1.1", 0, "8.8.8.8"),  # nobody is trusted unless the host says so
        ("10.0.0.7", "1.1.1.1, 9.9.9.9", 0, "10.0.0.7"),
        ("127.0.0.1", "1.1.1.1", 0, UNNAMED),  # a proxy here is not the host
        ("10.0.0.7", "1.1.1.1, 9.9.9.9", 1, "9.9.9.9"),  # the first hop is the caller's own claim
        ("10.0.0.7", "1.1.1.1, 9.9.9.9", 2, "1.1.1.1"),
        ("10.0.0.7", "1.1.1.1, 9.9.9.9", 3, "10.0.0.7"),
        ("10.0.0.7", "9.9.9.9, unknown", 1, "10.0.0.7"),
        ("127.0.0.1", "unknown", 1, UNNAMED),
        ("127.0.0.1", "127.0.0.1", 1, UNNAMED),
        ("127.0.0.1", "::1", 1, UNNAMED),
        ("10.0.0.7", ",,", 1, "10.0.0.7"),
        ("10.0.0.7", "9.9.9.9:4711", 1, "9.9.9.9"),
        ("fd00::1", "[2001:db8::5]:443", 1, "2001:db8::5"),
        ("fd00::1", " 2001:db8::5 ", 1, "2001:db8::5"),
        ("10.0.0.7", "x" * 20_000, 1, "10.0.0.7"),
    ],
)
def test_a_proxy_is_believed_where_it_is_trusted(peer, forwarded, proxies, who):
    assert caller(peer, forwarded, proxies) == who
    assert not forwarded or not is_home(who)


@given(forwarded=st.text(min_size=1), proxies=st.integers(0, 4))
def test_whatever_is_claimed_there_is_a_key_to_count_by(forwarded, proxies):
    for peer in ("127.0.0.1", "::1", "10.0.0.7", "8.8.8.8"):
        who = caller(peer, forwarded, proxies)
        assert who and not is_home(who) and Seal("key")(who)


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("::ffff:8.8.8.8", "8.8.8.8"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::"),
        ("unix:", "unix:"),
        (UNNAMED, UNNAMED),
    ],
)
def test_a_household_is_one_network(address, home):
    assert network(address) == home


def test_a_hash_needs_its_key():
    seal, other = Seal(), Seal()
    assert seal("8.8.8.8") == seal("8.8.8.8") != seal("8.8.4.4")
    assert seal("8.8.8.8") != other("8.8.8.8")
    assert seal("testclient") and seal(None) is None and "8.8" not in seal("8.8.8.8")


def test_processes_share_the_hosts_key(monkeypatch):
    monkeypatch.setenv(KEY, "many words")
    assert Seal.of_environment()("8.8.8.8") == Seal("many words")("8.8.8.8")
