"""A call to a GPU that is lent: the sides of one turn gathered, and their replies handed back.

The call runs in a forked process. Only plain values (texts and numbers) go in and out, it uses no
thread, lock or database, and no cache outlives it. The models are loaded before the page opens:
that is when `spaces` packs them for the forks.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from contextvars import ContextVar
from dataclasses import astuple
from typing import Any

from blend.conversation import Usage
from blend.members import DeviceUnavailable, MemberError, MemberTimeout, Piece, Sampling
from blend.members.local.generate import Generate
from blend.members.round_robin import round_robin
from blend.message import Message

GpuRequest = tuple[str, list[tuple[str, str]], dict[str, Any]]
"""What goes into the call for one reply: member, (role, text) of the history, sampling."""
GpuOutput = tuple[str, str | None, Any]
"""What comes out: side, text and the counts of its Usage; or side, None and why it failed."""
GpuEvent = Piece | MemberError | None
"""What one side gets; None at the end of its call."""
Decorator = Callable[
    ..., Callable[[Callable], Callable[[dict[str, GpuRequest]], Iterator[GpuOutput]]]
]
"""`spaces.GPU`, called with a `duration`: the decorator that makes a function a call."""

START_SECONDS = 10
"""Seconds of a call before its first token: the weights go to the GPU, the history is read."""
TOKENS_PER_SECOND = 20
"""Tokens a second at least: eight billion parameters by plain decoding."""
JOIN_SECONDS = 2.0
"""Seconds for which one side of a battle waits for the other before it asks for a GPU alone."""
HEARTBEAT, MAX_WAIT = 20.0, 300.0
"""Seconds between two empty pieces while there is no GPU yet, and until a reply is given up."""


def duration(requests: Mapping[str, GpuRequest]) -> int:
    """Seconds to ask for: what both sides may write at most, one token at a time."""
    tokens = sum(sampling["max_tokens"] for _, _, sampling in requests.values())
    return START_SECONDS + -(-tokens // TOKENS_PER_SECOND)


class GpuLease:
    """The GPU as it is lent: `call` writes the replies of all sides in one call.

    device: what torch calls it, where the models are put.
    """

    def __init__(self, decorator: Decorator, device: str = "cuda"):
        self.device = device
        self.cores: dict[str, Generate] = {}
        self.call = decorator(duration=duration)(self._write)
        # A call blocks a thread, also while it waits for a GPU: not one of the store's.
        self.threads = ThreadPoolExecutor(64, thread_name_prefix="zerogpu")

    def _write(self, requests: dict[str, GpuRequest]) -> Iterator[GpuOutput]:
        """The replies of all sides, a piece of each in turn. Runs in the fork."""
        running = {side: self._pieces(*request) for side, request in requests.items()}
        try:
            while running:
                for side, pieces in list(running.items()):
                    try:
                        piece = next(pieces)
                    except StopIteration:
                        del running[side]
                    except MemberError as failure:
                        del running[side]
                        yield side, None, failure.reason
                    else:
                        yield side, str(piece), astuple(piece.usage)
        finally:
            for pieces in running.values():
                pieces.close()

    def _pieces(
        self, member: str, history: list[tuple[str, str]], sampling: dict[str, Any]
    ) -> Iterator[Piece]:
        messages = [Message(role, text) for role, text in history]
        return self.cores[member].pieces(messages, Sampling(**sampling))


class BatchedCall:
    """The sides of one turn, gathered into one call. size: how many are to come.

    A side that comes after the start, because its first member failed, has a call of its own.
    """

    def __init__(self, lease: GpuLease, size: int):
        self._lease = lease
        self._size = size
        self._requests: dict[str, GpuRequest] = {}
        self._events: dict[str, asyncio.Queue[GpuEvent]] = {}
        self._complete = asyncio.Event()
        self._call: asyncio.Task | None = None
        self._started = False

    def leave(self) -> None:
        """One side is over: nobody waits for it any longer."""
        self._size -= 1
        self._check_complete()

    async def stream(self, side: str, request: GpuRequest) -> AsyncGenerator[Piece, None]:
        """The reply of one side, with an empty piece now and then while there is no GPU yet."""
        if self._started:
            async with aclosing(BatchedCall(self._lease, 1).stream(side, request)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        events = self._events[side] = asyncio.Queue()
        self._requests[side] = request
        self._call = self._call or asyncio.create_task(self._run())
        self._check_complete()
        try:
            async with aclosing(_pieces(request[0], events)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            del self._events[side]
            if not self._started:
                del self._requests[side]
            if not self._events:
                self._call.cancel()

    def _check_complete(self) -> None:
        if self._requests and len(self._requests) >= self._size:
            self._complete.set()

    async def _run(self) -> None:
        """The call, as soon as all have come; each output goes to its side."""
        with suppress(TimeoutError):
            async with asyncio.timeout(JOIN_SECONDS):
                await self._complete.wait()
        self._started, wrote, end = True, False, None
        call = self._lease.call(dict(self._requests))
        member = next(iter(self._requests.values()))[0]
        try:
            async with aclosing(round_robin(member, call, self._lease.threads)) as outputs:
                async for side, text, detail in outputs:
                    wrote = True
                    if side in self._events:
                        failed, owner = text is None, self._requests[side][0]
                        event = (
                            MemberError(owner, detail) if failed else Piece(text, Usage(*detail))
                        )
                        self._events[side].put_nowait(event)
        except Exception as error:  # whatever the lender raises, it ends these replies
            end = _explain(member, error, wrote)
        for events in self._events.values():
            events.put_nowait(end)


async def _pieces(member: str, events: "asyncio.Queue[GpuEvent]") -> AsyncGenerator[Piece, None]:
    """The pieces of one side, until it ends. Raises MemberError."""
    silent = 0.0
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT):
                piece = await events.get()
        except TimeoutError:
            silent += HEARTBEAT
            if silent >= MAX_WAIT:
                raise MemberTimeout(member, f"no GPU for {silent:g} s") from None
            yield Piece("", Usage())
            continue
        if isinstance(piece, MemberError):
            raise piece
        if piece is None:
            return
        silent = 0.0
        if piece or piece.usage.finish:
            yield piece
        if piece.usage.finish:
            return


def _explain(member: str, error: Exception, wrote: bool) -> MemberError:
    """The lender's failure, in its own words where it has some for the visitor (their quota).

    They are the `message` of an error of Gradio's, which may hold a link.
    """
    words = re.sub(r"<[^<>]*>", "", str(getattr(error, "message", "")))
    if words and not wrote:
        return DeviceUnavailable(member, f"No GPU could be had. {words}")
    return MemberError(member, words or repr(error))


CallSlot = tuple[BatchedCall, str]
"""Where one side of a turn asks for its reply: the turn's call, and which side it is."""
CALL_SLOT: ContextVar[CallSlot | None] = ContextVar("call_slot", default=None)
"""Where the current task asks members for replies."""
