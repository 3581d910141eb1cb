"""Why a visitor voted so: reasons and a comment, given once the names are in view."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from arena.battle.state import SIDES, BattleView
from arena.models import Refused, Side
from arena.site.site import Site
from arena.votes.reasons import KINDS
from blend.message import clean_message
from blend.roster import Roster


def offered(roster: Roster, view: BattleView | None) -> dict[Side, Sequence[str]]:
    """The reasons that fit a battle's vote, by side; none before the vote, or where none are asked
    for."""
    if view is None or view.reveal is None:
        return {}
    lists = {"good": roster.reasons.good, "bad": roster.reasons.bad}
    return {side: lists[kind] for side, kind in KINDS[view.reveal.choice].items() if lists[kind]}


async def give(site: Site, view: BattleView, given: Mapping[Side, Sequence[str]]) -> BattleView:
    """These are the visitor's reasons from now on. Raises Refused, for one that is not offered too,
    and StoreError."""
    choices = offered(site.roster, view)
    for side in SIDES:
        if not {*given.get(side, ())} <= {*choices.get(side, ())}:
            raise Refused("refusals.no_reason")
    complete = {side: given.get(side, ()) for side in choices}
    return await asyncio.to_thread(_give, site, view, complete)


async def comment(site: Site, view: BattleView, text: str) -> BattleView:
    """What the visitor says of their vote from now on; an empty text takes it back.

    Raises Refused, MessageError and StoreError.
    """
    text = clean_message(text, len(text)) if text.strip() else ""
    return await asyncio.to_thread(_comment, site, view, text)


def _give(site: Site, view: BattleView, given: Mapping[Side, Sequence[str]]) -> BattleView:
    with site.store.database.transaction():
        for side, reasons in given.items():
            site.store.vote_reasons.give(view.battle, view.visitor, side, reasons)
    return _with_notes(site, view)


def _comment(site: Site, view: BattleView, text: str) -> BattleView:
    site.store.vote_reasons.comment(view.battle, view.visitor, text)
    return _with_notes(site, view)


def _with_notes(site: Site, view: BattleView) -> BattleView:
    return replace(view, notes=site.store.vote_reasons.of(view.battle, view.visitor))
