"""The slots of a llama.cpp server: which of its caches a request reads, and who waits for one."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Slot:
    """One cache, of one request at a time.

    ids: the prompt that was read last. scope: of a program whose tokens may lie in it. used: when,
    in requests. reading: whether the request that has it only reads ahead.
    """

    number: int
    ids: tuple[int, ...] = ()
    scope: str = ""
    used: int = 0
    busy: bool = False
    reading: bool = False

    def reusable(self, ids: tuple[int, ...]) -> int:
        """Tokens that a prompt finds here, less those that it makes the slot forget."""
        both = list(zip(self.ids, ids, strict=False))
        common = next((n for n, (mine, yours) in enumerate(both) if mine != yours), len(both))
        return 0 if self.scope else max(0, 2 * common - len(self.ids))


@dataclass(slots=True, eq=False)
class SlotRequest:
    """One that wants a slot. reading: it only reads ahead."""

    ids: tuple[int, ...]
    scope: str
    reading: bool
    slot: "Future[Slot]" = field(default_factory=Future)


class SlotPool:
    """The slots of one server. Requests wait in the order in which they came, on any event loop.

    A request of the page (scope "") takes the slot that knows most of its prompt, and waits for one
    that is just reading it ahead; else the one that was used longest ago. A program's request takes
    a slot that a program had last, where there is one, so that the page's caches are kept.
    """

    def __init__(self, number: int):
        self._all = [Slot(n) for n in range(number)]
        self._waiting: list[SlotRequest] = []
        self._given = 0
        self._lock = threading.Lock()

    def has_prefix(self, ids: tuple[int, ...]) -> bool:
        """Whether a slot of the page has read a prompt that begins with these ids."""
        return any(not s.scope and s.ids[: len(ids)] == ids for s in self._all)

    @asynccontextmanager
    async def acquire(
        self, ids: tuple[int, ...], scope: str = "", reading: bool = False
    ) -> AsyncIterator[tuple[int, bool]]:
        """The number of a slot, and whether its cache may be read: only by the page, and not what a
        program left there. A program's tokens are gone once a request of the page came to its end.
        """
        request = SlotRequest(ids, scope, reading)
        self._change(request)
        try:
            slot = await asyncio.wrap_future(request.slot)
        except asyncio.CancelledError:
            if not request.slot.cancel():
                self._change(free=request.slot.result())  # it was given one in the same moment
            raise
        try:
            yield slot.number, not slot.scope
            slot.scope = scope
        finally:
            self._change(free=slot)

    def _change(self, new: SlotRequest | None = None, free: Slot | None = None) -> None:
        """Somebody comes, or a slot is free: give out what there is."""
        with self._lock:
            self._waiting += [new] if new else []
            if free:
                free.busy = free.reading = False
            for request in list(self._waiting):
                slot = self._best(request)
                if slot and not slot.busy:
                    self._waiting.remove(request)
                    if request.slot.set_running_or_notify_cancel():
                        self._give(slot, request)

    def _give(self, slot: Slot, request: SlotRequest) -> None:
        self._given += 1
        slot.ids, slot.scope = request.ids, request.scope or slot.scope
        slot.busy, slot.reading, slot.used = True, request.reading, self._given
        request.slot.set_result(slot)

    def _best(self, request: SlotRequest) -> Slot | None:
        """The slot to take, or to wait for."""
        free = [slot for slot in self._all if not slot.busy]
        if request.scope:
            return min(free, key=lambda slot: (not slot.scope, slot.used), default=None)
        near = free + [slot for slot in self._all if slot.reading]
        return max(near, key=lambda s: (s.reusable(request.ids), not s.busy, -s.used), default=None)
