"""The gate: how many replies may be written at once, by the page and the API alike."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

PROGRAMS = 0.75
"""The share of all places that programs may hold together: the rest is always the page's."""
ADDRESS = 0.25
"""The share that one network address may hold."""


class Full(RuntimeError):
    """Too many replies are being written just now: try again later."""


class Closed(Full):
    """The site is about to stop."""


class Lane:
    """So many places, given in the order in which they are asked for. users: who asks or holds."""

    def __init__(self, width: int):
        self.width = width
        self.users = 0
        self._places = asyncio.Semaphore(width)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def hold(self, replies: int) -> AsyncIterator[None]:
        """So many places, all at once, and no more than there are."""
        replies, taken = min(replies, self.width), 0
        try:
            # One after another: two that each hold a place would wait for each other's.
            async with self._turn:
                for _ in range(replies):
                    await self._places.acquire()
                    taken += 1
            yield
        finally:
            for _ in range(taken):
                self._places.release()


class Gate:
    """At most `width` replies at once; who waits longer than `patience` seconds is sent away.

    A battle takes two places, both at once. Programs together, and each network address, have a
    share of the places; who is beyond it waits for one of that share. `closed` lets nobody in any
    more; `over` is set when the replies in flight must end. Places must be taken from one event
    loop.
    """

    def __init__(self, width: int = 64, patience: float = 30.0):
        self.width = width
        self.patience = patience
        self.inside = 0
        self.waiting = 0
        self.closed = False
        self.over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._all = Lane(width)
        self._programs = Lane(max(1, int(width * PROGRAMS)))
        self._addresses: dict[str, Lane] = {}

    @asynccontextmanager
    async def place(
        self, replies: int = 1, address: str | None = None, program: bool = False
    ) -> AsyncIterator[None]:
        """Places for so many replies, all at once. Raises Full, with a sentence for the visitor.

        address: who asks, sealed; None for who has no share of their own. program: whether it is
        not a visitor of the page.
        """
        replies = min(replies, self.width)
        with self._of(address) as own:
            async with AsyncExitStack() as places:
                lanes = [*own, *([self._programs] if program else []), self._all]
                await self._enter(places, lanes, replies)
                self.inside += replies
                try:
                    yield
                finally:
                    self.inside -= replies

    def end(self) -> None:
        """Have the replies in flight end, once the gate is closed. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.over.set)

    async def _enter(self, places: AsyncExitStack, lanes: list[Lane], replies: int) -> None:
        self._refuse_when_closed()
        self._loop = asyncio.get_running_loop()
        self.waiting += replies
        try:
            async with asyncio.timeout(self.patience):
                for lane in lanes:
                    await places.enter_async_context(lane.hold(replies))
        except TimeoutError:
            raise Full("Too many replies are being written just now: try again soon.") from None
        finally:
            self.waiting -= replies
        self._refuse_when_closed()

    def _refuse_when_closed(self) -> None:
        if self.closed:
            raise Closed("The site is about to stop: try again in a minute.")

    @contextmanager
    def _of(self, address: str | None) -> Iterator[list[Lane]]:
        """The places of an address, which are forgotten when it holds and wants none."""
        if address is None:
            yield []
            return
        share = max(1, int(self.width * ADDRESS))
        lane = self._addresses.setdefault(address, Lane(share))
        lane.users += 1
        try:
            yield [lane]
        finally:
            lane.users -= 1
            if not lane.users:
                del self._addresses[address]
