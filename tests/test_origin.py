"""Where a request comes from: whom a proxy names, and nothing that could be guessed back."""

import pytest

from arena.origin import KEY, Seal, caller, network


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("8.8.8.8", None, "8.8.8.8"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("10.0.0.7", "1.1.1.1, 9.9.9.9", "9.9.9.9"),  # the first hop is the caller's own claim
        ("8.8.8.8", "1.1.1.1", "8.8.8.8"),  # nobody out there is our proxy
        ("::ffff:8.8.8.8", "1.1.1.1", "::ffff:8.8.8.8"),
        ("fd00::1", " 2001:db8::5 ", "2001:db8::5"),
        (None, None, None),
    ],
)
def test_the_proxy_is_believed_and_the_caller_is_not(peer, forwarded, who):
    assert caller(peer, forwarded) == who


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("::ffff:8.8.8.8", "8.8.8.8"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::"),
        ("unix:", None),
        ("", None),
        (None, None),
    ],
)
def test_a_household_is_one_network(address, home):
    assert network(address) == home


def test_a_hash_needs_its_key():
    seal, other = Seal(), Seal()
    assert seal("8.8.8.8") == seal("8.8.8.8") != seal("8.8.4.4")
    assert seal("8.8.8.8") != other("8.8.8.8")
    assert seal("testclient") is None and "8.8" not in seal("8.8.8.8")


def test_processes_share_the_hosts_key(monkeypatch):
    monkeypatch.setenv(KEY, "many words")
    assert Seal.of_environment()("8.8.8.8") == Seal("many words")("8.8.8.8")
