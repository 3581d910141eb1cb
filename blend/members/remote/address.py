"""Where a remote member is reached: its servers, its key, how long to wait. Read and checked."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from blend.members import MemberError
from blend.members.served import serve
from blend.members.served.serve import Serve
from blend.roster.fields import RosterError, check, nearest, texts

NUMBER = (int, float)
OPTIONS = {
    "base_url": str,
    "base_urls": list,
    "serve": (str, list),
    "environment": dict,
    "device": str,
    "api_key_env": str,
    "extra": list,
    "window": int,
    "retries": int,
    "warm": bool,
    "thinking": bool,
    "timeouts": dict,
}
"""What a roster may say of a remote member, beside its model and revision."""
EXTRA = ("top_k", "min_p", "repetition_penalty")
"""Sampling settings that OpenAI's API does not have and that some servers take all the same."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait: for a connection, for the first text of one try, then between two pieces,
    and for the whole reply with all its tries. start: for a server of our own to be ready.

    A page gives a silent member up after Blend's patience, a minute; `first_token` lies below it,
    so that the server which was too slow is known and rests.
    """

    connect: float = 5.0
    first_token: float = 30.0
    between_tokens: float = 20.0
    reply: float = 300.0
    start: float = 600.0


@dataclass(frozen=True, slots=True)
class Address:
    """Servers of one model that may take each other's place.

    serve: the one that this program starts itself, where there are no base_urls. api_key_env: the
    environment variable with the key; empty where the servers want none. extra: the settings of
    EXTRA that they understand. window: tokens that they read and write at most, where they do not
    tell it themselves. retries: tries after the first, before the first token. warm: whether to
    have the history read ahead of the next message. thinking: whether the model's chat template is
    asked for thoughts; None leaves it alone.
    """

    base_urls: tuple[str, ...]
    api_key_env: str = ""
    extra: frozenset[str] = frozenset()
    window: int | None = None
    retries: int = 2
    warm: bool = False
    thinking: bool | None = None
    timeouts: Timeouts = Timeouts()
    serve: Serve | None = None

    def key(self, member: str) -> str:
        """What the servers are shown. member: for its errors. Raises MemberError."""
        if not (variable := self.api_key_env):
            return "none"
        key = os.environ.get(variable, "").strip()
        if not key:
            reason = f"set the environment variable {variable} to the key of its server"
            raise MemberError(member, reason)
        if not key.isascii() or not key.isprintable():  # HTTP would refuse it, and quote it
            reason = f"{variable} holds signs that no key has: copy the key once more"
            raise MemberError(member, reason)
        return key


def read(entry: Mapping, where: str) -> Address:
    """The address in a [[member]] table whose types were checked. Raises RosterError."""
    if len(entry.keys() & {"base_url", "base_urls", "serve"}) != 1:
        mend = (
            'one base_url, as in base_url = "http://127.0.0.1:8000/v1", several in `base_urls`, or '
            "the command in `serve` that starts one"
        )
        raise RosterError(f"{where}: give its server in one way: {mend}")
    own = serve.read(entry, where)
    if own and "api_key_env" in entry:
        raise RosterError(
            f"{where}: `serve` makes its own key: write {{key}} there, no api_key_env"
        )
    urls = () if own else _urls(entry, where)
    extra = texts(entry.get("extra", []), f"extra of {where}")
    for name in extra:
        if name not in EXTRA:
            raise RosterError(f"extra of {where}: no setting {name!r}{nearest(name, EXTRA)}")
    for key, least in (("window", 16), ("retries", 0)):
        if entry.get(key, least) < least:
            raise RosterError(f"{where}: {key} must be at least {least}, not {entry[key]}")
    keys = ("api_key_env", "window", "retries", "warm", "thinking")
    plain = {k: entry[k] for k in keys if k in entry}
    timeouts = _timeouts(entry.get("timeouts", {}), where)
    return Address(urls, extra=frozenset(extra), timeouts=timeouts, serve=own, **plain)


def _urls(entry: Mapping, where: str) -> tuple[str, ...]:
    given = entry.get("base_urls", [entry.get("base_url")])
    urls = tuple(_url(url, where) for url in texts(given, f"base_urls of {where}", least=1))
    if len(set(urls)) < len(urls):
        raise RosterError(f"{where} names a server twice: name each once")
    return urls


def _url(url: str, where: str) -> str:
    try:
        parts = urlsplit(url)
        there = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        there = False
    if not there:
        mend = 'it begins with http:// or https://, as in "http://127.0.0.1:8000/v1"'
        raise RosterError(f"{where}: {url!r} is no base_url: {mend}")
    if parts.username or parts.password or parts.query or parts.fragment:
        # Not repeated in the error: it may hold a secret.
        mend = "name an environment variable in api_key_env instead"
        raise RosterError(f"{where}: a base_url may hold no user, password or query: {mend}")
    return url.rstrip("/")


def _timeouts(table: Mapping, where: str) -> Timeouts:
    known = {f.name: NUMBER for f in fields(Timeouts)}
    check(dict(table), known, f"[member.timeouts] of {where}")
    for key, seconds in table.items():
        if not 0 < seconds < math.inf:
            raise RosterError(f"{key} of {where} must be some seconds, not {seconds!r}")
    return Timeouts(**table)
