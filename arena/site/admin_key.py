"""The host's key: which browsers entered it, how often others may try, and how long it must be."""

import hmac
import logging
import os
import secrets
import time
from collections.abc import Callable, Mapping

from arena.models import Refused
from arena.site.limiter import SlidingWindow

log = logging.getLogger(__name__)

HOST_KEY = "BLENDED_ARENA_HOST_KEY"
"""The environment variable that holds the key; without it there is no host's page."""

COOKIE = "blended-arena-host"

MIN_LENGTH = 16
"""Characters of a key."""

TRIES = 10
"""Keys that may be tried from one address within a minute."""

HOURS = 12
"""How long a browser stays the host's after the key was entered."""

MAX_SESSIONS = 100
"""Browsers that are the host's at a time; the oldest one goes."""


def key_problem(environ: Mapping[str, str]) -> str:
    """What is wrong with the key that is set, in a line; empty where nothing is."""
    if environ.get(HOST_KEY) and len(environ[HOST_KEY].strip()) < MIN_LENGTH:
        return f"{HOST_KEY} needs at least {MIN_LENGTH} characters: draw a long random one"
    return ""


class AdminKey:
    """One key, and the tokens of the browsers in which it was entered.

    A token is random and says nothing of the key, so it cannot be used to try keys either. A key
    that is too short is none.
    """

    def __init__(self, key: str = "", clock: Callable[[], float] = time.monotonic):
        self._key = key.encode() if len(key.strip()) >= MIN_LENGTH else b""
        self._clock = clock
        self._tries = SlidingWindow(TRIES, clock)
        self._ends: dict[str, float] = {}

    @classmethod
    def of_environment(cls) -> "AdminKey":
        """The key that the host has set."""
        return cls(os.environ.get(HOST_KEY, ""))

    def __bool__(self) -> bool:
        return bool(self._key)

    def enter(self, key: str, address: str | None) -> str:
        """A token for who enters the key. Raises Refused for a wrong one, or too many tries.

        address: hashed. The keys are compared in constant time.
        """
        if wait := self._tries.enter(address or "nobody"):
            raise Refused("refusals.too_many_keys", seconds=wait)
        if not self or not hmac.compare_digest(key.encode(errors="replace"), self._key):
            log.warning("A wrong host's key was entered, from the address %s.", address)
            raise Refused("refusals.wrong_key")
        token = secrets.token_urlsafe(32)
        self._ends[token] = self._clock() + HOURS * 3600
        if len(self._ends) > MAX_SESSIONS:
            del self._ends[next(iter(self._ends))]
        return token

    def entered(self, token: str | None) -> bool:
        """Whether it is the token of a browser in which the key was entered."""
        return bool(token) and self._ends.get(token, float("-inf")) > self._clock()
