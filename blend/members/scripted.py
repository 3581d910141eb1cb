"""A member that says what it was told to: for tests, and for trying the page without a model."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from blend.conversation import Message, Usage
from blend.members import MemberDown, MemberError, Piece, Sampling

Script = Callable[[Sequence[Message]], str]


class Scripted:
    """Says the lines in turn, chosen by the number of replies so far, or what a function returns.

    pace: seconds between words. fails_at: the number of words after which it fails (0: at once).
    It honours every setting, by ignoring it, except max_tokens, which counts words.
    """

    honours = frozenset({"temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed"})

    def __init__(
        self,
        name: str,
        lines: Sequence[str] | Script = ("I am {name}.",),
        pace: float = 0.0,
        fails_at: int | None = None,
        sampling: Sampling | None = None,
    ):
        self.name = name
        self.sampling = sampling or Sampling()
        self.running = 0
        self.peak = 0
        self.heard: list[tuple[Message, ...]] = []
        self._lines = lines
        self._pace = pace
        self._fails_at = fails_at
        self._closed = False

    @property
    def down(self) -> str | None:
        return "it was closed" if self._closed else None

    async def stream(self, messages: Sequence[Message], sampling: Sampling) -> AsyncIterator[str]:
        if self._closed:
            raise MemberDown(self.name, "it was closed")
        self.heard.append(tuple(messages))
        words = self._reply(messages).split(" ")[: sampling.max_tokens]
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            for n, word in enumerate(words):
                if n == self._fails_at:
                    raise MemberError(self.name, "it was told to fail here")
                await asyncio.sleep(self._pace)
                finish = "stop" if n + 1 == len(words) else ""
                usage = Usage(len(messages), 0, n + 1, 0, finish)
                yield Piece(word if n == 0 else " " + word, usage)
        finally:
            self.running -= 1

    def _reply(self, messages: Sequence[Message]) -> str:
        if callable(self._lines):
            return self._lines(messages)
        said = sum(message.role == "assistant" for message in messages)
        line = self._lines[said % len(self._lines)]
        return line.replace("{name}", self.name).replace("{message}", messages[-1].text)

    async def warm(self, messages: Sequence[Message]) -> None:
        """Nothing to read ahead."""

    async def aclose(self) -> None:
        self._closed = True
