"""A battle brought back: what a page that is loaded anew finds of its visitor's latest one."""

import asyncio
import time
from dataclasses import replace

from arena.race import SIDES
from arena.resume import STALLED, Latest
from arena.site import Site
from arena.stage import Stage, why_void
from blend.conversation import Conversation

SHOWN = 3600.0
"""Seconds for which a battle that has its vote comes back."""

UNKEPT = (
    "What was said in your last battle is not kept here, so it could not be brought back. It does "
    "not count without a vote. Send a message to start another one."
)


async def back(site: Site, visitor: str) -> Stage | None:
    """The visitor's latest battle as the database has it; None where a new one should begin.

    Before the vote it comes without anything that tells the contenders but their ids.
    """
    return await asyncio.to_thread(_back, site, visitor)


def _back(site: Site, visitor: str) -> Stage | None:
    store = site.store
    found = store.latest_battle(visitor)
    if found is not None and found.status == "streaming" and not site.written(found.id):
        store.void(found.id, visitor, STALLED)  # the program was stopped in the middle of it
        found = store.latest_battle(visitor)
    if found is None or found.turns == 0:
        return None
    if found.voted is not None and time.time() - found.voted > SHOWN:
        return None
    return _rebuilt(site, visitor, found)


def _rebuilt(site: Site, visitor: str, found: Latest) -> Stage:
    store = site.store
    loaded = [store.load_conversation(id, visitor) for id in found.conversations]
    kept = None not in loaded
    empty = (Conversation(id=id) for id in found.conversations)
    stage = Stage(
        *(found.id, visitor, dict(zip(SIDES, found.contenders, strict=True))),
        dict(zip(SIDES, loaded if kept else empty, strict=True)),
        status=found.status,
        leaked=found.leaked,
        elsewhere=site.written(found.id),
        reveal=store.revealed(found.id, visitor),
    )
    if not kept and stage.reveal is None:
        return replace(stage, status="void", note=UNKEPT)
    if stage.status == "void":
        why = why_void(stage, found.void_reason, found.retry)
        stage = replace(stage, retry=found.retry, note=why)
    return stage
