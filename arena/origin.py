"""Which network address a request came from, as a keyed hash: enough to count by, not to find out.

An address has few values, so a plain hash of one can be guessed; a key that dies with the process
leaves nothing to guess with. Several processes of one site share a key by the environment.
"""

import hashlib
import hmac
import os
import secrets
from ipaddress import IPv4Address, IPv6Address, ip_address

from arena.visitor_id import ACCOUNT

KEY = "BLENDED_ARENA_ADDRESS_KEY"
"""The environment variable that holds a key; without it each start of the site draws its own."""


class Seal:
    """Addresses into hashes under one key."""

    def __init__(self, key: str = ""):
        self._key = key.encode() or secrets.token_bytes(32)

    @classmethod
    def of_environment(cls) -> "Seal":
        """Under the key that the host set, or under one that nobody knows."""
        return cls(os.environ.get(KEY, ""))

    def __call__(self, address: str | None) -> str | None:
        """The hash of an address; None where there is none. What is no address has a hash, too:
        whoever cannot be told apart is counted together, not left out."""
        return self._hash(network(address)) if address else None

    def account(self, subject: str) -> str:
        """A visitor's id from their account's: the same in every browser, under the same key."""
        return ACCOUNT + self._hash(f"account {subject}")

    def _hash(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:24]


UNNAMED = "behind a proxy"
"""All who come through a proxy on this machine that is not trusted to say who they are."""


def caller(peer: str, forwarded: str, proxies: int) -> str:
    """Who asks: the peer or, where so many proxies are trusted, whom the first of them saw.

    forwarded: x-forwarded-for. Each proxy adds to it whom it saw; what stands before that is the
    caller's own claim. Where it names nobody it is the peer, but never this machine: a proxy here
    must not make its visitors be taken for the host.
    """
    if not forwarded:
        return peer
    hops = [hop.strip() for hop in forwarded.split(",")]
    named = _known(hops[-proxies]) if 0 < proxies <= len(hops) else None
    if named is not None and not named.is_loopback:
        return str(named)
    return UNNAMED if is_home(peer) else peer


def is_home(address: str | None) -> bool:
    """Whether it is this machine itself."""
    known = _known(address)
    return known is not None and known.is_loopback


def network(address: str) -> str:
    """What one household has: an IPv4 address, or the 64 bits of an IPv6 one that lead to it."""
    known = _known(address)
    if isinstance(known, IPv6Address):
        known = IPv6Address(int(known) >> 64 << 64)
    return str(known or address)


def _known(address: str | None) -> IPv4Address | IPv6Address | None:
    """The address in a text; some proxies add the port to it."""
    text = (address or "").strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        known = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(known, "ipv4_mapped", None) or known
