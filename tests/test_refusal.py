"""A message that cannot be taken is told in a sentence, and stays in the box."""

import asyncio
import inspect

import pytest

from arena.site import Site
from arena.store import Store
from arena.tabs import refusal
from arena.tabs.chat import Chat
from arena.tabs.rounds import Duel
from blend.roster import read


@pytest.fixture
def told(monkeypatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(refusal.gr, "Warning", said.append)
    return said


@pytest.fixture
def site(tmp_path):
    site = Site(read("scripted"), Store.open(tmp_path / "arena.db"))
    site.load()
    yield site
    site.store.close()


def last(listener):
    """What a listener returns, or yields last."""

    async def run():
        if inspect.iscoroutine(listener):
            return await listener
        return [view async for view in listener][-1]

    return asyncio.run(run())


def test_while_models_load_a_message_waits_in_the_box(site, told):
    site = Site(site.roster, site.store)
    last(Chat(site).let_in("Hi", "", None, "v"))
    last(Duel(site).send("Hi", None, "v"))
    assert told == [site.notice] * 2 and "loading" in told[0]


@pytest.mark.parametrize("visitor", [None, "", 7])
def test_nobody_s_message_is_not_taken(site, told, visitor):
    last(Chat(site).let_in("Hi", "", None, visitor))
    assert told == ["The page is still starting: try again in a second."]


def test_an_empty_message_says_so(site, told):
    view = last(Duel(site).send("  ", None, "v"))
    assert told == ["The message is empty: write something first."]
    assert view[-1] is None and view[2]["value"] == "  "


@pytest.mark.parametrize("make", [Chat, Duel])
def test_a_database_that_fails_loses_no_message(site, told, make, caplog):
    site.store.close()
    tab = make(site)
    listener = (
        tab.let_in("Keep me", "", None, "v") if make is Chat else tab.send("Keep me", None, "v")
    )
    box = last(listener)[1 if make is Chat else 2]

    assert told == [refusal.UNSTORED] and box["value"] == "Keep me"
    assert "arena.db" in caplog.text


def test_a_vote_that_cannot_be_stored_tells_no_names(site, told):
    duel = Duel(site)
    stage = last(duel.send("Hi", None, "v"))[-1]
    site.store.close()
    asyncio.run(duel.vote("left", stage, "v"))
    assert told == [refusal.UNSTORED]
