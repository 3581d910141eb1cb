"""A battle brought back: what a page that is loaded anew finds of its visitor's latest one."""

import asyncio
import time
from dataclasses import replace

from arena.battles import LatestBattle
from arena.race import SIDES, Side
from arena.records import STALLED
from arena.site import Site
from arena.stage import Stage, why_void
from blend.conversation import Conversation, Turn

SHOWN = 3600.0
"""Seconds for which a battle that has its vote comes back."""

UNKEPT = "What was said in this battle is not kept here, so it could not be brought back."
STILL = "You can still vote on it."
LOST = "It does not count without a vote. Send a message to start another one."


async def back(
    site: Site, visitor: str, id: str | None = None, known: Stage | None = None
) -> Stage | None:
    """The visitor's latest battle as the database has it; None where a new one should begin.

    id: of the battle that is meant instead; None where it is not theirs. known: the same battle as
    a page has it, for its texts where they are not stored. Before the vote a battle comes without
    anything that tells the contenders but their ids.
    """
    return await asyncio.to_thread(_back, site, visitor, id, known)


def _back(site: Site, visitor: str, id: str | None, known: Stage | None) -> Stage | None:
    store = site.store
    found = store.battles.latest(visitor, id)
    if found is not None and found.status == "streaming" and not site.written(found.id):
        store.battles.void(
            found.id, visitor, STALLED
        )  # the program was stopped in the middle of it
        found = store.battles.latest(visitor, id)
    if found is None:
        return None
    over = found.voted is not None and time.time() - found.voted > SHOWN
    if id is None and (found.turns == 0 or over):
        return None
    return _rebuilt(site, visitor, found, known)


def _rebuilt(site: Site, visitor: str, found: LatestBattle, known: Stage | None) -> Stage:
    conversations = _conversations(site, visitor, found, known)
    unkept = conversations is None
    stage = Stage(
        *(found.id, visitor, dict(zip(SIDES, found.contenders, strict=True))),
        _empty(found) if unkept else conversations,
        status=found.status,
        leaked=found.leaked,
        elsewhere=site.written(found.id) or found.status == "streaming",
        reveal=site.store.votes.reveal(found.id, visitor),
        unkept=unkept,
    )
    if stage.status == "void" and not unkept:
        why = why_void(stage, found.void_reason, found.retry)
        stage = replace(stage, retry=found.retry, note=why)
    if unkept and stage.status in ("ready", "void"):
        then = STILL if stage.status == "ready" else LOST
        stage = replace(stage, note=f"{UNKEPT} {then}")
    return stage


def _conversations(
    site: Site, visitor: str, found: LatestBattle, known: Stage | None
) -> dict[Side, Conversation] | None:
    """What both sides said; None where it is not stored, and not known either."""
    if found.turns == 0:
        return _empty(found)
    loaded = [site.store.conversations.load(id, visitor) for id in found.conversations]
    if None not in loaded:
        return dict(zip(SIDES, loaded, strict=True))
    same = known is not None and (known.battle, known.turns) == (found.id, found.turns)
    return dict(known.conversations) if same and not known.unkept else None


def _empty(found: LatestBattle) -> dict[Side, Conversation]:
    """As many turns as there were, with nothing in them."""
    nothing = tuple(Turn("", finished=True) for _ in range(found.turns))
    both = (Conversation(id=id, turns=nothing) for id in found.conversations)
    return dict(zip(SIDES, both, strict=True))
