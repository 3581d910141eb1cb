"""What a service says of its requests, step by step, and how it reaches those who wait."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple


class Step(NamedTuple):  # unpickled three times as fast as a dataclass: it crosses processes
    """What one step of a service did for one request.

    ids: the new tokens, those of earlier steps left out. over: no more will come. found: how many
    tokens of the prompt were in the cache. error: why it failed; it is over then.
    """

    ids: tuple[int, ...]
    over: bool = False
    found: int = 0
    error: str | None = None


class Mail:
    """The steps of all requests, each to the event loop that waits for it: one waking a batch.

    Waking a loop is a system call; one for every token would be a tenth of a small model's step.
    """

    def __init__(self) -> None:
        self._boxes: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Queue[Step]]] = {}

    def open(self, request: str) -> "asyncio.Queue[Step]":
        """A queue of the calling loop in which the steps of a request will be put."""
        box: asyncio.Queue[Step] = asyncio.Queue()
        self._boxes[request] = (asyncio.get_running_loop(), box)
        return box

    def close(self, request: str) -> None:
        """Nobody waits for it any more."""
        self._boxes.pop(request, None)

    def deliver(self, steps: Iterable[tuple[str, Step]]) -> None:
        """Put the steps of a batch where they are waited for. From any thread."""
        sorted_out: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Queue[Step], Step]]] = {}
        for request, step in steps:
            loop, box = self._boxes.get(request, (None, None))
            if loop is not None and box is not None:
                sorted_out.setdefault(loop, []).append((box, step))
        for loop, letters in sorted_out.items():
            # The loop may be gone without a word: that must not end the thread that delivers.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_put, letters)

    def fail(self, reason: str) -> None:
        """Tell all who wait that no more will come."""
        self.deliver([(r, Step((), over=True, error=reason)) for r in list(self._boxes)])


def _put(letters: "list[tuple[asyncio.Queue[Step], Step]]") -> None:
    for box, step in letters:
        box.put_nowait(step)
