"""Both replies of a battle as they grow, and what came of them once it is stored."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial

import gradio as gr

from arena.battle.state import BattleView
from arena.models import StoreError
from arena.pages.battle.view import growing_columns
from arena.pages.listener import Page, explain
from arena.pages.messages import Refusals, show_error
from arena.pages.templates import sentence
from blend.roster import Roster

log = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks at a battle that is not stored

LOOKS = 300  # how often a battle is looked at that could not be stored, before it is given up


async def follow_replies(
    page: Page[BattleView],
    views: AsyncGenerator[BattleView, None],
    before: BattleView,
    text: str,
    roster: Roster,
) -> AsyncGenerator[tuple, None]:
    """The columns, the battle, no message that waits, and the text that goes back into the box.

    Each beat makes these few anew and no more: the other components cost twenty times as much.
    before: the battle without the message.
    """
    view, columns = None, partial(growing_columns, roster)
    try:
        async with aclosing(views) as growing:
            async for view in growing:
                if view.status == "streaming":
                    yield *columns(view), view, None, ""
    except Refusals as refusal:
        if view is None:
            view = await explain(page, refusal, before, before.visitor)
            yield *columns(view), view, None, text
            return
        if isinstance(refusal, StoreError):
            log.error("%s", refusal)
        else:
            show_error(refusal)
    last = view
    async for view in _until_stored(page, last):
        yield *columns(view), view, None, ""
    yield *columns(view), view, None, text if view.status == "void" else ""


async def _until_stored(
    page: Page[BattleView], view: BattleView
) -> AsyncGenerator[BattleView, None]:
    """The battle, again and again until what came of its message is stored."""
    for look in range(LOOKS):
        if view.status != "streaming":
            return
        with suppress(StoreError):
            stored = await page.reload(view, view.visitor)
            view = stored if stored and not stored.elsewhere else view
        yield view
        if view.status == "streaming":
            if look == 0:
                gr.Warning(sentence("battle.later"))
            await asyncio.sleep(POLL)
    if view.status == "streaming":
        yield replace(view, status="void", note=sentence("battle.broken"))
