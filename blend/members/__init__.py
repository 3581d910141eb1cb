"""Members: models that can answer. Here: their protocol and sampling settings, and their errors."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from blend.conversation import Usage
from blend.errors import (
    DeviceUnavailable,
    MemberDown,
    MemberError,
    MemberTimeout,
    NoContinuation,
    SamplingError,
    TooLong,
    Unanswerable,
)
from blend.message import Message
from blend.prompt.length import Length

__all__ = [
    "DeviceUnavailable",
    "Member",
    "MemberDown",
    "MemberError",
    "MemberTimeout",
    "NoContinuation",
    "Piece",
    "Sampling",
    "SamplingError",
    "TooLong",
    "Unanswerable",
]


RANGES = {
    "temperature": (0.0, 5.0),
    "top_p": (1e-6, 1.0),
    "top_k": (0, 1_000_000),
    "min_p": (0.0, 1.0),
    "repetition_penalty": (0.1, 5.0),
    "max_tokens": (1, 1_000_000),
}
"""The least and the most of each setting that is a number."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen and where a reply ends.

    temperature 0 is greedy; top_k 0, top_p 1, min_p 0 and repetition_penalty 1 do nothing.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    max_tokens: int = 128
    stop: tuple[str, ...] = ()
    seed: int | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise SamplingError(f"{name} must be a number, not {value!r}")
            if not low <= value <= high:
                raise SamplingError(f"{name} must lie between {low:g} and {high:g}, not {value!r}")
            if isinstance(low, int) and not isinstance(value, int):
                raise SamplingError(f"{name} must be a whole number, not {value!r}")

    def changed(self) -> frozenset[str]:
        """The names of the settings that differ from doing nothing, max_tokens and stop apart."""
        names = {f.name for f in fields(self) if getattr(self, f.name) != f.default}
        return frozenset(names - {"max_tokens", "stop"})

    @property
    def greedy(self) -> bool:
        """Whether the likeliest token is taken: dividing by a lower temperature overflows."""
        return self.temperature < 0.01

    def refuse_unless(self, honoured: Iterable[str], engine: str, mend: str) -> None:
        """Raise SamplingError, with the setting and the mend, for what an engine cannot honour."""
        for name in sorted(self.changed() - set(honoured)):
            raise SamplingError(f"{name} cannot be honoured by the engine {engine!r}: {mend}")


class Piece(str):
    """A piece of a reply, with the token counts so far. A member may also give plain strings.

    thought: what the model thought meanwhile, which is no part of the reply.
    """

    usage: Usage
    thought: str

    def __new__(cls, text: str, usage: Usage, thought: str = "") -> "Piece":
        piece = super().__new__(cls, text)
        piece.usage = usage
        piece.thought = thought
        return piece


class Member(Protocol):
    """One model that can answer. `stream` is the verb; `warm` and `aclose` may do nothing.

    There is no conversation id: a cache is found by the tokens that the history begins with, and
    only within one scope. The page's scope is ""; requests of other scopes neither find nor leave
    anything in its cache. Closing or cancelling the iteration cancels the generation. Every failure
    is a MemberError; nothing waits for ever.
    """

    name: str
    sampling: Sampling
    """What it is sampled with unless a request says otherwise."""
    honours: frozenset[str]
    """The Sampling settings that a single request may set."""

    @property
    def down(self) -> str | None:
        """Why it takes no requests now, or None where it does."""

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        """The reply to the last message, in pieces that make up the whole.

        It may begin with thoughts between their markers: `reply.stream_reply` separates them. If
        the last message is the assistant's, it is the beginning of the reply, and the pieces
        continue it. If `max_tokens` do not fit, the reply ends where the window does.
        """

    def measure(self, messages: Sequence[Message], max_tokens: int) -> Length | None:
        """The length of the last message, in its tokens; None where only its server can tell.

        max_tokens: of the reply. Blocks for as long as a tokenizer takes.
        """

    async def warm(self, messages: Sequence[Message]) -> None:
        """Read the history ahead of the next message, so that its reply starts sooner."""

    async def aclose(self) -> None:
        """Stop what runs and free what is held; calling it twice is harmless."""
