"""A database that is locked or full: no message is lost, and what the page says is true."""

import asyncio
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlite_utils.utils import sqlite3

from arena.site import Site
from arena.store import Store
from arena.tabs import chat as chat_tab
from arena.tabs import refusal, rounds
from arena.tabs.chat import Chat
from arena.tabs.rounds import Duel
from blend.roster import read

LONG = "word " * 200
"""A message whose reply lasts a while."""


@pytest.fixture
def site(tmp_path):
    roster = read("scripted")
    slow = (replace(m, options={**m.options, "pace": 0.003}) for m in roster.members)
    roster = replace(roster, members=tuple(slow))
    site = Site(roster, Store.open(tmp_path / "arena.db", patience=0.05))
    site.load()
    yield site
    asyncio.run(site.aclose())
    site.store.close()


@contextmanager
def locked(site):
    """Another program has the file to itself."""
    other = sqlite3.connect(site.store.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.close()


@contextmanager
def full(site):
    """No page more can be written, and none is free."""
    site.store._read("VACUUM")
    pages = site.store._read("PRAGMA page_count")[0][0]
    site.store._read(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        site.store._read("PRAGMA max_page_count = 1000000")


def rows(site, sql: str) -> list[tuple]:
    with sqlite3.connect(f"file:{site.store.path}?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


def soon(site, sql: str, wanted: list[tuple]) -> bool:
    until = time.monotonic() + 10
    while rows(site, sql) != wanted and time.monotonic() < until:
        time.sleep(0.02)
    return rows(site, sql) == wanted


async def answered(tab: Chat, text: str, conversation):
    """The conversation after a message and its reply."""
    *_, asked, _, taken = await tab.let_in(text, "", conversation, "v")
    assert taken == text
    return [view async for view in tab.reply(asked, None, "v")][-1][1]


@pytest.mark.parametrize("fault", [locked, full])
@pytest.mark.parametrize("earlier", [0, 1])
def test_a_chat_message_that_cannot_be_stored_stays_in_the_box(site, told, fault, earlier):
    tab, text = Chat(site), "Keep me. " * 500

    async def story():
        before = await answered(tab, "First", None) if earlier else None
        stored = rows(site, "SELECT * FROM turns")
        with fault(site):
            *_, conversation, _, taken = await tab.let_in(text, "", before, "v")
        assert taken == "" and told == [refusal.UNSTORED] and conversation == before
        assert rows(site, "SELECT * FROM turns") == stored  # nothing was changed, as it says
        return await answered(tab, text, conversation)

    after = asyncio.run(story())
    assert told == [refusal.UNSTORED] and after.turns[-1].finished
    assert rows(site, "SELECT count(*), sum(finished) FROM turns") == [(1 + earlier,) * 2]


def test_a_reply_that_ends_while_the_file_is_locked_is_stored_later(site, told):
    tab = Chat(site)

    async def story():
        *_, asked, _, _ = await tab.let_in(LONG, "", None, "v")
        growing = tab.reply(asked, None, "v")
        await anext(growing)
        with locked(site):
            after = [view async for view in growing][-1][1]
            assert len(site.deferred) == 1
        return after

    after = asyncio.run(story())
    assert told == [chat_tab.LATER] and after.turns[-1].finished
    assert soon(site, "SELECT reply, finished FROM turns", [(after.turns[-1].reply, 1)])
    assert not site.written(after.id) and asyncio.run(answered(tab, "Go on", after)).turns[1].said


def test_a_battle_that_ends_while_the_file_is_locked_can_be_voted_on_later(site, told):
    duel = Duel(site)

    async def story():
        *_, asked, _ = await duel.send(LONG, None, "v")
        growing = duel.fight(asked)
        while (beat := (await anext(growing))[2]) and not beat.conversations["left"].turns[-1].said:
            pass
        with locked(site):
            while not told:
                await anext(growing)
            assert site.written(beat.battle)
        *_, (_, _, stage, _, returned) = [view async for view in growing]
        return stage, returned

    stage, returned = asyncio.run(story())
    assert told == [rounds.LATER] and (stage.status, returned) == ("ready", "")
    assert rows(site, "SELECT status FROM battles") == [("ready",)]
    assert "Your vote is in" in asyncio.run(duel.vote("tie", stage, "v"))[3]


def test_a_battle_message_that_cannot_be_stored_leaves_all_as_it_was(site, told):
    duel, text = Duel(site), "Keep me"

    async def story():
        with locked(site):
            *_, stage, asked, taken = await duel.send(text, None, "v")
        assert (stage, asked, taken, told) == (None, None, "", [refusal.UNSTORED])
        *_, asked, _ = await duel.send(text, None, "v")
        with locked(site):
            *_, (_, _, stage, _, returned) = [view async for view in duel.fight(asked)]
        assert returned == text and stage == asked.before
        *_, asked, _ = await duel.send(text, stage, "v")
        return [view async for view in duel.fight(asked)][-1]

    _, _, stage, _, returned = asyncio.run(story())
    assert (stage.status, stage.turns, returned) == ("ready", 1, "")
    assert told == [refusal.UNSTORED] * 2
    assert rows(site, "SELECT status, turns FROM battles") == [("ready", 1)]


def test_a_battle_whose_texts_find_no_room_gives_the_message_back(site, told):
    duel, text = Duel(site), "Keep me. " * 500

    async def story():
        *_, asked, _ = await duel.send(text, None, "v")
        with full(site):
            return [view async for view in duel.fight(asked)][-1]

    _, _, stage, _, returned = asyncio.run(story())
    assert (stage.status, returned, told) == ("void", text, [])
    assert "does not count" in stage.note
    assert rows(site, "SELECT status FROM battles") == [("void",)]


def test_a_battle_that_cannot_be_left_is_as_it_was(site, told):
    duel = Duel(site)

    async def story():
        *_, asked, _ = await duel.send("Hello", None, "v")
        stage = [view async for view in duel.fight(asked)][-1][2]
        with locked(site):
            return (await duel.renew(stage))[-1], stage

    shown, stage = asyncio.run(story())
    assert shown == stage and told == [refusal.UNSTORED]
    assert rows(site, "SELECT status FROM battles") == [("ready",)]


def test_what_waits_to_be_stored_is_stored_at_the_stop(site, told):
    tab = Chat(site)

    async def story():
        *_, asked, _, _ = await tab.let_in(LONG, "", None, "v")
        growing = tab.reply(asked, None, "v")
        await anext(growing)
        site.deferred.pause = 60
        with locked(site):
            async for _ in growing:
                pass
        await site.aclose()

    asyncio.run(story())
    assert rows(site, "SELECT finished FROM turns") == [(1,)]
