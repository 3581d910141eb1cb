"""A member: one model that can answer. Its protocol, its sampling settings, and its errors."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from blend.conversation import Message, Usage
from blend.length import Length


class MemberError(RuntimeError):
    """A member could not answer.

    MemberError(RuntimeError)
    ├── MemberDown      it takes no requests at all just now
    │   └── MachineSpent   nor does any other: what they run on is not to be had
    ├── Unanswerable    what it is asked is at fault: `sentence` tells the visitor how to mend it
    │   ├── TooLong        it does not fit its window
    │   └── NoContinuation   it cannot go on with the beginning of a reply
    └── MemberTimeout   it took longer than a visitor should wait
    SamplingError(ValueError)   a sampling setting that is wrong, or that its engine cannot honour
    """

    def __init__(self, member: str, reason: str):
        reason = " ".join(reason.split())  # libraries say things over many lines
        super().__init__(f"{member}: {reason}")
        self.member = member
        self.reason = reason


class MemberDown(MemberError):
    """The member takes no requests: still loading, stopped, or its engine died."""


class MachineSpent(MemberDown):
    """What all members run on is not to be had just now; `reason` is a sentence for the visitor."""


class Unanswerable(MemberError):
    """What the member is asked cannot be answered as it is; whoever asked can mend it."""

    sentence = "This cannot be answered as it is: say it in another way."


class TooLong(Unanswerable):
    """What it is asked does not fit its window, even with everything before it left out."""

    sentence = "This message is longer than the models here can read: shorten it."


class NoContinuation(Unanswerable):
    """It cannot go on with the beginning of a reply."""

    sentence = (
        "The beginning of a reply cannot be continued here: let a user's message be the last one."
    )


class MemberTimeout(MemberError):
    """The member was silent for longer than the limit."""


class SamplingError(ValueError):
    """A sampling setting out of its range, or one that a member's engine cannot honour."""


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
        for name, low, high in (
            ("temperature", 0.0, 5.0),
            ("top_p", 1e-6, 1.0),
            ("top_k", 0, 1_000_000),
            ("min_p", 0.0, 1.0),
            ("repetition_penalty", 0.1, 5.0),
            ("max_tokens", 1, 1_000_000),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise SamplingError(f"{name} must be a number, not {value!r}")
            if not low <= value <= high:
                raise SamplingError(f"{name} must lie between {low:g} and {high:g}, not {value!r}")
            if isinstance(low, int) and not isinstance(value, int):
                raise SamplingError(f"{name} must be a whole number, not {value!r}")

    def changed(self) -> frozenset[str]:
        """The names of the settings that differ from doing nothing, max_tokens and stop apart."""
        plain = Sampling()
        return frozenset(
            f.name
            for f in fields(self)
            if f.name not in ("max_tokens", "stop")
            and getattr(self, f.name) != getattr(plain, f.name)
        )

    def refuse_unless(self, honoured: Iterable[str], engine: str, mend: str) -> None:
        """Raise SamplingError, with the setting and the mend, for what an engine cannot honour."""
        for name in sorted(self.changed() - set(honoured)):
            raise SamplingError(f"{name} cannot be honoured by the engine {engine!r}: {mend}")


class Piece(str):
    """A piece of a reply that also knows the token counts so far. Plain strings will do as well.

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
    """One model that can answer. `stream` is the verb; the others may do nothing.

    It is given no conversation id: a cache is found by the tokens that the history begins with,
    and only within one scope. The page's scope is ""; nothing that is asked in another finds, or
    leaves, what the page's requests could find. Closing or cancelling the iteration cancels the
    generation. Every failure is a MemberError; nothing waits for ever.
    """

    name: str
    sampling: Sampling
    """What it is sampled with where the caller asks for nothing else."""
    honours: frozenset[str]
    """The names of the Sampling settings that this engine can honour for a single request."""

    @property
    def down(self) -> str | None:
        """Why it takes no requests just now, or None when it does."""

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        """The reply to the last message, in pieces; concatenated they are the whole reply.

        Thoughts may stand at its beginning, between their markers: `reply.stream_reply` parts them.

        Where the last message is the assistant's, it is the reply's beginning, and what comes goes
        on with it. Where `max_tokens` do not fit, the reply ends where the window does.
        """

    def measure(self, messages: Sequence[Message], max_tokens: int) -> Length | None:
        """The length of the last message, in its tokens; None where only its server can tell.

        max_tokens: of the reply. Blocks for as long as a tokenizer takes.
        """

    async def warm(self, messages: Sequence[Message]) -> None:
        """Read the history ahead of the next message, so that its reply starts sooner."""

    async def aclose(self) -> None:
        """Stop what runs and free what is held; calling it twice is harmless."""
