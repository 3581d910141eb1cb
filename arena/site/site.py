"""A running site: its roster, store and limits, its contenders, and what has them reply."""

import asyncio
import random
import time
from typing import TYPE_CHECKING

from arena.db.store import Store
from arena.experiment.assignment import Assignment, assigned
from arena.site.admin_key import HostKey
from arena.site.contenders import LoadedContenders
from arena.site.guard import Guard
from arena.site.identity import AddressHasher
from arena.site.leaderboards import Boards
from arena.site.limiter import ConcurrencyLimiter
from arena.site.metrics import Metrics, SiteGauges
from arena.site.replies import ReplyWriter
from blend.members import zerogpu
from blend.roster.roster import Roster

if TYPE_CHECKING:
    from arena.exchange.hub import Hub


FAREWELL = 0.5
"""Seconds at a stop in which programs are told that their replies are cut."""


class Site:
    """What the tabs and routes are given: everything that runs, and nothing of Gradio."""

    def __init__(
        self,
        roster: Roster,
        store: Store,
        rng: random.Random | None = None,
        lent: zerogpu.Lent | None = None,
    ):
        """lent: the GPU of a Space on ZeroGPU, where this is one."""
        self.roster = roster
        self.store = store
        self.settings = roster.settings
        self.rng = rng or random.Random()
        self.started = time.time()
        self.hub: Hub | None = None
        self.lent = lent
        self.seal = AddressHasher.of_environment()
        self.guard = Guard(self.settings, self.seal)
        self.host_key = HostKey.of_environment()
        self.limiter = ConcurrencyLimiter(self.settings.limit)
        self.boards = Boards(roster, store)
        self.contenders = LoadedContenders(roster, store, lent)
        self.metrics = Metrics()
        self.metrics.registry.register(SiteGauges(self.contenders, self.limiter, store))
        self.replies = ReplyWriter(
            self.contenders, store, self.limiter, self.guard, self.metrics, lent
        )

    def assigned(self, visitor: str, preview: str = "") -> Assignment:
        """Which contender writes the visitor's chats, see arena.experiment.assignment."""
        return assigned(self.roster.focus, self.roster.experiment, visitor, preview)

    @property
    def keeping(self) -> str:
        """Where votes are kept, in a sentence or two, for the host and for the About page."""
        return self.hub.status if self.hub else "Votes are stored on this machine's disk only."

    def drain(self, limit: float) -> None:
        """Let nobody in any more; give replies in flight and what is not stored yet `limit`
        seconds. Programs whose replies did not end are then told so."""
        until = time.monotonic() + limit
        self.limiter.closed = True
        while (self.limiter.inside or len(self.replies.deferred)) and time.monotonic() < until:
            time.sleep(0.05)
        self.limiter.end()
        until = time.monotonic() + FAREWELL
        while self.limiter.inside and time.monotonic() < until:
            time.sleep(0.02)

    async def aclose(self) -> None:
        """Stop every member and what still writes; the store is closed by who opened it."""
        await self.contenders.aclose()
        await asyncio.to_thread(self.replies.deferred.close)
