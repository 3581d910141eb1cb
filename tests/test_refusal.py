"""A message that cannot be taken is told in a sentence, and stays in the box."""

import asyncio
import inspect
from dataclasses import replace

import gradio as gr
import pytest

from arena.site import Site
from arena.store import Store
from arena.tabs import refusal
from arena.tabs.chat import Chat
from arena.tabs.rounds import Duel
from blend.roster import read


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
    asyncio.run(Duel(site).send("Hi", None, "v"))
    assert told == [site.notice] * 2 and "loading" in told[0]


@pytest.mark.parametrize("visitor", [None, "", 7])
def test_nobody_s_message_is_not_taken(site, told, visitor):
    last(Chat(site).let_in("Hi", "", None, visitor))
    assert told == ["The page is still starting: try again in a second."]


def test_an_empty_message_says_so(site, told):
    *_, stage, asked, taken = asyncio.run(Duel(site).send("  ", None, "v"))
    assert told == ["The message is empty: write something first."]
    assert stage is asked is None and taken == ""


def test_a_message_that_fails_after_it_was_let_in_goes_back_into_the_box(site, told, caplog):
    duel = Duel(site)
    *_, asked, taken = last(duel.send("Keep me", None, "v"))
    site.store.close()
    *_, stage, left, returned = last(duel.fight(asked))
    assert told == [refusal.UNSTORED] and left is None and "arena.db" in caplog.text
    assert taken == returned == "Keep me" and stage == asked.before and stage.turns == 0


def test_what_is_not_let_in_is_not_fought_and_what_is_cut_off_is_not_shown(site):
    duel = Duel(site)
    *_, stage, _, _ = last(duel.send("Hi", None, "v"))
    assert last(duel.fight(None)) == gr.skip()
    assert stage.status == "streaming" and last(duel.done(stage)) == gr.skip()


def test_a_skip_that_comes_with_the_last_words_is_what_is_shown(site):
    duel = Duel(site)
    *_, asked, _ = last(duel.send("Hi", None, "v"))
    _, _, stage, _, returned = last(duel.fight(asked))
    last(duel.renew(stage))
    assert (stage.status, returned) == ("ready", "") and last(duel.done(stage))[-1] is None


@pytest.mark.parametrize("make", [Chat, Duel])
def test_a_database_that_fails_loses_no_message(site, told, make, caplog):
    site.store.close()
    tab = make(site)
    listener = (
        tab.let_in("Keep me", "", None, "v") if make is Chat else tab.send("Keep me", None, "v")
    )
    *_, taken = last(listener)

    assert told == [refusal.UNSTORED] and taken == ""  # only what is taken leaves the box
    assert "arena.db" in caplog.text


def test_a_vote_that_cannot_be_stored_tells_no_names(site, told):
    duel = Duel(site)
    *_, asked, _ = last(duel.send("Hi", None, "v"))
    stage = last(duel.fight(asked))[2]
    site.store.close()
    asyncio.run(duel.vote("left", stage, "v"))
    assert told == [refusal.UNSTORED]


@pytest.mark.parametrize("make", [Chat, Duel])
def test_what_one_member_could_not_read_is_refused_before_anything_is_drawn_or_stored(
    tmp_path, told, make
):
    roster = read("scripted")
    first, *others = (replace(m, options={**m.options, "pace": 0.0}) for m in roster.members)
    narrow = replace(first, options={**first.options, "window": 40})
    site = Site(replace(roster, members=(narrow, *others)), Store.open(tmp_path / "arena.db"))
    site.load()
    tab, text = make(site), "word " * 21
    for _ in range(8):  # whoever would be drawn
        sent = tab.let_in(text, "", None, "v") if make is Chat else tab.send(text, None, "v")
        assert last(sent)[-2:] == (None, "")  # nothing to answer, and the text stays in the box
    assert set(told) == {
        "This message has about 21 tokens; the models here read at most 20: "
        "shorten it to about 94 characters."
    }
    assert site.store._read("SELECT id FROM conversations") == []
    site.store.close()


def test_a_persona_counts_as_well(tmp_path, told):
    roster = read("scripted")
    members = tuple(replace(m, options={**m.options, "window": 40}) for m in roster.members)
    site = Site(replace(roster, members=members), Store.open(tmp_path / "arena.db"))
    site.load()
    last(Chat(site).let_in("word " * 15, "I have two dogs and a cat.", None, "v"))
    assert "read at most 13 beside the system message" in told[0]
    site.store.close()
