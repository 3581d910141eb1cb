"""A running site: its roster, store and limits, its contenders, and what has them reply."""

import asyncio
import importlib.util
import random
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from arena.categories.tagger import Tagger
from arena.db.store import Store
from arena.experiment.assignment import Assignment
from arena.models import SampleBattle
from arena.site.admin_key import AdminKey
from arena.site.contenders import LoadedContenders
from arena.site.guard import Guard
from arena.site.identity import AddressHasher
from arena.site.leaderboards import Demo, LeaderboardCache
from arena.site.limiter import ConcurrencyLimiter
from arena.site.metrics import Metrics, SiteGauges
from arena.site.replies import ReplyWriter
from arena.texts import ENGLISH, Texts
from blend.members import gpu_call
from blend.roster import Roster
from blend.roster.settings import SettingError, Settings, variable

SAMPLES, SAMPLE_AGE = 4, 86_400.0
"""Battles of a contender that are shown, and seconds that each must be over for: nobody finds there
what they have before them."""

FAREWELL = 0.5
"""Seconds at a stop in which programs are told that their replies are cut."""


class Site:
    """What the tabs and routes are given: everything that runs, and nothing of Gradio."""

    def __init__(
        self,
        roster: Roster,
        store: Store,
        rng: random.Random | None = None,
        lent: gpu_call.GpuLease | None = None,
        demo: Demo | None = None,
    ):
        """lent: the GPU of a Space on ZeroGPU, where this is one. demo: see LeaderboardCache."""
        self.roster = roster
        self.store = store
        self.settings = roster.settings
        self.tagger = Tagger(roster.categories)
        self.rng = rng or random.Random()
        self.started = time.time()
        self.copies: Callable[[Texts], str] | None = None
        self.lent = lent
        self.hasher = AddressHasher.of_environment()
        self.guard = Guard(self.settings, self.hasher)
        self.host_key = AdminKey.of_environment()
        self.limiter = ConcurrencyLimiter(self.settings.limit)
        self.boards = LeaderboardCache(roster, store, demo)
        self.contenders = LoadedContenders(roster, store, lent)
        self.metrics = Metrics()
        self.metrics.registry.register(SiteGauges(self.contenders, self.limiter, store))
        self.replies = ReplyWriter(
            self.contenders, store, self.limiter, self.guard, self.metrics, lent
        )

    def assignment(self, visitor: str, preview: str = "") -> Assignment:
        """Which contender writes the visitor's chats: the same for the same id, always.

        preview: a contender's name that `preview_arm` let pass, or empty.
        """
        if preview:
            return Assignment(preview, preview=True)
        if (experiment := self.roster.experiment) is None:
            return Assignment(self.roster.focus)
        arm = experiment.arm(visitor)
        return Assignment(arm, (experiment.name, arm))

    def sample_battles(self, contender: str) -> list[SampleBattle] | None:
        """Some battles of a contender (id), with what was said; None where none may be shown: the
        host must want it, and no experiment run, whose arms their words could tell. Blocks."""
        if not self.settings.samples or self.roster.experiment:
            return None
        before = self.store.database.clock() - SAMPLE_AGE
        return self.store.samples.newest(contender, before, SAMPLES)

    def storage_status(self, texts: Texts = ENGLISH) -> str:
        """Where votes are kept, in a sentence or two, for the host and for the About page.

        `copies` tells it, where votes are kept elsewhere too.
        """
        return self.copies(texts) if self.copies else texts("storage.here")

    def address(self, headers: Mapping[str, str]) -> str:
        """The site's address as a visitor sees it, without a slash at its end.

        headers: of the visitor's request.
        """
        root = self.settings.root_path.rstrip("/")
        if urlsplit(root).scheme:
            return root
        scheme = headers.get("x-forwarded-proto", "http").split(",")[0].strip()
        host = headers.get("host", f"{self.settings.host}:{self.settings.port}")
        return f"{'https' if scheme == 'https' else 'http'}://{host}{root}"

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


def api_key(settings: Settings, environ: Mapping[str, str]) -> str:
    """What programs must send to /v1: nothing where it is open. Raises SettingError."""
    name = variable("api_key")
    if settings.api == "key" and not environ.get(name):
        raise SettingError(f'api = "key" needs the environment variable {name}')
    return environ[name] if settings.api == "key" else ""


def offers_tools(settings: Settings) -> bool:
    """Whether the public endpoints are MCP tools, too: where that is wanted and can be had.

    Raises SettingError where it was asked for and cannot be.
    """
    installed = importlib.util.find_spec("mcp") is not None
    if settings.mcp and not installed and "mcp" in settings.origins:
        raise SettingError('mcp = true needs a package: pip install "gradio[mcp]"')
    return settings.mcp and installed
