"""A server that remembers nothing of a page, as after a restart, finds what it shows."""

import asyncio
from dataclasses import replace

import gradio as gr
import pytest
from conftest import unhurried

from arena.site import Site
from arena.store import Store
from arena.tabs import refusal
from arena.tabs.chat import Chat
from arena.tabs.rounds import Duel
from blend.roster import read


@pytest.fixture
def site(tmp_path):
    site = Site(read("scripted"), Store.open(tmp_path / "arena.db"))
    site.store.clock = unhurried()
    site.load()
    yield site
    site.store.close()


def run(work):
    return asyncio.run(work)


async def fought(site, text="Hello", stage=None):
    """The battle after a message."""
    duel = Duel(site)
    *_, asked, _ = await duel.send(text, stage, "v")
    return [view async for view in duel.fight(asked)][-1][2]


async def answered(site, text="Hello", conversation=None, shown=""):
    tab = Chat(site)
    *_, asked, _, taken = await tab.let_in(text, "", conversation, "v", "", shown)
    assert taken == text
    return [view async for view in tab.reply(asked, None, "v")][-1][1]


def test_a_vote_counts_for_the_battle_that_the_page_shows_not_for_the_latest(site, told):
    first, second = run(fought(site)), run(fought(site))
    view = run(Duel(site).vote("left", None, "v", first.battle))
    assert "Your vote is in" in view[3] and told == []
    states = {b: site.store.battle(b).status for b in (first.battle, second.battle)}
    assert states == {first.battle: "voted", second.battle: "ready"}


@pytest.mark.parametrize("shown", ["", None, "no-such-battle", 7])
def test_without_a_battle_of_theirs_there_is_nothing_to_vote_on(site, told, shown):
    other = run(fought(site))
    assert run(Duel(site).vote("left", None, "v", shown)) == gr.skip()
    assert run(Duel(site).vote("left", None, "w", other.battle)) == gr.skip()
    assert len(told) == 2 and site.store.battle(other.battle).status == "ready"


def test_a_battle_that_ends_after_it_was_left_does_not_come_back(site):
    other, stage = run(fought(site)), run(fought(site))
    run(Duel(site).renew(stage, "v", stage.battle))
    assert run(Duel(site).done(other, "v", other.battle))[-1] == other  # that of another window
    for late in (stage, replace(stage, status="void", note="Skipped."), None):
        assert run(Duel(site).done(late, "v", stage.battle))[-1] is None


def test_a_battle_goes_on_is_left_and_is_tried_again(site, told):
    stage = run(fought(site))
    *_, asked, taken = run(Duel(site).send("More", None, "v", stage.battle))
    assert (asked.before.battle, asked.before.turns, taken) == (stage.battle, 1, "More")
    assert run(Duel(site).renew(None, "v", stage.battle))[-1] is None
    assert site.store.battle(stage.battle).void_reason == "skipped"

    cut = run(fought(site))
    site.store._write("UPDATE battles SET status = 'void', void_reason = 'a side did not finish'")
    site.store._write("UPDATE turns SET finished = 0")
    *_, asked, _ = run(Duel(site).again(None, "v", cut.battle))
    assert asked.again and asked.before.battle == cut.battle and told == []


def test_a_chat_goes_on_where_it_was(site, told):
    before = run(answered(site))
    after = run(answered(site, "And?", None, before.id))
    assert after.id == before.id and [t.prompt for t in after.turns] == ["Hello", "And?"]
    *_, asked, replaces, _ = run(Chat(site).regenerate(None, "v", "", before.id))
    assert replaces == after.turns[-1].id and asked.turns[-1].prompt == "And?"


def test_a_reply_is_taken_back_liked_and_put_away(site, told):
    before = run(answered(site))
    liked = gr.LikeData(None, {"index": 1, "value": "", "liked": True})
    run(Chat(site).thumb(liked, None, "v", before.id))
    assert site.store._read("SELECT feedback FROM turns") == [(1,)]
    *_, conversation, returned = run(Chat(site).undo(None, "v", before.id))
    assert conversation.turns == () and returned == "Hello"
    run(Chat(site).clear(None, "v", before.id))
    assert site.store.latest_chat("v") is None and told == []


def test_the_reply_itself_is_found(site, told):
    *_, shown, asked, _, _ = run(Chat(site).let_in("Hello", "", None, "v"))

    async def reply():
        return [view async for view in Chat(site).reply(None, None, "v", "", shown)]

    assert run(reply())[-1][1].turns[-1].finished and shown == asked.id


def test_without_texts_a_vote_works_and_a_chat_says_that_it_is_gone(site, told):
    site.store.keep_texts = False
    stage, conversation = run(fought(site)), run(answered(site))
    view = run(Duel(site).vote("right", None, "v", stage.battle))
    assert "You said: B is better. It counts." in view[4]
    assert "value" not in view[0] and view[0]["label"].startswith("A · ")  # the texts stay there

    *view, _, taken = run(Chat(site).let_in("And?", "", None, "v", "", conversation.id))
    assert taken == "" and "not kept here" in told[0] and view[-1] is None


def test_what_cannot_be_read_leaves_the_page_as_it_is(site, told):
    site.store.close()
    assert run(Duel(site).vote("left", None, "v", "some-battle")) == gr.skip()
    assert run(Chat(site).let_in("Hi", "", None, "v", "", "some-chat")) == gr.skip()
    assert told == [refusal.UNREAD] * 2
