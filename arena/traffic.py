"""Visitors of the page without a browser, for a load test: they fire its events as a page does."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import pairwise

import httpx

READING = 0.5
"""Seconds between both replies and the vote: at once would not count."""

FAULTS = (httpx.HTTPError, LookupError, ValueError)


@dataclass
class Seen:
    """What the clients of one kind saw. first: seconds to the first token of every reply."""

    kind: str
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mixed: int = 0

    def row(self) -> str:
        """One line of the report."""
        first, whole = sorted(self.first) or [0.0], sorted(self.whole) or [0.0]
        return (
            f"{self.kind:7} {len(self.whole):6} replies; first token p50 {at(first, 0.5):.3f} s,"
            f" p95 {at(first, 0.95):.3f} s, max {first[-1]:.3f} s; whole p50"
            f" {at(whole, 0.5):.2f} s; errors {len(self.errors)}, mixed {self.mixed}"
        )


@dataclass
class Fought(Seen):
    """The same of battles, each voted on: here a reply is both sides of one message.

    beats: seconds between two renewals of a page while both sides stream. votes: seconds from a
    click to the names.
    """

    beats: list[float] = field(default_factory=list)
    votes: list[float] = field(default_factory=list)

    def row(self) -> str:
        return "\n".join(
            [super().row(), spread("renewals of the page", self.beats), spread("votes", self.votes)]
        )


def spread(what: str, seconds: list[float]) -> str:
    """One line on many waits."""
    ordered = sorted(seconds) or [0.0]
    return (
        f"        {len(seconds):6} {what}: p50 {at(ordered, 0.5):.3f} s, p95 "
        f"{at(ordered, 0.95):.3f} s, max {ordered[-1]:.3f} s"
    )


def at(values: list[float], share: float) -> float:
    """The percentile of values in their order."""
    return values[min(len(values) - 1, int(share * len(values)))]


def mixed(said: str, own: str) -> bool:
    """Whether an answer holds a mark, and not the one that was sent."""
    return "mark-" in said and own not in said


class Page:
    """One visitor's page: the events of its components, in one session.

    config: what the site tells a page of itself.
    """

    def __init__(self, client: httpx.AsyncClient, config: dict):
        self.client = client
        self.config = config
        self.session = uuid.uuid4().hex
        self._kinds = {
            c["id"]: (c["type"], c["props"].get("elem_id")) for c in config["components"]
        }

    async def fire(self, elem_id: str, kind: str, mark: str = "") -> AsyncIterator[str]:
        """What the page is sent of an event and of all that follow it, one after the other.

        Each one that `trigger_after` ties to the last is fired when that is complete, as a browser
        does. mark: what stands in the boxes. Raises httpx.HTTPError, and ValueError where an event
        failed.
        """
        for event in chain(self.config, elem_id, kind):
            data = [self._given(part, mark) for part in event["inputs"]]
            async for text in self._fired(event, data):
                yield text

    async def _fired(self, event: dict, data: list) -> AsyncIterator[str]:
        body = {"data": data, "fn_index": event["id"], "session_hash": self.session}
        join = "/gradio_api/run/predict" if event["queue"] is False else "/gradio_api/queue/join"
        (await self.client.post(join, json=body)).raise_for_status()
        if event["queue"] is False:
            return
        where, params = "/gradio_api/queue/data", {"session_hash": self.session}
        async with self.client.stream("GET", where, params=params) as answer:
            async for text in events(answer):
                told = json.loads(text)
                if told["msg"] == "process_completed" and not told["success"]:
                    raise ValueError(str(told["output"])[:200])
                if told["msg"].startswith("process_"):
                    yield text
                if told["msg"] == "process_completed":
                    return

    def _given(self, part: int, mark: str) -> str | None:
        """What a browser would send for one component: the message, who it is, or nothing."""
        kind, elem_id = self._kinds[part]
        if elem_id in ("chat-box", "duel-box"):
            return mark
        return {"browserstate": str(uuid.UUID(self.session)), "textbox": ""}.get(kind)


async def visitor(client: httpx.AsyncClient, config: dict, until: float, seen: Seen) -> None:
    """One page that sends a message as soon as the last one is answered, in one session."""
    page = Page(client, config)
    while time.monotonic() < until:
        mark, began, first, said = _mark(), time.monotonic(), None, ""
        try:
            async for text in page.fire("chat-box", "submit", mark):
                said += text
                if first is None and _spoke(text):
                    first = time.monotonic() - began
        except FAULTS as error:
            seen.errors.append(repr(error))
            continue
        if first is None:
            seen.errors.append("an empty reply")
            continue
        seen.first.append(first)
        seen.whole.append(time.monotonic() - began)
        seen.mixed += mixed(said, mark)


async def fighter(client: httpx.AsyncClient, config: dict, until: float, seen: Fought) -> None:
    """One page in the arena: a battle of one message, its vote, and the next battle."""
    page = Page(client, config)
    while time.monotonic() < until:
        try:
            await _battle(page, seen)
        except FAULTS as error:
            seen.errors.append(repr(error))
            await asyncio.sleep(1.0)


async def _battle(page: Page, seen: Fought) -> None:
    mark, began, beats, said = _mark(), time.monotonic(), [], ""
    async with aclosing(page.fire("duel-box", "submit", mark)) as texts:
        async for text in texts:
            said += text
            if '"process_generating"' in text:
                beats.append(time.monotonic())
    if len(beats) < 2:
        raise ValueError(f"nothing streamed: {said[-200:]}")
    # What comes first is the message as it stands above both replies.
    seen.first.append(beats[1] - began)
    seen.whole.append(time.monotonic() - began)
    seen.beats += [later - before for before, later in pairwise(beats[1:])]
    seen.mixed += mixed(said, mark)
    await asyncio.sleep(READING)
    began = time.monotonic()
    named = "".join([text async for text in page.fire("vote-3", "click")])
    if "You said: a tie." not in named:
        raise ValueError(f"no vote came of it: {named[-200:]}")
    seen.votes.append(time.monotonic() - began)


def _mark() -> str:
    return f"mark-{uuid.uuid4().hex[:12]}"


def _spoke(text: str) -> bool:
    """Whether the page was sent words of a reply: under these is the chip of who wrote them."""
    return "chip who-" in text


def chain(config: dict, elem_id: str, kind: str) -> list[dict]:
    """The event of a component, and all that follow it one after the other."""
    own = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == elem_id)
    first = next(d for d in config["dependencies"] if [own, kind] in d["targets"])
    found, after = (
        [first],
        {d["trigger_after"]: d for d in config["dependencies"] if d["backend_fn"]},
    )
    while (following := after.get(found[-1]["id"])) is not None:
        found.append(following)
    return found


async def events(answer: httpx.Response) -> AsyncIterator[str]:
    """The data of server-sent events."""
    async for line in answer.aiter_lines():
        if line.startswith("data:"):
            yield line.removeprefix("data:").strip()
