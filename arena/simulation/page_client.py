"""Visitors of the page without a browser, for a load test: they fire its events as a page does."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import pairwise

import httpx
import numpy as np

READING = 0.5  # seconds between both replies and the vote: at once would not count

FAULTS = (httpx.HTTPError, LookupError, ValueError)


@dataclass
class ClientStats:
    """What the clients of one kind saw. first, whole: seconds to the first token, to the end."""

    kind: str
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mixed: int = 0

    def row(self) -> str:
        """One line of the report."""
        return (
            f"{self.kind:7} {len(self.whole):6} replies; first token {percentiles(self.first)};"
            f" whole {percentiles(self.whole)}; errors {len(self.errors)}, mixed {self.mixed}"
        )


@dataclass
class BattleStats(ClientStats):
    """The same of battles, each voted on: here a reply is both sides of one message.

    renewals: seconds between two renewals of a page while both sides stream. votes: seconds from a
    click to the names.
    """

    renewals: list[float] = field(default_factory=list)
    votes: list[float] = field(default_factory=list)

    def row(self) -> str:
        more = {"renewals of the page": self.renewals, "votes": self.votes}
        return "\n".join(
            [
                super().row(),
                *(f"        {summary_line(what, waits)}" for what, waits in more.items()),
            ]
        )


def summary_line(what: str, seconds: list[float]) -> str:
    """One line on many waits."""
    return f"{len(seconds):6} {what}: {percentiles(seconds)}"


def percentiles(seconds: list[float]) -> str:
    """The median, the 95th percentile and the longest of the waits that there were."""
    p50, p95, most = np.quantile(seconds or [0.0], (0.5, 0.95, 1.0), method="higher")
    return f"p50 {p50:.3f} s, p95 {p95:.3f} s, max {most:.3f} s"


def is_mixed_up(text: str, own: str) -> bool:
    """Whether an answer holds a mark, and not the one that was sent."""
    return "mark-" in text and own not in text


class PageClient:
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
        self._shown: dict[int, str] = {}

    async def fire(self, elem_id: str, kind: str, mark: str = "") -> AsyncIterator[str]:
        """What the page is sent of an event and of all that follow it, one after the other.

        Each one that `trigger_after` ties to the last is fired when that is complete, as a browser
        does. mark: what stands in the boxes. Raises httpx.HTTPError, and ValueError where an event
        failed.
        """
        for event in event_chain(self.config, elem_id, kind):
            async for text in self._fired(event, mark):
                yield text

    async def _fired(self, event: dict, mark: str) -> AsyncIterator[str]:
        data = [self._given(part, mark) for part in event["inputs"]]
        body = {"data": data, "fn_index": event["id"], "session_hash": self.session}
        join = "/gradio_api/run/predict" if event["queue"] is False else "/gradio_api/queue/join"
        (await self.client.post(join, json=body)).raise_for_status()
        if event["queue"] is False:
            return
        where, params = "/gradio_api/queue/data", {"session_hash": self.session}
        async with self.client.stream("GET", where, params=params) as answer:
            async for text in event_data(answer):
                event_message = json.loads(text)
                if event_message["msg"] == "process_completed" and not event_message["success"]:
                    raise ValueError(str(event_message["output"])[:200])
                if event_message["msg"].startswith("process_"):
                    yield text
                if event_message["msg"] == "process_completed":
                    self._keep(event, event_message["output"].get("data", []))
                    return

    def _keep(self, event: dict, data: list) -> None:
        """Remember the texts that an event has put into the page."""
        came = zip(event["outputs"], data, strict=False)
        self._shown |= {part: value for part, value in came if isinstance(value, str)}

    def _given(self, part: int, mark: str) -> str | None:
        """What a browser would send for one component: the message, who it is, or nothing."""
        kind, elem_id = self._kinds[part]
        if elem_id in ("chat-box", "duel-box"):
            return mark
        if kind == "textbox":
            return self._shown.get(part, "")
        return str(uuid.UUID(self.session)) if kind == "browserstate" else None


async def chat_client(
    client: httpx.AsyncClient, config: dict, until: float, seen: ClientStats
) -> None:
    """One page that sends a message as soon as the last one is answered, in one session."""
    page = PageClient(client, config)
    while time.monotonic() < until:
        try:
            await _message(page, seen)
        except FAULTS as error:
            seen.errors.append(repr(error))


async def _message(page: PageClient, seen: ClientStats) -> None:
    mark, began, first, text_so_far = new_mark(), time.monotonic(), None, ""
    async for text in page.fire("chat-box", "submit", mark):
        text_so_far += text
        # Under the words of a reply is the chip of who wrote them.
        if first is None and "chip who-" in text:
            first = time.monotonic() - began
    if first is None:
        raise ValueError("an empty reply")
    seen.first.append(first)
    seen.whole.append(time.monotonic() - began)
    seen.mixed += is_mixed_up(text_so_far, mark)


async def battle_client(
    client: httpx.AsyncClient, config: dict, until: float, seen: BattleStats
) -> None:
    """One page in the arena: a battle of one message, its vote, and the next battle."""
    page = PageClient(client, config)
    while time.monotonic() < until:
        try:
            await _battle(page, seen)
        except FAULTS as error:
            seen.errors.append(repr(error))
            await asyncio.sleep(1.0)


async def _battle(page: PageClient, seen: BattleStats) -> None:
    mark, began, renewals, text_so_far = new_mark(), time.monotonic(), [], ""
    async with aclosing(page.fire("duel-box", "submit", mark)) as texts:
        async for text in texts:
            text_so_far += text
            if '"process_generating"' in text:
                renewals.append(time.monotonic())
    if len(renewals) < 3:
        raise ValueError(f"nothing streamed: {text_so_far[-200:]}")
    # What comes first is what can end the replies, and the message as it stands above both.
    seen.first.append(renewals[2] - began)
    seen.whole.append(time.monotonic() - began)
    seen.renewals += [later - before for before, later in pairwise(renewals[2:])]
    seen.mixed += is_mixed_up(text_so_far, mark)
    await asyncio.sleep(READING)
    began = time.monotonic()
    shown = "".join([text async for text in page.fire("vote-3", "click")])
    if "You said: a tie." not in shown:
        raise ValueError(f"no vote came of it: {shown[-200:]}")
    seen.votes.append(time.monotonic() - began)
    async for _ in page.fire("new-battle", "click"):
        pass


def new_mark() -> str:
    """A word that only one message has."""
    return f"mark-{uuid.uuid4().hex[:12]}"


def event_chain(config: dict, elem_id: str, kind: str) -> Iterator[dict]:
    """The event of a component, and all that follow it one after the other."""
    ids = {c["props"].get("elem_id"): c["id"] for c in config["components"]}
    if elem_id not in ids:
        raise RuntimeError(f"its page has no {elem_id}")
    events = config["dependencies"]
    own = (d for d in events if [ids[elem_id], kind] in d["targets"])
    waiting = [next(d for d in own if d["backend_fn"])]  # one that cancels others asks nothing
    while waiting:
        event = waiting.pop(0)
        yield event
        after = (d for d in events if d["trigger_after"] == event["id"] and d["backend_fn"])
        waiting = [*after, *waiting]  # what follows comes before what else follows the one before


async def event_data(answer: httpx.Response) -> AsyncIterator[str]:
    """The data of server-sent events."""
    async for line in answer.aiter_lines():
        if line.startswith("data:"):
            yield line.removeprefix("data:").strip()
