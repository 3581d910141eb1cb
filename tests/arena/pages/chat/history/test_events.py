"""What visitors do in their list of chats: only their own ones, whatever the browser claims."""

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
from page_events import chatted, fought, locked, scripted

from arena.pages.chat.actions import MessageActions, Said
from arena.pages.chat.events import ChatEvents
from arena.pages.chat.history.chat_list import ChatList
from arena.pages.chat.history.events import HistoryEvents
from arena.site.identity import ACCOUNT
from arena.texts import ENGLISH


@pytest.fixture
def quiet(tmp_path):
    """A site that stores no texts."""
    (tmp_path / "quiet").mkdir()
    with scripted(tmp_path / "quiet") as site:
        site.settings = replace(site.settings, texts=False)
        site.store.database.keep_texts = False
        yield site


def run(work):
    return asyncio.run(work)


def done(site, act, listed=None, talk=None, visitor="v", search="", preview="", **told):
    """The list after an act of a visitor's; None where the page stays as it is."""
    events = HistoryEvents(site, ChatEvents(site))
    data = gr.EventData(None, {"index": told.get("id"), "value": told.get("value")})
    shown = talk.id if talk else ""
    page = (listed, talk, visitor, shown, search, preview, 0)
    result = run(getattr(events, act)(*page, request=None, data=data))
    return None if result == gr.skip() else result


def export(site, listed, id, form="md", talk=None, visitor="v"):
    events = HistoryEvents(site, ChatEvents(site))
    data = gr.EventData(None, {"index": id, "value": form})
    return run(events.export(listed, talk, visitor, talk.id if talk else "", None, data))


def titles(result):
    return [each.title for each in result[0].chats]


def test_the_list_grows_with_what_is_said_and_by_pages(site, monkeypatch):
    monkeypatch.setattr("arena.pages.chat.history.events.PAGE", 2)
    first, *_ = [run(chatted(site, text)) for text in ("One", "Two", "Three")]
    listed = done(site, "show")
    assert titles(listed) == ["Three", "Two"] and listed[0].more and "Show more" in listed[1]
    listed = done(site, "extend", listed[0])
    assert titles(listed) == ["Three", "Two", "One"] and not listed[0].more
    first = run(chatted(site, "And?", first))
    listed = done(site, "renew", listed[0], first)
    assert titles(listed) == ["One", "Three", "Two"] and 'aria-current="page"' in listed[1]
    assert done(site, "renew", listed[0], first) is None, "the list is as it was: nothing is sent"
    whole = titles(done(site, "show"))
    for act, told in (("renew", {}), ("rename", {"id": first.id, "value": "One"})):
        after = done(site, act, None, first, **told)
        assert titles(after) == whole, "a server that was started anew reads all of it"


def renewed(site, listed, talk):
    """The list that the page has after something was said or taken back in a chat."""
    return (done(site, "renew", listed, talk) or (listed,))[0]


def test_a_chat_whose_first_message_was_taken_back_leaves_the_list(site, quiet):
    for where in (site, quiet):
        other, talk = run(chatted(where, "Another")), run(chatted(where, "Hello"))
        listed = renewed(where, renewed(where, None, other), talk)
        last = Said(talk.turns[-1].id)
        undone = run(MessageActions(ChatEvents(where)).undo(talk, "v", talk.id, None, last))[-2]
        listed = renewed(where, listed, undone)
        assert not undone.turns and titles((listed,)) == ["Another"]
        listed = renewed(where, listed, run(chatted(where, "Once more", undone)))
        assert titles((listed,)) == ["Once more", "Another"]


@pytest.mark.parametrize("act", ["rename", "delete"])
def test_what_cannot_be_stored_says_so_and_leaves_the_list(site, notices, act):
    talk = run(chatted(site, "Mine"))
    listed = done(site, "show")[0]
    with locked(site):
        assert titles(done(site, act, listed, id=talk.id, value="Ours")) == ["Mine"]
    assert notices == [ENGLISH("page.unstored")]


def test_words_are_searched_and_a_search_stays_while_somebody_talks(site):
    talk = run(chatted(site, "A recipe of apple pie"))
    run(chatted(site, "Weather"))
    found = done(site, "show", search=" apple ")
    assert titles(found) == ["A recipe of apple pie"]
    assert "No chat of yours" in done(site, "show", search="${alert(1)}")[1]
    assert done(site, "renew", found[0], talk, search="apple") is None


