"""A site without a page, whose listeners tests call as Gradio would."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from sqlite_utils.utils import sqlite3
from stored import unhurried

from arena.db.store import Store
from arena.pages.battle.events import BattleEvents
from arena.pages.chat.events import ChatEvents
from arena.site.site import Site
from blend.conversation import Conversation
from blend.roster import read


@contextmanager
def scripted(folder: Path, pace: float = 0.0, **first: object) -> Iterator[Site]:
    """A site on scripted members; what needs the file waits a moment only.

    pace: seconds a word. first: further options of the first member.
    """
    roster = read("scripted")
    members = [replace(m, options={**m.options, "pace": pace}) for m in roster.members]
    members[0] = replace(members[0], options={**members[0].options, **first})
    with closing(Store.open(folder / "arena.db", patience=0.05)) as store:
        store.database.clock = unhurried()
        site = Site(replace(roster, members=tuple(members)), store)
        site.contenders.load()
        yield site
        asyncio.run(site.aclose())


async def sent(tab: ChatEvents | BattleEvents, text: str, state=None, id: str = "") -> list:
    """What a message comes to: the tab's state, what is to be answered, the text that is taken."""
    *_, state, pending, taken = await tab.send(state, "v", id, None, text)
    return [state, pending, taken]


async def chatted(site: Site, text: str, state: Conversation | None = None) -> Conversation:
    """The conversation after a message and its reply."""
    tab = ChatEvents(site)
    state, _, taken = await sent(tab, text, state)
    assert taken == text
    return [view async for view in tab.reply(state, "v")][-1][1]


async def fought(site: Site, text: str = "Hello"):
    """A new battle after a message and both replies."""
    tab = BattleEvents(site)
    _, pending, _ = await sent(tab, text)
    return [view async for view in tab.reply(pending)][-1][2]


def rows(site: Site, sql: str) -> list[tuple]:
    """What another program reads in the file."""
    with closing(sqlite3.connect(f"file:{site.store.database.path}?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchall()


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Another program has the file to itself."""
    with closing(sqlite3.connect(site.store.database.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def full(site: Site) -> Iterator[None]:
    """No page more can be written, and none is free."""
    site.store.database.query("VACUUM")
    pages = site.store.database.query("PRAGMA page_count")[0][0]
    site.store.database.query(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        site.store.database.query("PRAGMA max_page_count = 1000000")
