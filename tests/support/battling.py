"""Battles as a page plays them, without a page: messages, votes, what comes back after a reload."""

import asyncio
import random
from dataclasses import replace

from arena.battle import battle, voting
from arena.battle.resume import resume_battle
from arena.battle.state import BattleView
from arena.site.site import Site

VISITOR = "visitor-1"


def with_members(site: Site, settings: dict | None = None, **options) -> Site:
    """The same site, where all members have these options."""
    members = tuple(replace(m, options={**m.options, **options}) for m in site.roster.members)
    settings = replace(site.roster.settings, **(settings or {}))
    roster = replace(site.roster, members=members, settings=settings)
    made = Site(roster, site.store, random.Random(1))
    made.contenders.load()
    return made


def play(site: Site, text: str = "Hello", view: BattleView | None = None) -> list[BattleView]:
    """The stages of one message, in a new battle where none is given."""

    async def run():
        opened = view or await battle.open_battle(site, VISITOR)
        return [grown async for grown in battle.send_message(site, opened, text)]

    return asyncio.run(run())


def play_again(site: Site, view: BattleView) -> BattleView:
    """The battle after those who did not finish were asked once more."""

    async def run():
        return [grown async for grown in battle.retry(site, view)]

    return asyncio.run(run())[-1]


def give_vote(site: Site, view: BattleView, choice: str = "left") -> BattleView:
    """The battle with its vote."""
    return asyncio.run(voting.vote(site, view, choice))


def resume(site: Site, visitor: str = VISITOR) -> BattleView | None:
    """What a page that is loaded shows of the visitor's battles."""
    return asyncio.run(resume_battle(site, visitor))
