"""Who asks: a network address, hashed under a key; a browser's own id; a Hugging Face account.

An address has few values, so a plain hash of one can be guessed. A key that ends with the process
leaves nothing to guess with. Several processes of one site share a key by the environment.
"""

import hashlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import chain, count
from typing import Any

from arena.texts import ENGLISH, Texts

KEY = "BLENDED_ARENA_ADDRESS_KEY"
"""The environment variable that holds the key; without it each start of the site draws its own."""

ACCOUNT = "account-"
"""How the id of a visitor with a login begins; a browser's own id never does."""

_HEX = "[0-9a-f]"
_VISITOR_ID = re.compile(
    f"{_HEX}{{8}}-{_HEX}{{4}}-[1-8]{_HEX}{{3}}-[89ab]{_HEX}{{3}}-{_HEX}{{12}}|{ACCOUNT}{_HEX}{{24}}"
)

UNNAMED = "behind a proxy"
"""All who come through a proxy on this machine that is not trusted to say who they are."""

OAUTH = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")
"""The variables that a Space sets where `hf_oauth: true` stands in its README."""


class AddressHasher:
    """Addresses and accounts into hashes under one key."""

    def __init__(self, key: str = ""):
        self._key = key.encode() or secrets.token_bytes(32)

    @classmethod
    def of_environment(cls) -> "AddressHasher":
        """Under the key that the host set, or under one that nobody knows."""
        return cls(os.environ.get(KEY, ""))

    def __call__(self, address: str | None) -> str | None:
        """The hash of an address; None where there is none. What is no address has one, too:
        requests that cannot be told apart are counted together, not left out."""
        return self._hash(network(address)) if address else None

    def account(self, subject: str) -> str:
        """A visitor's id from their account's: the same in every browser, under the same key."""
        return ACCOUNT + self._hash(f"account {subject}")

    def _hash(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:24]


def is_visitor_id(value: object) -> bool:
    """Whether it is an id as the site makes them: a UUID in lower case, or that of an account.

    A browser may send anything as its id; what is in another form is refused where it comes in.
    """
    return isinstance(value, str) and _VISITOR_ID.fullmatch(value) is not None


def client_address(peer: str, forwarded: str, proxies: int) -> str:
    """Who asks: the peer or, where so many proxies are trusted, whom the first of them saw.

    forwarded: x-forwarded-for. Each proxy adds to it whom it saw; what stands before that is the
    client's own claim. Where it names nobody it is the peer, but never this machine: a proxy here
    must not make its visitors be taken for the host.
    """
    if not forwarded:
        return peer
    hops = [hop.strip() for hop in forwarded.split(",")]
    named = _parse(hops[-proxies]) if 0 < proxies <= len(hops) else None
    if named is not None and not named.is_loopback:
        return str(named)
    return UNNAMED if is_home(peer) else peer


def is_home(address: str | None) -> bool:
    """Whether it is this machine itself."""
    parsed = _parse(address)
    return parsed is not None and parsed.is_loopback


def network(address: str) -> str:
    """What one household has: an IPv4 address, or the 64 bits of an IPv6 one that lead to it."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        parsed = IPv6Address(int(parsed) >> 64 << 64)
    return str(parsed or address)


def _parse(address: str | None) -> IPv4Address | IPv6Address | None:
    """The address in a text; some proxies add the port to it."""
    text = (address or "").strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def login_problem(environ: Mapping[str, str], texts: Texts = ENGLISH) -> str:
    """Why there is no login, in a sentence; empty where there is one."""
    if environ.get("SYSTEM") != "spaces" or not environ.get("OAUTH_CLIENT_ID"):
        return texts("login.no_space")
    if missing := [name for name in OAUTH if not environ.get(name)]:
        return texts("login.no_variable", name=missing[0])
    if any(find_spec(package) is None for package in ("authlib", "itsdangerous")):
        return texts("login.no_package")
    return ""


def account_id(
    session: Mapping[str, Any],
    to_id: Callable[[str], str],
    is_forgotten: Callable[[str], bool],
    now: float | None = None,
) -> str | None:
    """The visitor's id by the login of their session; None without a valid login.

    session: as Gradio's login leaves it. to_id: an id from what the provider calls somebody.
    is_forgotten: whether what was stored under an id was deleted; such an account begins anew,
    under its next id. now: seconds since 1970.
    """
    login = session.get("oauth_info") or {}
    ends = login.get("expires_at")
    subject = (login.get("userinfo") or {}).get("sub")
    if not subject or (ends is not None and ends < (time.time() if now is None else now)):
        return None
    names = chain([subject], (f"{subject} {n}" for n in count(2)))
    return next(id for id in map(to_id, names) if not is_forgotten(id))
