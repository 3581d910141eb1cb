"""Chat and arena: a message that cannot be taken is told in a sentence, and stays in the box."""

import asyncio

import gradio as gr
import pytest
from page_events import locked, rows, scripted, sent

from arena.pages.battle.events import BattleEvents
from arena.pages.chat.events import ChatEvents
from arena.site.site import Site
from arena.texts import ENGLISH

pytestmark = pytest.mark.parametrize("tab_of", [ChatEvents, BattleEvents], ids=["chat", "battle"])


def test_while_models_load_a_message_waits_in_the_box(site, notices, tab_of):
    site = Site(site.roster, site.store)
    asyncio.run(tab_of(site).send(None, "v", "", None, "Hi"))
    assert notices == [site.contenders.notice()] and "loading" in notices[0]


@pytest.mark.parametrize("visitor", [None, "", 7])
def test_nobody_s_message_is_not_taken(site, notices, tab_of, visitor):
    asyncio.run(tab_of(site).send(None, visitor, "", None, "Hi"))
    assert notices == ["The page is still starting: try again in a second."]


def test_an_empty_message_says_so(site, notices, tab_of):
    assert asyncio.run(sent(tab_of(site), "  ")) == [None, None, ""]
    assert notices == ["The message is empty: write something first."]


def test_a_database_that_fails_loses_no_message(site, notices, tab_of, caplog):
    site.store.close()
    assert asyncio.run(sent(tab_of(site), "Keep me"))[-1] == ""  # only what is taken leaves the box
    assert notices == [ENGLISH("page.unstored")] and "arena.db" in caplog.text


def test_what_cannot_be_read_leaves_the_page_as_it_is(site, notices, tab_of, caplog):
    site.store.close()
    assert asyncio.run(tab_of(site).send(None, "v", "some-id", None, "Hi")) == gr.skip()
    assert notices == [ENGLISH("page.unread")] and "arena.db" in caplog.text


def test_what_one_member_could_not_read_is_refused_before_anything_is_drawn_or_stored(
    tmp_path, notices, tab_of
):
    with scripted(tmp_path, window=40) as site:
        for _ in range(8):  # whoever would be drawn
            assert asyncio.run(sent(tab_of(site), "word " * 21)) == [None, None, ""]
        assert rows(site, "SELECT id FROM conversations") == []
    assert set(notices) == {
        "This message has about 21 tokens; the models here read at most 20: "
        "shorten it to about 94 characters."
    }


def test_a_message_that_cannot_be_stored_leaves_all_as_it_was(site, notices, tab_of):
    with locked(site):
        assert asyncio.run(sent(tab_of(site), "Keep me")) == [None, None, ""]
    assert notices == [ENGLISH("page.unstored")] and rows(site, "SELECT * FROM turns") == []
    assert asyncio.run(sent(tab_of(site), "Keep me"))[-1] == "Keep me"
