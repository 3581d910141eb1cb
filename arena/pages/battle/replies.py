"""Both replies of a battle as they grow, and what came of them once it is stored."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from functools import partial

from arena.battle.state import BattleView
from arena.models import StoreError
from arena.pages.battle.view import growing_columns
from arena.pages.listener import Page, explain
from arena.pages.messages import Refusals, show_error, show_warning
from arena.texts import Texts
from blend.conversation import new_id
from blend.roster import Roster

log = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks at a battle that is not stored

LOOKS = 300  # how often a battle is looked at that could not be stored, before it is given up


@dataclass(frozen=True, slots=True)
class PendingMessage:
    """A message that was accepted. retry: it is for those who did not finish, once more.

    before: the battle without it.
    """

    text: str
    before: BattleView
    retry: bool = False
    id: str = field(default_factory=new_id)


async def follow_replies(
    page: Page[BattleView],
    roster: Roster,
    texts: Texts,
    views: AsyncGenerator[BattleView, None],
    message: PendingMessage,
) -> AsyncGenerator[tuple, None]:
    """The columns, the battle, no message that waits, and the text that goes back into the box.

    Each beat makes these few anew and no more: the other components cost twenty times as much.
    """
    view, columns = None, partial(growing_columns, roster, texts=texts)
    try:
        async with aclosing(views) as growing:
            async for view in growing:
                if view.status == "streaming":
                    yield *columns(view), view, None, ""
    except Refusals as refusal:
        if view is None:
            before = message.before
            view = await explain(page, refusal, before, before.visitor, texts)
            yield *columns(view), view, None, message.text
            return
        if isinstance(refusal, StoreError):
            log.error("%s", refusal)
        else:
            show_error(refusal, texts)
    last = view
    async for view in _until_stored(page, last, texts):
        yield *columns(view), view, None, ""
    yield *columns(view), view, None, message.text if view.status == "void" else ""


async def _until_stored(
    page: Page[BattleView], view: BattleView, texts: Texts
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
                show_warning(texts("battle.later"))
            await asyncio.sleep(POLL)
    if view.status == "streaming":
        yield replace(view, status="void", note="battle.broken")
