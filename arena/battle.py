"""A battle on stage: two replies that stream as one, and what a visitor is told while they do."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Literal

from arena.effect import effect
from arena.site import Site
from arena.store import Battle, Reveal
from blend.conversation import Conversation, Turn, new_id

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

BEAT = 0.08
"""Seconds between two renewals of the page while both sides stream, at least."""

BROKEN = (
    "One side could not answer, so this battle does not count. Your message is kept: "
    "start a new battle to send it to two others."
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One battle as its page needs it. It stays on the server: `names` must not reach a browser.

    status: as in the database (created, streaming, ready, voted, void). moved: each contender's
    rating before and after the vote, by id.
    """

    battle: str
    visitor: str
    names: dict[Side, str]
    conversations: dict[Side, Conversation]
    status: str = "created"
    reveal: Reveal | None = None
    moved: dict[str, tuple[float, float]] = field(default_factory=dict)
    note: str = ""

    @property
    def turns(self) -> int:
        """How many messages the visitor has sent in this battle."""
        return len(self.conversations["left"].turns)


async def open_battle(site: Site, visitor: str, address: str | None = None) -> Stage:
    """Draw two contenders and their sides, and write the battle down before any token.

    address: the sealed network address that the visitor comes from, where it is known.
    """
    drawn = await asyncio.to_thread(site.draw)
    names: dict[Side, str] = {"left": drawn.left, "right": drawn.right}
    stage = Stage(new_id(), visitor, names, {side: Conversation() for side in SIDES})
    battle = Battle(
        id=stage.battle,
        visitor=visitor,
        left=site.contender_id(drawn.left),
        right=site.contender_id(drawn.right),
        left_conversation=stage.conversations["left"].id,
        right_conversation=stage.conversations["right"].id,
        pair_chance=drawn.chance,
        policy=drawn.policy,
    )
    await asyncio.to_thread(site.store.visitor, visitor, address)
    await asyncio.to_thread(site.store.open_battle, battle)
    return stage


async def fight(site: Site, stage: Stage, text: str) -> AsyncGenerator[Stage, None]:
    """One message to both sides: the stage, growing, until both have finished or one has failed.

    Raises MessageError for a text that cannot be sent and Refused where the rules say no; both
    leave the battle as it was. A race that is closed in the middle makes the battle void.
    """
    asked = {s: c.ask(text, site.settings.longest_message) for s, c in stage.conversations.items()}
    await asyncio.to_thread(
        site.store.start_turn, stage.battle, stage.visitor, text, site.settings.turns
    )
    stage = replace(stage, conversations=asked, status="streaming")
    yield stage
    try:
        seats = site.party(SIDES)
        sides = (site.reply(stage.names[s], asked[s], seat=seats[s], hidden=True) for s in SIDES)
        async with aclosing(race(*sides, max(BEAT, site.breath))) as turns:
            async for latest in turns:
                grown = {side: asked[side].answered(turn) for side, turn in latest.items()}
                stage = replace(stage, conversations=asked | grown)
                yield stage
        if all(c.turns[-1].finished for c in stage.conversations.values()):
            await asyncio.to_thread(site.store.ready, stage.battle)
            stage = replace(stage, status="ready", conversations=_ahead(site, stage))
    finally:
        if stage.status == "streaming":
            stage = replace(stage, status="void", note=BROKEN)
            leave = asyncio.to_thread(
                site.store.void, stage.battle, stage.visitor, "a side did not finish"
            )
            await asyncio.shield(leave)
    yield stage


def _ahead(site: Site, stage: Stage) -> dict[Side, Conversation]:
    return {side: site.ahead(stage.names[side], c) for side, c in stage.conversations.items()}


async def vote(site: Site, stage: Stage, choice: str) -> Stage:
    """The vote, committed; only then the stage holds a reveal. Raises Refused."""
    before = await asyncio.to_thread(site.store.tally)
    reveal = await asyncio.to_thread(site.store.vote, stage.battle, stage.visitor, choice)
    return replace(stage, status="voted", reveal=reveal, moved=effect(before, reveal))


async def skip(site: Site, stage: Stage) -> Stage:
    """Leave the battle unjudged: it stays in the database as void. Raises Refused after a vote."""
    await asyncio.to_thread(site.store.void, stage.battle, stage.visitor, "skipped")
    return replace(stage, status="void", note="Skipped. This battle does not count.")


async def race(
    left: AsyncGenerator[Turn, None], right: AsyncGenerator[Turn, None], beat: float = BEAT
) -> AsyncGenerator[dict[Side, Turn], None]:
    """The newest Turn of both sides, once every `beat` seconds as long as either has news.

    Neither side waits for the other, and the beat hides which of the two spoke when: at each beat
    both columns are renewed together. Closing the race closes both sides; what one side raises is
    raised here, and the other side is closed.
    """
    news: asyncio.Queue[tuple[Side, Turn] | None] = asyncio.Queue()
    pumps = [
        asyncio.create_task(_pump(side, stream, news))
        for side, stream in zip(SIDES, (left, right), strict=True)
    ]
    try:
        latest: dict[Side, Turn] = {}
        running = len(pumps)
        while running:
            items = await _gather(news, beat)
            for pump in pumps:
                if pump.done():
                    pump.result()
            running -= items.count(None)
            fresh = dict(item for item in items if item is not None)
            if fresh:
                latest |= fresh
                yield dict(latest)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(side: Side, stream: AsyncIterator[Turn], news: asyncio.Queue) -> None:
    try:
        async with aclosing(stream) as turns:
            async for turn in turns:
                news.put_nowait((side, turn))
    finally:
        news.put_nowait(None)


async def _gather(news: asyncio.Queue, beat: float) -> list:
    """All that comes within one beat from the first item on."""
    items = [await news.get()]
    await asyncio.sleep(beat)
    while not news.empty():
        items.append(news.get_nowait())
    return items
