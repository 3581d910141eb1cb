"""What Prometheus reads: replies, latency, tokens, draws, the queue, battles, votes, members."""

import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from blend.conversation import Turn

FIRST = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5, 10, 30)
WHOLE = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)
HIDDEN = ""
"""In the place of a contender's name where nobody must learn from a count who it is. Not only the
name tells: by tokens and seconds members differ, and a sum of them is exact."""


class Metrics:
    """Counters of one site. asked: "page" or "api"; no name of a visitor or a text is in them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        made = {"registry": self.registry}
        self._replies = Counter(
            "blended_replies", "Replies by how they ended", ["asked", "outcome"], **made
        )
        self._first = Histogram(
            "blended_first_token_seconds", "To the first token", ["asked"], buckets=FIRST, **made
        )
        self._whole = Histogram(
            "blended_reply_seconds", "To the end of a reply", ["asked"], buckets=WHOLE, **made
        )
        self._tokens = Counter("blended_tokens", "Tokens by kind", ["kind"], **made)
        self._draws = Counter("blended_draws", "Draws of a member", ["contender", "member"], **made)

    def reads(self, found: Callable[[], Iterable[Metric]]) -> None:
        """Add what is looked up only when Prometheus asks."""
        self.registry.register(_Read(found))

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
            done = turn is not None and turn.finished
            failed = turn is not None and turn.error is not None
            outcome = "finished" if done else "failed" if failed else "stopped"
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
        if turn.draw is not None:
            self._draws.labels(contender, turn.draw.member).inc()
        for kind in ("prompt", "cached", "completion"):
            self._tokens.labels(kind).inc(getattr(turn.usage, f"{kind}_tokens"))

    def text(self) -> bytes:
        """The exposition text. Blocks for as long as the lookups do."""
        return generate_latest(self.registry)


class _Read(Collector):
    def __init__(self, found: Callable[[], Iterable[Metric]]):
        self._found = found

    def collect(self) -> Iterable[Metric]:
        return self._found()

    def describe(self) -> Iterable[Metric]:
        return []  # asking for names at registration must not read the database


def gauge(name: str, about: str, values: dict[str, float], label: str = "") -> GaugeMetricFamily:
    """A gauge of one label, or of none where `values` has the single key ""."""
    family = GaugeMetricFamily(name, about, labels=[label] if label else None)
    for key, value in values.items():
        family.add_metric([key] if label else [], value)
    return family
