"""A member with written replies: for tests, and for trying the page without a model."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from blend.conversation import Usage
from blend.members import MemberDown, MemberError, Piece, Sampling, TooLong
from blend.message import Message, beginning
from blend.prompt.detokenizer import StreamDetokenizer
from blend.prompt.length import Length

Script = Callable[[Sequence[Message]], str]
REMEMBERED = 1_000
"""Requests of which a member knows what it was asked: a site may run for months."""


class Scripted:
    """Replies with its lines in turn, by the number of replies so far, or with a function's result.

    A line that begins as a begun reply is continued; any other is written whole. pace: seconds
    between words. fails_at: the number of words after which it fails. window: the words that it
    reads and writes at most, where there is a limit. It honours max_tokens, which counts words, and
    stop; every other setting is accepted and does nothing. received, scopes: of the last requests.
    """

    honours = frozenset({"temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed"})

    def __init__(
        self,
        name: str,
        lines: Sequence[str] | Script = ("I am {name}.",),
        pace: float = 0.0,
        fails_at: int | None = None,
        sampling: Sampling | None = None,
        window: int | None = None,
    ):
        self.name = name
        self.sampling = sampling or Sampling()
        self.received: deque[tuple[Message, ...]] = deque(maxlen=REMEMBERED)
        self.scopes: deque[str] = deque(maxlen=REMEMBERED)
        self._lines = lines
        self._pace = pace
        self._fails_at = fails_at
        self._window = window
        self._closed = False

    @property
    def down(self) -> str | None:
        return "it was closed" if self._closed else None

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        if self._closed:
            raise MemberDown(self.name, "it was closed")
        self.received.append(tuple(messages))
        self.scopes.append(scope)
        most = sampling.max_tokens
        if length := self.measure(messages, most):
            if length.tokens > length.room:
                raise TooLong(self.name, f"{length.tokens} words where {length.room} fit")
            most = min(most, length.room - length.tokens + self._reserve(most))
        words = self._reply(messages).split(" ")
        text = StreamDetokenizer("".join, sampling.stop, [" "] if beginning(messages) else [])
        for n, word in enumerate(words[:most], start=1):
            if n - 1 == self._fails_at:
                raise MemberError(self.name, "it was told to fail here")
            await asyncio.sleep(self._pace)
            piece = text.add([word if n == 1 else f" {word}"])
            ended, full = text.stopped or n == len(words), n == most
            finish = "stop" if ended else "length" if full else ""
            piece += text.end() if finish else ""
            yield Piece(piece, Usage(len(messages), 0, n, 0, finish))
            if finish:
                return

    def measure(self, messages: Sequence[Message], max_tokens: int) -> Length | None:
        if self._window is None:
            return None
        *_, last = [m for m in messages if m.role != "assistant"]
        system = sum(len(m.text.split()) for m in messages if m.role == "system" and m is not last)
        room = self._window - self._reserve(max_tokens) - system
        return Length(len(last.text.split()), room, system > 0)

    def _reserve(self, max_tokens: int) -> int:
        return min(max_tokens, self.sampling.max_tokens, self._window // 2)

    def _reply(self, messages: Sequence[Message]) -> str:
        if callable(self._lines):
            return self._lines(messages)
        begun = beginning(messages)
        history = messages[:-1] if begun else messages
        replies = sum(message.role == "assistant" for message in history)
        line = self._lines[replies % len(self._lines)]
        line = line.replace("{name}", self.name).replace("{message}", history[-1].text)
        return line.removeprefix(begun)

    async def warm(self, messages: Sequence[Message]) -> None:
        """Nothing to read ahead."""

    async def aclose(self) -> None:
        self._closed = True
