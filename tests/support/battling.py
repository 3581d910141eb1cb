"""Battles as a page plays them, without a page: messages, votes, what comes back after a reload."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from stored import unhurried

from arena.battle import battle, voting
from arena.battle.resume import resume_battle
from arena.battle.state import BattleView
from arena.db.store import Store
from arena.site.site import Site
from blend.roster import read

VISITOR = "visitor-1"


@contextmanager
def scripted_battles(folder: Path) -> Iterator[Site]:
    """A site on scripted members that need no time, and on a file of its own."""
    with closing(Store.open(folder / "arena.db")) as store:
        store.database.clock = unhurried()
        yield with_members(Site(read("scripted"), store), pace=0.0)


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


def rows(site: Site, sql: str) -> list[tuple]:
    """What another program reads in the file."""
    with sqlite3.connect(f"file:{site.store.database.path}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()
