"""Both replies of a battle as they grow, and what came of them once it is stored."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace

import gradio as gr

from arena.battle.state import BattleView
from arena.models import StoreError
from arena.pages.battle.view import columns
from arena.pages.listener import Tab, explain
from arena.pages.messages import Refusals, show_error
from arena.pages.templates import sentence

log = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks at a battle that is not stored

LOOKS = 300  # how often a battle is looked at that could not be stored, before it is given up


async def follow_replies(
    tab: Tab[BattleView], stages: AsyncGenerator[BattleView, None], before: BattleView, text: str
) -> AsyncGenerator[tuple, None]:
    """The columns, the battle, no message that waits, and the text that goes back into the box.

    Each beat makes these few anew and no more: the other components cost twenty times as much.
    before: the battle without the message.
    """
    stage = None
    try:
        async with aclosing(stages) as growing:
            async for stage in growing:
                if stage.status == "streaming":
                    yield *columns(stage), stage, None, ""
    except Refusals as refusal:
        if stage is None:
            stage = await explain(tab, refusal, before, before.visitor)
            yield *columns(stage), stage, None, text
            return
        if isinstance(refusal, StoreError):
            log.error("%s", refusal)
        else:
            show_error(refusal)
    last = stage
    async for stage in _until_stored(tab, last):
        yield *columns(stage), stage, None, ""
    yield *columns(stage), stage, None, text if stage.status == "void" else ""


async def _until_stored(
    tab: Tab[BattleView], stage: BattleView
) -> AsyncGenerator[BattleView, None]:
    """The battle, again and again until what came of its message is stored."""
    for look in range(LOOKS):
        if stage.status != "streaming":
            return
        with suppress(StoreError):
            stored = await tab.reload(stage, stage.visitor)
            stage = stored if stored and not stored.elsewhere else stage
        yield stage
        if stage.status == "streaming":
            if look == 0:
                gr.Warning(sentence("battle.later"))
            await asyncio.sleep(POLL)
    if stage.status == "streaming":
        yield replace(stage, status="void", note=sentence("battle.broken"))
