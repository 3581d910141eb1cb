"""A page that shows another chat by now: what was asked for before takes no place in it."""

import asyncio
from types import SimpleNamespace

import gradio as gr
import pytest
from page_events import rows, scripted

from arena.pages.chat import page_view
from arena.pages.chat.actions import MessageActions, Said
from arena.pages.chat.events import ChatEvents
from arena.texts import ENGLISH

KEPT = [gr.skip()] * 7
"""Every component of the page as it is."""

LONG = "word " * 200


def page(name: str) -> SimpleNamespace:
    """A request of one open page."""
    return SimpleNamespace(
        session_hash=name, query_params={}, headers={}, client=None, request=None
    )


@pytest.fixture
def tab(tmp_path):
    with scripted(tmp_path, pace=0.003) as site:
        yield ChatEvents(site)


def prompts(tab: ChatEvents) -> list[tuple]:
    return rows(tab.site, "SELECT prompt, finished FROM turns WHERE NOT undone ORDER BY rowid")


def test_a_message_that_is_let_in_too_late_is_kept_and_not_shown(tab):
    async def story():
        sending = asyncio.create_task(tab.send(None, "v", "", page("a"), "Hello"))
        await asyncio.sleep(0)
        await tab.clear(page("a"))
        return [*await sending]

    assert asyncio.run(story()) == [*KEPT, None, "Hello"]
    assert prompts(tab) == [("Hello", 0)]


def test_of_two_messages_at_once_the_second_waits(tab, notices):
    async def story():
        both = (tab.send(None, "v", "", page("a"), text) for text in ("One", "Two"))
        return await asyncio.gather(*both)

    first, second = asyncio.run(story())
    assert first[-1] == "One" and second == gr.skip() and notices == [ENGLISH("chat.busy")]
    assert prompts(tab) == [("One", 0)]


@pytest.mark.parametrize("leaves", ["clear", "open", "stop"])
def test_a_reply_ends_where_its_chat_is_left_or_stopped(tab, leaves):
    async def story():
        *_, id, asked, replaces, _ = await tab.send(None, "v", "", page("a"), LONG)
        growing = tab.reply(asked, "v", id, page("a"), replaces)
        _, half = await anext(growing)
        if leaves == "open":
            _ = [view async for view in tab.open("v", "", page("a"))]
        else:
            await (
                tab.clear(page("a")) if leaves == "clear" else tab.stop(half, "v", id, page("a"))
            )
        assert [view async for view in growing] == []
        shown = half if leaves == "stop" else None
        return half, await tab.done(shown, "v", id, page("a"))

    half, done = asyncio.run(story())
    assert prompts(tab) == [(LONG.strip(), 0)]
    said = done.log if isinstance(done.log, list) else done.log["value"]
    assert len(said) == (2 if leaves == "stop" else 0)
    assert done.shown == (half.id if leaves == "stop" else "") and done.box["submit_btn"] == "Send"


def test_what_was_meant_for_another_chat_is_not_done_in_this_one(tab, notices):
    async def story():
        *_, first, one, _, _ = await tab.send(None, "v", "", page("a"), "One")
        _ = [view async for view in tab.reply(one, "v", first, page("a"))]
        await tab.clear(page("a"))
        late = await tab.send(None, "v", first, page("a"), "Two")
        undo = await MessageActions(tab).undo(one, "v", first, page("a"), Said(one.turns[-1].id))
        assert undo == gr.skip()  # the state has not come yet
        assert [view async for view in tab.reply(one, "v", first, page("a"))] == [gr.skip()]
        assert (await tab.done(one, "v", first, page("a"))) == gr.skip()
        return late, await tab.send(None, "v", first, page("b"), "Two")

    late, again = asyncio.run(story())
    assert late[0]["value"] == [] and late[5:] == ("", None, None, "")
    assert notices == [ENGLISH("chat.moved")] * 2
    assert again[-1] == "Two"  # a page that the server does not know is believed
    assert [prompt for prompt, _ in prompts(tab)] == ["One", "Two"]


def test_what_comes_before_the_chat_that_is_opened_is_done_there(tab):
    async def story():
        ids = []
        for text in ("One", "Two"):
            *_, id, state, replaces, _ = await tab.send(None, "v", "", page("a"), text)
            _ = [view async for view in tab.reply(state, "v", id, page("a"), replaces)]
            await tab.clear(page("a"))
            ids.append(id)
        _ = [view async for view in tab.open("v", ids[0], page("a"))]
        # Gradio's session has the state of before still.
        return ids[0], await tab.send(state, "v", ids[0], page("a"), "Three")

    first, sent = asyncio.run(story())
    assert sent[5] == first and [turn.prompt for turn in sent[6].turns] == ["One", "Three"]


def test_a_server_remembers_so_many_pages(monkeypatch):
    monkeypatch.setattr(page_view, "REMEMBERED", 2)
    views = page_view.PageViews()
    first = views.begin(page("a"), "1")
    assert views.now(page("a"), "2") is first and views.shows(page("a"), first)
    for name in "bc":
        views.begin(page(name))
    assert views.now(page("a"), "2").id == "2"
    assert not views.shows(page("a"), first)
