"""Limits: how many replies may be written at once, and how many messages come within a minute."""

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from arena.texts import ENGLISH

PROGRAM_SHARE = 0.75
"""The share of all slots that programs may hold together: the rest is always the page's."""

ADDRESS_SHARE = 0.25
"""The share that one network address may hold."""

MINUTE = 60.0

MAX_KEYS = 10_000
"""Keys that are remembered; beyond that, those that were silent for a minute are dropped."""


class Overloaded(RuntimeError):
    """Too many replies are being written just now: try again later.

    name: of a text for the visitor; str() is that text in English.
    """

    def __init__(self, name: str):
        super().__init__(ENGLISH(name))
        self.name = name
        self.values: dict[str, object] = {}


class Stopping(Overloaded):
    """The site is about to stop."""


class SlotShare:
    """So many slots, given in the order of the requests. users: those who hold or want one."""

    def __init__(self, width: int):
        self.width = width
        self.users = 0
        self._slots = asyncio.Semaphore(width)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def acquire(self, count: int) -> AsyncIterator[None]:
        """So many slots, all at once, and no more than there are."""
        count, taken = min(count, self.width), 0
        try:
            # One after another: two that each hold a slot would wait for each other's.
            async with self._turn:
                for _ in range(count):
                    await self._slots.acquire()
                    taken += 1
            yield
        finally:
            for _ in range(taken):
                self._slots.release()


class ConcurrencyLimiter:
    """At most `width` replies at once; whoever waits longer than `patience` seconds is refused.

    A battle takes two slots, both at once. Programs together, and each network address, have a
    share of the slots; beyond it they wait for one of that share. `closed` lets nobody in any
    more. Slots must be taken from one event loop at a time.
    """

    def __init__(self, width: int = 64, patience: float = 30.0):
        self.width = width
        self.patience = patience
        self.inside = 0
        self.waiting = 0
        self.closed = False
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._all = SlotShare(width)
        self._programs = SlotShare(max(1, int(width * PROGRAM_SHARE)))
        self._addresses: dict[str, SlotShare] = {}

    @asynccontextmanager
    async def slot(
        self, replies: int = 1, address: str | None = None, program: bool = False
    ) -> AsyncIterator[None]:
        """Slots for so many replies, all at once. Raises Overloaded, with a sentence to show.

        address: where the request comes from, hashed; None where it has no share of its own.
        program: whether it does not come from a visitor of the page.
        """
        replies = min(replies, self.width)
        with self._of(address) as own:
            async with AsyncExitStack() as held:
                shares = [*own, *([self._programs] if program else []), self._all]
                await self._enter(held, shares, replies)
                self.inside += replies
                try:
                    yield
                finally:
                    self.inside -= replies

    def end(self) -> None:
        """End the replies of programs that are in flight. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._over.set)

    async def until_end(self) -> None:
        """Wait for `end`, then raise Stopping."""
        self._use_running_loop()
        await self._over.wait()
        raise Stopping("replies.cut")

    async def _enter(self, held: AsyncExitStack, shares: list[SlotShare], replies: int) -> None:
        self._refuse_when_closed()
        self._use_running_loop()
        self.waiting += replies
        try:
            async with asyncio.timeout(self.patience):
                for share in shares:
                    await held.enter_async_context(share.acquire(replies))
        except TimeoutError:
            raise Overloaded("replies.overloaded") from None
        finally:
            self.waiting -= replies
        self._refuse_when_closed()

    def _use_running_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._over = loop, asyncio.Event()

    def _refuse_when_closed(self) -> None:
        if self.closed:
            raise Stopping("replies.stopping")

    @contextmanager
    def _of(self, address: str | None) -> Iterator[list[SlotShare]]:
        """The share of an address, which is forgotten when nobody there holds or wants a slot."""
        if address is None:
            yield []
            return
        width = max(1, int(self.width * ADDRESS_SHARE))
        share = self._addresses.setdefault(address, SlotShare(width))
        share.users += 1
        try:
            yield [share]
        finally:
            share.users -= 1
            if not share.users:
                del self._addresses[address]


class SlidingWindow:
    """At most `limit` events of one key (a visitor, an address) within any minute; 0 is no limit.

    From any thread.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic):
        self.limit = limit
        self._clock = clock
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def enter(self, key: str | None) -> int:
        """0 where one more is let in, and counted; else the seconds until it would be."""
        if not self.limit or key is None:
            return 0
        now = self._clock()
        with self._lock:
            if len(self._times) >= MAX_KEYS:
                self._times = {k: t for k, t in self._times.items() if t[-1] > now - MINUTE}
            times = self._times.setdefault(key, deque())
            while times and times[0] <= now - MINUTE:
                times.popleft()
            if len(times) >= self.limit:
                return max(1, math.ceil(times[0] + MINUTE - now))
            times.append(now)
            return 0
