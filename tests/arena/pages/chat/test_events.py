"""The chat's listeners: a message is accepted, answered once, and the page wakes after it."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import gradio as gr
import pytest
from page_events import chatted, fought, full, locked, rows, scripted, sent
from waiting import soon

from arena.pages.appearance import waiting
from arena.pages.chat import replies
from arena.pages.chat.actions import MessageActions, Said
from arena.pages.chat.events import ChatEvents
from arena.texts import ENGLISH

LONG = "word " * 200
"""A message whose reply lasts a while."""


@pytest.fixture
def site(tmp_path):
    with scripted(tmp_path, pace=0.003) as site:
        yield site


def run(work):
    return asyncio.run(work)


def turns(site) -> list[tuple]:
    return rows(site, "SELECT prompt, finished, parent FROM turns ORDER BY id")


def test_a_page_is_renewed_less_often_than_a_member_says_words(site):
    async def story():
        tab = ChatEvents(site)
        asked, *_ = await sent(tab, LONG)
        views = [view async for view in tab.reply(asked, "v")]
        return views, (await tab.done(views[-1][1])).box

    views, box = run(story())
    assert 2 < len(views) < 200 and views[-1][1].drawn and box["submit_btn"] == "Send"


def test_while_a_reply_is_written_nothing_else_is_accepted(site, notices):
    tab = ChatEvents(site)
    actions = MessageActions(tab)

    async def story():
        asked, *_ = await sent(tab, "Hello")
        assert await tab.send(asked, "v", "", None, "And?") == gr.skip()
        async with aclosing(tab.reply(asked, "v")) as growing:
            _, half = await anext(growing)
            assert await tab.send(half, "v", "", None, "And?") == gr.skip()
            assert await tab.done(half) == gr.skip()
            said = Said(half.turns[-1].id, liked=True, text="Other")
            for act in (actions.retry, actions.edit, actions.undo, actions.thumb):
                assert await act(half, "v", "", None, said) == gr.skip()
            assert [view async for view in tab.reply(asked, "v")] == [gr.skip()]
            answered = [view async for view in growing][-1][1]
        assert [view async for view in tab.reply(answered, "v")] == [gr.skip()]

    run(story())
    assert len(notices) == 6 and all("still being written" in each for each in notices)
    assert turns(site) == [("Hello", 1, None)]


def test_a_message_to_a_chat_that_another_window_changed_shows_it_as_it_stands(site, notices):
    first = run(chatted(site, "Hello"))
    second = run(chatted(site, "In the other window", first))
    state, pending, taken = run(sent(ChatEvents(site), "Here", first))
    assert (pending, taken) == (None, "") and "another window" in notices[0]
    assert [turn.id for turn in state.turns] == [turn.id for turn in second.turns]


def test_stop_keeps_what_was_said_and_the_next_message_goes_on(site):
    tab = ChatEvents(site)

    async def story():
        asked, *_ = await sent(tab, LONG)
        async with aclosing(tab.reply(asked, "v")) as growing:
            _, half = await anext(growing)
        stopped = (await tab.stop(half, "v"))[-1]
        assert stopped.turns[-1].has_reply and not stopped.turns[-1].finished
        return await chatted(site, "Go on", stopped)

    assert len(run(story()).turns) == 2
    assert [turn[1:] for turn in turns(site)] == [(0, None), (1, None)]


THINKER = ["<think>I am of a kind.</think>Hello."]


@pytest.mark.parametrize("experiment", [False, True])
def test_the_page_says_that_a_member_thinks_unless_that_could_tell_who_it_is(
    site, monkeypatch, experiment
):
    monkeypatch.setattr(replies, "THINKS", 0.0)
    tab = ChatEvents(site)
    tab.roster = None if experiment else tab.roster
    tab.look = replace(tab.look, roster=tab.roster)
    for member in site.contenders.blend(site.roster.focus).members.values():
        member._lines = THINKER

    async def story():
        asked, *_ = await sent(tab, "Hello")
        return [log async for log, _ in tab.reply(asked, "v")]

    logs = run(story())
    seen = [log[-1]["content"]["value"] for log in logs]
    thinks = any(waiting(ENGLISH, thinks=True) in each for each in seen)
    assert thinks == ("of a kind" in seen[-1]) == (not experiment)
    assert "Hello." in seen[-1] and "of a kind" not in "".join(seen[:-1])


def test_a_chat_that_a_server_forgot_goes_on_is_rated_and_taken_back(site, notices):
    first = run(chatted(site, "Hello"))
    last = run(chatted(site, "And?", first)).turns[-1].id
    *_, asked, replaces, _ = run(forgotten(site).retry(None, "v", first.id, None, Said(last)))
    assert [turn.prompt for turn in asked.turns] == ["Hello", "And?"] and replaces == last

    async def reply():  # of another server than the one that accepted the message
        tab = ChatEvents(site)
        return [view async for view in tab.reply(None, "v", first.id, replaces=replaces)]

    last = run(reply())[-1][1].turns[-1]
    assert last.finished
    run(forgotten(site).thumb(None, "v", first.id, None, Said(last.id, liked=True)))
    assert rows(site, "SELECT feedback FROM turns WHERE feedback IS NOT NULL") == [(1,)]
    *_, conversation, returned = run(forgotten(site).undo(None, "v", first.id, None, Said(last.id)))
    assert len(conversation.turns) == 1 and returned == "And?"
    assert run(ChatEvents(site).clear())[-1] is None and notices == []


def forgotten(site) -> MessageActions:
    """What a server that was started anew does at a message."""
    return MessageActions(ChatEvents(site))


def test_without_texts_a_chat_says_that_it_is_gone(site, notices):
    site.store.database.keep_texts = False
    conversation = run(chatted(site, "Hello"))
    assert run(sent(ChatEvents(site), "And?", None, conversation.id)) == [None, None, ""]
    assert "does not keep" in notices[0]


@pytest.mark.parametrize("fault", [locked, full])
def test_a_later_message_that_cannot_be_stored_stays_in_the_box(site, notices, fault):
    text = "Keep me. " * 500

    async def story():
        before = await chatted(site, "First")
        stored = rows(site, "SELECT * FROM turns")
        with fault(site):
            assert await sent(ChatEvents(site), text, before) == [before, None, ""]
        assert rows(site, "SELECT * FROM turns") == stored  # nothing was changed, as it says
        return await chatted(site, text, before)

    assert run(story()).turns[-1].finished and notices == [ENGLISH("page.unstored")]
    assert rows(site, "SELECT count(*), sum(finished) FROM turns") == [(2, 2)]


@pytest.mark.parametrize("stop", [False, True])
def test_a_reply_that_ends_while_the_file_is_locked_is_stored_later_or_at_the_stop(
    site, notices, stop
):
    tab = ChatEvents(site)

    async def story():
        asked, *_ = await sent(tab, LONG)
        growing = tab.reply(asked, "v")
        await anext(growing)
        site.replies.deferred.pause = 60 if stop else site.replies.deferred.pause
        with locked(site):
            after = [view async for view in growing][-1][1]
            assert len(site.replies.deferred) == 1
        if stop:
            await site.aclose()
        return after

    after = run(story())
    soon(lambda: not site.replies.in_progress(after.id))
    assert notices == [ENGLISH("chat.later")] and after.turns[-1].finished
    assert rows(site, "SELECT reply, finished FROM turns") == [(after.turns[-1].reply, 1)]


def test_a_persona_counts_as_well(tmp_path, notices):
    with scripted(tmp_path, window=40) as site:
        persona = ("word " * 15, "I have two dogs and a cat.")
        run(ChatEvents(site).send(None, "v", "", None, *persona))
    assert "read at most 13 beside the system message" in notices[0]


async def opened(site, id: str, visitor: str = "v") -> tuple:
    """What the page shows after a chat was opened by its id."""
    return [view async for view in ChatEvents(site).open(visitor, id)][-1]


def test_a_chat_is_opened_by_its_id_for_its_own_visitor_only(site, notices):
    first = run(chatted(site, "The first"))
    run(chatted(site, "The second"))
    log, *_, state = run(opened(site, first.id))
    assert [turn.prompt for turn in state.turns] == ["The first"] and "The first" in f"{log}"
    log, *_, state = run(opened(site, first.id, "somebody-else"))
    assert state is None and log["placeholder"] == ENGLISH("chat.unknown")
    assert run(opened(site, "")).state is None and notices == []


def test_a_new_chat_is_without_the_persona_of_the_one_that_was_opened(site):
    page = ChatEvents(site)

    async def story():
        *_, asked, _, _ = await page.send(None, "v", "", None, "Hello", "I ski.")
        [view async for view in page.reply(asked, "v")]
        shown = await opened(site, asked.id)
        return shown.persona, (await page.clear()).persona, await opened(site, "unknown")

    persona, new, missing = run(story())
    assert (persona["value"], persona["interactive"]) == ("I ski.", False)
    assert (new["value"], new["interactive"]) == ("", True)
    assert "value" not in missing.persona, "what was typed for a new chat stays at a load"


def test_a_side_of_a_battle_is_no_chat(site, notices):
    run(fought(site))
    ((id,),) = rows(site, "SELECT left_conversation FROM battles")
    log, *_, state = run(opened(site, id))
    assert state is None and "alder" not in f"{log}"
    assert run(sent(ChatEvents(site), "Go on", None, id)) == [None, None, ""]
    assert len(notices) == 1
