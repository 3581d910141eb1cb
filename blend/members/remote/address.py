"""Where a remote member is reached: its servers, its key, how long to wait."""

import hashlib
import json
import os
from dataclasses import dataclass

from blend.members import MemberError
from blend.members.served.serve import ServeCommand

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
    serve: ServeCommand | None = None

    def digest(self, model: str, revision: str | None) -> str:
        """What the model is known by: its name there, its revision, and whether it thinks."""
        identity = {"model": model, "revision": revision or ""}
        if self.thinking is not None:
            identity["thinking"] = self.thinking
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

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
