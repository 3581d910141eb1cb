"""The slots of a llama.cpp server: which of its caches a request reads, and waits for."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Slot:
    """One cache, of one request at a time.

    ids: the prompt that was read last. scope: of whoever asked. used: when, in requests. busy:
    whether a request has it; reading: whether that only reads ahead.
    """

    number: int
    ids: tuple[int, ...] = ()
    scope: str = ""
    used: int = 0
    busy: bool = False
    reading: bool = False

    def gain(self, ids: tuple[int, ...]) -> int:
        """Tokens that a prompt finds here, less those that it makes the slot forget."""
        if self.scope:
            return 0
        pairs = enumerate(zip(self.ids, ids, strict=False))
        least = min(len(self.ids), len(ids))
        same = self.ids[:least] == ids[:least]
        common = least if same else next(n for n, (mine, yours) in pairs if mine != yours)
        return max(0, 2 * common - len(self.ids))


@dataclass(slots=True, eq=False)
class _Waiting:
    ids: tuple[int, ...]
    scope: str
    slot: "Future[Slot]"


class Slots:
    """The slots of one server. Requests wait in the order in which they came, on any event loop.

    A request of the page (scope "") takes the slot that knows most of its prompt, and waits for one
    that is just reading it ahead; else the one that was used longest ago. A program's request takes
    a slot that a program had last, where there is one, so that the page's caches are kept; whoever
    follows a program in its slot must not read its cache: `cached` says so.
    """

    def __init__(self, number: int):
        self._all = [Slot(n) for n in range(number)]
        self._waiting: list[_Waiting] = []
        self._requests = 0
        self._lock = threading.Lock()

    def knows(self, ids: tuple[int, ...]) -> bool:
        """Whether a slot of the page has read a prompt that begins with these ids."""
        with self._lock:
            return any(not s.scope and s.ids[: len(ids)] == ids for s in self._all)

    @asynccontextmanager
    async def take(
        self, ids: tuple[int, ...], scope: str = "", reading: bool = False
    ) -> AsyncIterator[tuple[int, bool]]:
        """The number of a slot, and whether its cache may be read. reading: only to read ahead."""
        waiting = _Waiting(ids, scope, Future())
        with self._lock:
            self._waiting.append(waiting)
            self._hand_out()
        try:
            slot = await asyncio.wrap_future(waiting.slot)
        except asyncio.CancelledError:
            with self._lock:
                if waiting in self._waiting:
                    self._waiting.remove(waiting)
                elif not waiting.slot.cancelled():  # it was given one in the same moment
                    waiting.slot.result().busy = False
                self._hand_out()
            raise
        try:
            cached = not scope and not slot.scope
            slot.ids, slot.scope, slot.reading = ids, scope, reading
            yield slot.number, cached
        finally:
            with self._lock:
                slot.busy = slot.reading = False
                self._hand_out()

    def _hand_out(self) -> None:
        """Under the lock: give free slots to those who wait."""
        for waiting in list(self._waiting):
            slot = self._best(waiting)
            if slot is None or slot.busy:
                continue
            self._waiting.remove(waiting)
            self._requests += 1
            slot.busy, slot.used = True, self._requests
            if not waiting.slot.set_running_or_notify_cancel():
                slot.busy = False
                continue
            waiting.slot.set_result(slot)

    def _best(self, waiting: _Waiting) -> Slot | None:
        """The slot to take, or to wait for."""
        near = [slot for slot in self._all if not slot.busy or slot.reading]
        if waiting.scope:
            near = [slot for slot in near if not slot.busy]
            return min(near, key=lambda slot: (not slot.scope, slot.used), default=None)
        return max(near, key=lambda s: (s.gain(waiting.ids), not s.busy, -s.used), default=None)