def test_only_ones_own_chats_are_renamed_deleted_and_exported(site, notices):
    run(fought(site, "A battle"))
    ((side,),) = site.store.database.query("SELECT left_conversation FROM battles")
    mine, theirs = run(chatted(site, "Mine")), "0198f1f0-0000-7000-8000-000000000000"
    for id in (side, theirs, "", "x" * 5000):
        for act in ("rename", "delete"):
            assert titles(done(site, act, done(site, "show")[0], id=id, value="T")) == ["Mine"]
        assert export(site, None, id) == ("", "")
    assert export(site, None, mine.id, visitor="w") == ("", "")
    assert len({*notices}) == 1 and "no such chat" in notices[0] and len(notices) == 13
    assert titles(done(site, "rename", done(site, "show")[0], id=mine.id, value="Ours")) == ["Ours"]
    assert export(site, None, mine.id)[0] == "Ours.md"
    assert titles(done(site, "delete", done(site, "show")[0], id=mine.id)) == []
    assert site.store.conversations.load(mine.id, "v") is None


@pytest.mark.parametrize("visitor", [None, "", 7, ["v"]])
def test_before_the_visitor_is_known_nothing_is_listed(site, visitor):
    run(chatted(site, "Mine"))
    assert done(site, "show", visitor=visitor) is None
    assert done(site, "show", preview="alder") is None, "nor in the host's preview"


def test_an_account_is_not_believed_without_its_login(site, notices):
    account = f"{ACCOUNT}{'0' * 24}"
    assert titles(done(site, "show", visitor=account)) == [] and "login has ended" in notices[0]
    assert export(site, None, "x", visitor=account) == ("", "") and len(notices) == 2


def test_during_an_experiment_an_export_tells_no_arm(site):
    talk = run(chatted(site, "Hello"))
    events = HistoryEvents(site, ChatEvents(site))
    events.chat.roster = None
    for form in ("md", "json"):
        data = gr.EventData(None, {"index": talk.id, "value": form})
        _, text = run(events.export(None, talk, "v", talk.id, None, data))
        assert "Hello" in text and not re.search(r"chance|member|· \d", text)


def test_where_no_texts_are_stored_the_page_remembers_its_own_chats_only(quiet, notices):
    first, second = run(chatted(quiet, "The first")), run(chatted(quiet, "The second"))
    assert titles(done(quiet, "show")) == []
    listed, html = done(quiet, "renew", None, first)
    assert "Only this page has these chats" in html
    again = run(chatted(quiet, "And more", first))
    listed, _ = done(quiet, "leave", listed, again)
    listed, _ = done(quiet, "renew", listed, second)
    assert titles((listed,)) == ["The second", "The first"]
    reopened = run(HistoryEvents(quiet, ChatEvents(quiet)).reopen(listed, first.id))
    assert [turn.prompt for turn in reopened[-1].turns] == ["The first", "And more"]
    assert titles(done(quiet, "show", listed, search="MORE")) == ["The first"]
    listed, _ = done(quiet, "rename", listed, id=first.id, value=" Kept ")
    assert titles((listed,)) == ["The second", "Kept"]
    name, text = export(quiet, listed, first.id, "json")
    assert name == "Kept.json" and len(json.loads(text)["turns"]) == 2
    assert "And more" in export(quiet, listed, first.id, talk=again)[1]
    listed, _ = done(quiet, "delete", listed, id=second.id)
    assert titles((listed,)) == ["Kept"] and notices == []
    assert done(quiet, "leave", listed, second) is None, "what was deleted is not remembered again"
    gone = run(HistoryEvents(quiet, ChatEvents(quiet)).reopen(listed, second.id))
    assert gone.state is None and "is not kept here" in f"{gone.log}"
    assert b"The first" not in Path(quiet.store.database.path).read_bytes()


def test_a_page_remembers_fifty_chats_at_most(quiet):
    talk, listed = run(chatted(quiet, "Hello")), ChatList()
    for n in range(60):
        listed = listed.keep(replace(talk, id=str(n)), float(n))
    assert [*listed.kept] == [str(n) for n in range(59, 9, -1)]
