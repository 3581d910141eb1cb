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

    def __call__(self, peer: str | None, forwarded: str | None = None) -> str | None:
        """The hash of who asked; None where that cannot be told.

        peer: who holds the connection. forwarded: the request's x-forwarded-for.
        """
        home = network(caller(peer, forwarded))
        return home and self._hash(home)

    def account(self, subject: str) -> str:
        """A visitor's id from their account's: the same in every browser, under the same key."""
        return ACCOUNT + self._hash(f"account {subject}")

    def _hash(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:24]


def caller(peer: str | None, forwarded: str | None) -> str | None:
    """The peer or, where that is a proxy nearby, whom it names: the last hop, which it wrote.

    The hops before that are what the caller claims. A peer from the open network is no proxy of
    ours, whatever it claims.
    """
    near = _known(peer)
    hops = [hop.strip() for hop in (forwarded or "").split(",") if hop.strip()]
    return hops[-1] if hops and (near is None or not near.is_global) else peer


def network(address: str | None) -> str | None:
    """What one household has: an IPv4 address, or the 64 bits of an IPv6 one that lead to it."""
    known = _known(address)
    if isinstance(known, IPv6Address):
        known = IPv6Address(int(known) >> 64 << 64)
    return known and str(known)


def _known(address: str | None) -> IPv4Address | IPv6Address | None:
    try:
        known = ip_address((address or "").strip("[]"))
    except ValueError:
        return None
    return getattr(known, "ipv4_mapped", None) or known
