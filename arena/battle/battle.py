"""A battle: two contenders, one message for both, one vote.

It is blind, and the names come after the vote; or the visitor has chosen the two and sees their
names from the start. Which of both is stored when it is opened, and never changes.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from arena.battle.pair_sampler import chosen_pair, draw_pair
from arena.battle.replies import stream_replies
from arena.battle.state import SIDES, BattleView, Side, why_void
from arena.models import NAMED, Battle, Refused
from arena.site.recording import register_visitor
from arena.site.site import Site
from blend.conversation import Conversation, new_id


async def open_battle(
    site: Site,
    visitor: str,
    address: str | None = None,
    chosen: Sequence[str] | None = None,
    publishable: bool = False,
) -> BattleView:
    """Draw two contenders and their sides, and write the battle down before any token.

    address: the hashed network address that the visitor comes from, where it is known. chosen: the
    names of the left and of the right one, where the visitor named them; the battle is not blind
    then. publishable: whether the page said that it may be published, and the visitor did not say
    no; a named battle never is. Raises Refused where these are no two contenders.
    """
    return await asyncio.to_thread(_open, site, visitor, address, chosen, publishable)


def _open(
    site: Site,
    visitor: str,
    address: str | None,
    chosen: Sequence[str] | None,
    publishable: bool,
) -> BattleView:
    pair = draw_pair(site) if chosen is None else chosen_pair(site, chosen)
    contenders: dict[Side, str] = {
        "left": site.contenders.id_of(pair.left),
        "right": site.contenders.id_of(pair.right),
    }
    names = {} if chosen is None else {"left": pair.left, "right": pair.right}
    sides = {side: Conversation() for side in SIDES}
    view = BattleView(new_id(), visitor, contenders, sides, names=names)
    battle = Battle(
        id=view.battle,
        visitor=visitor,
        **contenders,
        left_conversation=sides["left"].id,
        right_conversation=sides["right"].id,
        pair_chance=pair.chance,
        policy=pair.policy,
        source=NAMED if view.named else "own",
    )
    register_visitor(site.store, visitor, address)
    site.store.battles.open(battle, publishable and not view.named)
    return view


async def send_message(
    site: Site, view: BattleView, text: str, address: str | None = None
) -> AsyncGenerator[BattleView, None]:
    """One message to both sides: the view, growing, until both have finished or one has failed.

    Raises MessageError for a text that cannot be sent, Overloaded where there is no room just now,
    and Refused where the rules say no; all of them leave the battle as it was. One that is closed
    in the middle is void, and may be saved by `retry`. address: as for `open_battle`; it has a
    share of the slots.
    """
    if view.without_texts:
        raise Refused("refusals.unkept")
    most, longest = site.settings.turns, site.settings.longest_message
    pending = {side: c.ask(text, longest) for side, c in view.conversations.items()}
    admit = site.store.battles.admit_message
    start = partial(admit, view.battle, view.visitor, text, most, view.turns, site.tagger)
    async with aclosing(stream_replies(site, view, pending, {}, start, address)) as growing:
        async for view in growing:
            yield view


async def retry(
    site: Site, view: BattleView, address: str | None = None
) -> AsyncGenerator[BattleView, None]:
    """The last message once more to those who did not finish; the other side stays as it is.

    Raises as `send_message` does. What was said the first time stays in the database.
    """
    pending = {side: view.conversations[side].regenerate() for side in view.unfinished}
    replaced = {side: view.conversations[side].turns[-1].id for side in pending}
    start = partial(site.store.battles.retry, view.battle, view.visitor, view.turns)
    async with aclosing(stream_replies(site, view, pending, replaced, start, address)) as growing:
        async for view in growing:
            yield view


async def skip(site: Site, view: BattleView) -> BattleView:
    """Leave the battle unjudged: it stays in the database as void. Raises Refused after a vote."""
    await asyncio.to_thread(site.store.battles.void, view.battle, view.visitor, "skipped")
    return replace(view, status="void", note=why_void(view, "skipped", False))


async def abandon(site: Site, view: BattleView) -> None:
    """Make room for a new battle: skip this one unless it is over, and do not bring it back.

    Raises Refused and StoreError; then nothing was changed.
    """
    await asyncio.to_thread(_leave, site, view)


def _leave(site: Site, view: BattleView) -> None:
    ids = [conversation.id for conversation in view.conversations.values()]
    with site.store.database.transaction():
        state = site.store.battles.state(view.battle)
        voted = state is not None and state.status == "voted"  # a vote may have come meanwhile
        if not (view.over or voted):
            site.store.battles.void(view.battle, view.visitor, "skipped")
        site.store.conversations.dismiss(ids, view.visitor)
