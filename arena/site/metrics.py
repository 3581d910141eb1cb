"""What Prometheus reads: replies, latency, tokens, draws, slots, battles, votes, members."""

import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from arena.db.store import Store
from arena.models import StoreError
from arena.site.cached_value import CachedValue
from arena.site.contenders import LoadedContenders
from arena.site.limiter import ConcurrencyLimiter
from blend.conversation import Turn

FIRST_TOKEN_BUCKETS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5, 10, 30)
REPLY_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)

HIDDEN = ""
"""In the place of a contender's name where no count may tell who it is. Not only the name tells:
members differ in tokens and seconds, and a sum of them is exact."""

COUNTS_SECONDS = 2.0
"""How old the counts of battles and votes may be."""


class Metrics:
    """Counters of one site. asked: "page" or "api"; no visitor's name and no text is in them."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._replies = Counter(
            "blended_replies", "Replies by how they ended", ["asked", "outcome"], registry=registry
        )
        self._first = Histogram(
            "blended_first_token_seconds",
            "To the first token",
            ["asked"],
            buckets=FIRST_TOKEN_BUCKETS,
            registry=registry,
        )
        self._whole = Histogram(
            "blended_reply_seconds",
            "To the end of a reply",
            ["asked"],
            buckets=REPLY_BUCKETS,
            registry=registry,
        )
        self._tokens = Counter("blended_tokens", "Tokens by kind", ["kind"], registry=registry)
        self._draws = Counter(
            "blended_draws", "Draws of a member", ["contender", "member"], registry=registry
        )

    async def watch(
        self, contender: str, asked: str, turns: AsyncGenerator[Turn, None]
    ) -> AsyncGenerator[Turn, None]:
        """The same turns, counted: a reply once, however it ends. contender: may be HIDDEN; then
        nothing is counted but how it ended."""
        turn, first, began = None, None, time.monotonic()
        try:
            async with aclosing(turns) as growing:
                async for turn in growing:
                    if first is None and turn.reply:
                        first = time.monotonic() - began
                    yield turn
        finally:
            finished = turn is not None and turn.finished
            failed = turn is not None and turn.error is not None
            outcome = "finished" if finished else "failed" if failed else "stopped"
            self._replies.labels(asked, outcome).inc()
            if contender != HIDDEN and turn is not None:
                self._count(contender, asked, turn, first, time.monotonic() - began)

    def _count(
        self, contender: str, asked: str, turn: Turn, first: float | None, seconds: float
    ) -> None:
        if first is not None:
            self._first.labels(asked).observe(first)
        if turn.finished:
            self._whole.labels(asked).observe(seconds)
        for draw in turn.draws:
            if draw.chance is not None:  # a panel draws nobody
                self._draws.labels(contender, draw.member).inc()
        for kind in ("prompt", "cached", "completion"):
            self._tokens.labels(kind).inc(getattr(turn.usage, f"{kind}_tokens"))

    def text(self) -> bytes:
        """The exposition text. Blocks for as long as the gauges do."""
        return generate_latest(self.registry)


class SiteGauges:
    """What is looked up when Prometheus asks."""

    def __init__(self, contenders: LoadedContenders, limiter: ConcurrencyLimiter, store: Store):
        self._contenders = contenders
        self._limiter = limiter
        self._counts = CachedValue(
            lambda: (store.battles.count_by_status(), store.votes.count_by_validity()),
            COUNTS_SECONDS,
        )

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges as of now; those of the database only where it can be read."""
        health = self._contenders.health()
        up = {name: float(name not in health.down) for name in self._contenders.loaded}
        slots = {"inside": self._limiter.inside, "waiting": self._limiter.waiting}
        storing, ready = float(not health.storage), float(self._contenders.ready)
        yield gauge("blended_places", "Replies being written, and waiting", slots, "state")
        yield gauge("blended_member_up", "Whether a member takes requests", up, "member")
        yield gauge("blended_ready", "Whether all contenders can be asked", {"": ready})
        yield gauge("blended_storing", "Whether votes can be stored", {"": storing})
        try:
            battles, votes = self._counts()
        except StoreError:
            return
        yield gauge("blended_battles", "Battles by state", battles, "status")
        yield gauge("blended_votes", "Votes by whether they count", votes, "counted")


def gauge(name: str, about: str, values: Mapping[str, float], label: str = "") -> GaugeMetricFamily:
    """A gauge of one label, or of none where `values` has the single key ""."""
    family = GaugeMetricFamily(name, about, labels=[label] if label else None)
    for key, value in values.items():
        family.add_metric([key] if label else [], value)
    return family
