"""The chat tab's listeners: a message is let in, answered once, and the page wakes after it."""

import asyncio
from contextlib import aclosing
from types import SimpleNamespace

import pytest

from arena.site import Site
from arena.store import Store
from arena.tabs import chat, refusal
from arena.tabs.chat import Chat
from arena.tabs.look import THINKING
from blend.roster import read


@pytest.fixture
def tab(tmp_path, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(refusal.gr, "Warning", said.append)
    site = Site(read("scripted"), Store.open(tmp_path / "arena.db"))
    site.load()
    made = Chat(site)
    made.said = said
    yield made
    site.store.close()


async def whole(tab: Chat, conversation, replaces=None):
    """The conversation after its reply, and how often the page was renewed."""
    views = [view async for view in tab.reply(conversation, replaces, "v")]
    return views[-1][1], len(views)


def replies(tab: Chat) -> list[tuple]:
    return tab.site.store._read("SELECT prompt, finished, parent FROM turns ORDER BY id")


def test_a_message_is_let_in_answered_and_can_be_asked_again(tab) -> None:
    async def story():
        *view, replaces, taken = await tab.let_in("Hello", "", None, "v")
        assert (replaces, taken, view[1]["stop_btn"]) == (None, "Hello", "Stop")
        answered, renewed = await whole(tab, view[-1])
        assert answered.turns[-1].finished and answered.drawn and 3 < renewed < 20
        assert (await tab.done(answered))[0]["submit_btn"] == "Send"

        *view, replaces, _ = await tab.regenerate(answered, "v")
        again, _ = await whole(tab, view[-1], replaces)
        assert len(again.turns) == 1 and again.turns[-1].id != answered.turns[-1].id
        return answered.turns[-1].id

    first = asyncio.run(story())
    assert replies(tab) == [("Hello", 1, None), ("Hello", 1, first)]


def test_a_thumb_goes_to_the_turn_whose_reply_it_is_under(tab) -> None:
    async def story():
        *_, asked, _, _ = await tab.let_in("One", "", None, "v")
        answered, _ = await whole(tab, asked)
        *_, asked, _, _ = await tab.let_in("Two", "", answered, "v")
        answered, _ = await whole(tab, asked)
        await tab.thumb(SimpleNamespace(index=3, liked=True), answered, "v")

    asyncio.run(story())
    read = tab.site.store._read("SELECT prompt, feedback FROM turns ORDER BY id")
    assert read == [("One", None), ("Two", 1)]


def test_while_a_reply_is_written_nothing_else_is_let_in(tab) -> None:
    async def story():
        *_, asked, _, _ = await tab.let_in("Hello", "", None, "v")
        async with aclosing(tab.reply(asked, None, "v")) as growing:
            _, half = await anext(growing)
            assert chat.gr.skip() == await tab.let_in("And?", "", half, "v")
            assert chat.gr.skip() == await tab.done(half)
            assert await tab.regenerate(half, "v") == chat.gr.skip()
            assert [view async for view in tab.reply(asked, None, "v")] == [chat.gr.skip()]
            answered = [view async for view in growing][-1][1]
        assert await whole_is_skipped(tab, answered)

    async def whole_is_skipped(tab, answered):
        return [view async for view in tab.reply(answered, None, "v")] == [chat.gr.skip()]

    asyncio.run(story())
    assert len(tab.said) == 1 and "still being written" in tab.said[0]
    assert replies(tab) == [("Hello", 1, None)]


def test_stop_keeps_what_was_said_and_the_next_message_goes_on(tab) -> None:
    async def story():
        *_, asked, _, _ = await tab.let_in("Hello", "", None, "v")
        async with aclosing(tab.reply(asked, None, "v")) as growing:
            _, half = await anext(growing)
        stopped = (await tab.settle(half))[-1]
        assert stopped.turns[-1].said and not stopped.turns[-1].finished
        *_, asked, _, _ = await tab.let_in("Go on", "", stopped, "v")
        return (await whole(tab, asked))[0]

    assert len(asyncio.run(story()).turns) == 2
    assert replies(tab) == [("Hello", 0, None), ("Go on", 1, None)]


THINKER = ["<think>I am of a kind.</think>Hello."]


@pytest.mark.parametrize("experiment", [False, True])
def test_the_page_says_that_a_member_thinks_unless_that_could_tell_who_it_is(
    tab, monkeypatch, experiment
) -> None:
    monkeypatch.setattr(chat, "THINKS", 0.0)
    tab.shown = None if experiment else tab.shown
    for member in tab.site.blend(tab.site.roster.focus).members.values():
        member._lines = THINKER

    async def story():
        *_, asked, _, _ = await tab.let_in("Hello", "", None, "v")
        return [log async for log, _ in tab.reply(asked, None, "v")]

    logs = asyncio.run(story())
    seen = [log[-1]["content"]["value"] for log in logs]
    assert (THINKING in seen) == ("of a kind" in seen[-1]) == (not experiment)
    assert "Hello." in seen[-1] and "of a kind" not in "".join(seen[:-1])
