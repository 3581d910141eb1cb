"""Replies of a running site: how many at once, counted, checked, and recorded whatever happens."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, aclosing, contextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

from arena.db.store import Store
from arena.models import StoreError
from arena.site.contenders import LoadedContenders
from arena.site.deferred_writes import DeferredWrites
from arena.site.guard import Guard
from arena.site.limiter import ConcurrencyLimiter, Overloaded
from arena.site.metrics import HIDDEN, Metrics
from arena.site.recording import finish_turn, start_turn
from blend.conversation import Conversation, Turn, new_id
from blend.members import gpu_call

Result = TypeVar("Result")

SEND_INTERVAL = 0.003
"""Seconds between two pieces of a reply on the wire, for each reply that is being written."""


class ReplyWriter:
    """Has contenders write, for the page and for programs, within the limits of one site.

    deferred: what could not be stored at once. lent: as for `LoadedContenders`.
    """

    def __init__(
        self,
        contenders: LoadedContenders,
        store: Store,
        limiter: ConcurrencyLimiter,
        guard: Guard,
        metrics: Metrics,
        lent: gpu_call.GpuLease | None = None,
    ):
        self.deferred = DeferredWrites()
        self._contenders = contenders
        self._store = store
        self._limiter = limiter
        self._guard = guard
        self._metrics = metrics
        self._lent = lent
        self._in_progress: Counter[str] = Counter()
        self._lock = threading.Lock()

    async def stream_to_program(
        self,
        name: str,
        conversation: Conversation,
        client: str | None = None,
        address: str | None = None,
        may_be_empty: bool = False,
        **sampling: object,
    ) -> AsyncGenerator[Turn, None]:
        """Blend.reply for a program: under the same limit as the page, counted, never stored.

        client: who asks. What members have read for the page, or for other clients, makes no reply
        come sooner: that would tell who writes a battle. address: whose share of the slots counts;
        None for a client that the host knows. Raises Overloaded before the first turn.
        """
        scope = f"program {client or new_id()}"
        async with self._limiter.slot(address=self._guard.client_key(address), program=True):
            blend = self._contenders.blend(name)
            turns = blend.reply(conversation, scope, may_be_empty, **sampling)
            watched = self._metrics.watch(name, "api", turns)
            async with aclosing(self._guard.moderation.replies(watched)) as growing:
                async for turn in growing:
                    yield turn

    async def stream(
        self,
        name: str,
        conversation: Conversation,
        replaces: str | None = None,
        exposure: tuple[str, str] | None = None,
        call_slot: gpu_call.CallSlot | None = None,
        hidden: bool = False,
        slot: AbstractAsyncContextManager | None = None,
        address: str | None = None,
        scope: str = "",
        **sampling: object,
    ) -> AsyncGenerator[Turn, None]:
        """Blend.reply, recorded: the row is open before the first token and always completed.

        replaces: the id of the turn that a regenerated reply stands for from now on. exposure: the
        experiment and its arm that the visitor meets by this reply. call_slot: see `gpu_call`; a
        reply with one is to be read in a task of its own. hidden: it is one side of a battle:
        nobody may learn who writes, not from the metrics either, and not which side was done first;
        so no metric counts it but that of battles by state. While an experiment runs, of other
        replies only how they ended is counted. slot: where the caller has taken one already.
        address: the visitor's, hashed; it has a share of the slots. scope: see Member. Raises
        Refused where the conversation went on in another window. Where the row cannot be completed
        at the end it is completed later; until then the conversation is `in_progress`.
        """
        if call_slot is not None:
            gpu_call.CALL_SLOT.set(call_slot)
        await asyncio.to_thread(self._contenders.refresh_policies)
        position, turn = len(conversation.turns) - 1, conversation.turns[-1]
        await asyncio.to_thread(
            start_turn, self._store, conversation.id, position, turn, replaces, exposure
        )
        with self.mark_in_progress(conversation.id):
            try:
                async with slot or self._limiter.slot(address=self._guard.client_key(address)):
                    turns = self._contenders.blend(name).reply(conversation, scope, **sampling)
                    counted = HIDDEN if self._contenders.roster.experiment else name
                    watched = turns if hidden else self._metrics.watch(counted, "page", turns)
                    async with aclosing(self._guard.moderation.replies(watched)) as growing:
                        async for turn in growing:
                            yield turn
            except Overloaded as overloaded:
                turn = replace(turn, error=str(overloaded))
                yield turn
            finally:
                # A closed tab cancels this generator: what was said must be kept all the same.
                close = partial(finish_turn, self._store, turn)
                await asyncio.shield(asyncio.to_thread(self.store_or_defer, conversation.id, close))
                if call_slot is not None:
                    call_slot[0].leave()

    @contextmanager
    def mark_in_progress(self, id: str) -> Iterator[None]:
        """Note that this battle or conversation is being written, see `in_progress`."""
        with self._lock:  # a second window that is refused must not end what the first does
            self._in_progress[id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_progress -= Counter((id,))

    def in_progress(self, id: str) -> bool:
        """Whether replies of this battle or conversation are being written just now."""
        return id in self._in_progress

    def store_or_defer(self, id: str, write: Callable[[], Result]) -> Result | None:
        """Write what came of this battle or conversation, or have it written as soon as it can be.

        None where it is not stored yet; until it is, the id counts as in progress. Blocks. Raises
        StoreError where too much waits already.
        """
        try:
            return write()
        except StoreError:
            mark = ExitStack()
            mark.enter_context(self.mark_in_progress(id))
            try:
                self.deferred.add(write, mark.close)
            except StoreError:
                mark.close()
                raise
            return None

    @property
    def send_interval(self) -> float:
        """Seconds that must lie between two pieces of one reply as they are sent.

        More where many replies are being written: sending must not take the processor from them.
        """
        return SEND_INTERVAL * self._limiter.inside

    def gpu_call(self, sides: Sequence[str]) -> dict[str, gpu_call.CallSlot | None]:
        """A slot for each side of a turn, where all of them are to be written in one GPU call."""
        if self._lent is None:
            return dict.fromkeys(sides)
        call = gpu_call.BatchedCall(self._lent, len(sides))
        return {side: (call, side) for side in sides}
