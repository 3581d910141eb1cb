"""The arena's listeners: messages, votes, Stop and Skip, a lost memory, a database that fails."""

import asyncio
from dataclasses import replace

import gradio as gr
import pytest
from page_events import fought, full, locked, rows, scripted, sent

from arena.pages.battle.events import BattleEvents
from arena.texts import ENGLISH

LONG = "word " * 200
"""A message whose replies last a while."""


@pytest.fixture
def site(tmp_path):
    with scripted(tmp_path, pace=0.003) as site:
        yield site


def run(work):
    return asyncio.run(work)


def test_a_vote_counts_for_the_battle_that_the_page_shows_not_for_the_latest(site, notices):
    first, second = run(fought(site)), run(fought(site))
    view = run(BattleEvents(site).vote(None, "v", first.battle, None, "left"))
    assert "Your vote is in" in view[3] and notices == []
    states = {b: site.store.battles.state(b).status for b in (first.battle, second.battle)}
    assert states == {first.battle: "voted", second.battle: "ready"}


@pytest.mark.parametrize("shown", ["", None, "no-such-battle", 7])
def test_without_a_battle_of_theirs_there_is_nothing_to_vote_on(site, notices, shown):
    other, vote = run(fought(site)), BattleEvents(site).vote
    assert run(vote(None, "v", shown, None, "left")) == gr.skip()
    assert run(vote(None, "w", other.battle, None, "left")) == gr.skip()
    assert len(notices) == 2 and site.store.battles.state(other.battle).status == "ready"


def test_a_battle_that_ends_after_it_was_left_does_not_come_back(site):
    other, current = run(fought(site)), run(fought(site))
    tab = BattleEvents(site)
    run(tab.renew(current, "v", current.battle))
    assert run(tab.done(other, "v", other.battle))[-1] == other  # that of another window
    for late in (current, replace(current, status="void", note="battle.skipped"), None):
        assert run(tab.done(late, "v", current.battle))[-1] is None


def test_a_battle_that_a_server_forgot_goes_on_is_left_and_is_tried_again(site, notices):
    current = run(fought(site))
    _, pending, taken = run(sent(BattleEvents(site), "More", None, current.battle))
    assert (pending.before.battle, pending.before.turns, taken) == (current.battle, 1, "More")
    assert run(BattleEvents(site).renew(None, "v", current.battle))[-2] is None
    assert site.store.battles.state(current.battle).void_reason == "skipped"

    cut = run(fought(site))
    site.store.database.execute(
        "UPDATE battles SET status = 'void', void_reason = 'a side did not finish'"
    )
    site.store.database.execute("UPDATE turns SET finished = 0")
    *_, pending, _ = run(BattleEvents(site).retry(None, "v", cut.battle))
    assert pending.retry and pending.before.battle == cut.battle and notices == []


def test_without_texts_a_vote_works(site, notices):
    site.store.database.keep_texts = False
    current = run(fought(site))
    view = run(BattleEvents(site).vote(None, "v", current.battle, None, "right"))
    assert "You said: B is better. It counts." in view[4] and notices == []
    assert "value" not in view[0] and view[0]["label"].startswith("A · ")  # the texts stay there


def test_what_is_not_accepted_is_not_answered_and_what_is_cut_off_is_not_shown(site):
    tab = BattleEvents(site)
    current, _, _ = run(sent(tab, "Hi"))

    async def nothing():
        return [view async for view in tab.reply(None)]

    assert run(nothing()) == [gr.skip()]
    assert current.status == "streaming" and run(tab.done(current, "v")) == gr.skip()


def test_a_message_that_fails_after_it_was_accepted_goes_back_into_the_box(site, notices, caplog):
    tab, text = BattleEvents(site), "Keep me"

    async def story():
        _, pending, _ = await sent(tab, text)
        with locked(site):
            *_, (_, _, current, left, returned, *_) = [view async for view in tab.reply(pending)]
        assert (returned, left, current) == (text, None, pending.before)
        _, pending, _ = await sent(tab, text, current)
        return [view async for view in tab.reply(pending)][-1]

    _, _, current, _, returned, *_ = run(story())
    assert (current.status, current.turns, returned) == ("ready", 1, "")
    assert notices == [ENGLISH("page.unstored")] and "arena.db" in caplog.text
    assert rows(site, "SELECT status, turns FROM battles") == [("ready", 1)]


def test_of_two_clicks_one_right_after_the_other_the_first_one_counts(site, notices):
    """The page sends both before either is answered, so the second knows nothing of the first."""
    current, tab = run(fought(site)), BattleEvents(site)
    asking, pending, _ = run(sent(tab, "And now?", current))
    assert asking.waiting and run(tab.vote(asking, "v", current.battle, None, "left")) == gr.skip()
    assert (*run(tab.renew(asking, "v", current.battle))[-2:], pending.text) == (
        None,
        None,
        "And now?",
    )
    assert site.store.battles.state(current.battle).void_reason == "skipped"

    current = run(fought(site))
    voted = run(tab.vote(current, "v", current.battle, None, "left"))[-1]
    assert run(tab.send(voted, "v", current.battle, None, "More")) == gr.skip()
    assert run(tab.done(voted, "v", current.battle)) == gr.skip()
    assert run(tab.renew(current, "v", current.battle))[-2] is None and notices == []
    assert site.store.battles.state(current.battle).status == "voted"
    assert site.store.battles.latest("v", current.battle).dismissed


def test_a_message_is_given_back_after_a_reload_unless_it_is_answered(site):
    tab = BattleEvents(site)

    async def loaded():
        return [outputs async for outputs in tab.resume("v")][-1][-2:]

    assert run(loaded()) == (None, "")
    current = run(fought(site, "Hello there"))
    assert run(loaded())[1] == "Hello there"
    site.store.battles.void(current.battle, "v", "a side did not finish")
    assert run(loaded())[1] == ""


def test_a_vote_that_cannot_be_stored_tells_no_names_and_a_battle_that_cannot_be_left_stays(
    site, notices
):
    current, tab = run(fought(site)), BattleEvents(site)
    with locked(site):
        voted = run(tab.vote(current, "v", current.battle, None, "left"))
        assert "Blended" not in str(voted[:5]) and voted[-1] == current
        assert run(tab.renew(current, "v")) == gr.skip()
    assert notices == [ENGLISH("page.unstored")] * 2
    assert rows(site, "SELECT status FROM battles") == [("ready",)]


def test_a_battle_that_ends_while_the_file_is_locked_can_be_voted_on_later(site, notices):
    tab = BattleEvents(site)

    async def story():
        _, pending, _ = await sent(tab, LONG)
        growing = tab.reply(pending)
        await anext(growing)  # what can end it
        while (beat := (await anext(growing))[2]) and not beat.conversations["left"].turns[
            -1
        ].has_reply:
            pass
        with locked(site):
            while not notices:
                await anext(growing)
            assert site.replies.in_progress(beat.battle)
        *_, (_, _, current, _, returned, *_) = [view async for view in growing]
        return current, returned

    current, returned = run(story())
    assert notices == [ENGLISH("battle.later")] and (current.status, returned) == ("ready", "")
    assert rows(site, "SELECT status FROM battles") == [("ready",)]
    assert "Your vote is in" in run(tab.vote(current, "v", "", None, "tie"))[3]


def test_a_battle_whose_texts_find_no_room_gives_the_message_back(site, notices):
    tab, text = BattleEvents(site), "Keep me. " * 500

    async def story():
        _, pending, _ = await sent(tab, text)
        with full(site):
            return [view async for view in tab.reply(pending)][-1]

    _, _, current, _, returned, *_ = run(story())
    assert (current.status, returned, notices) == ("void", text, [])
    assert "there is no vote on this" in ENGLISH(current.note)
    assert rows(site, "SELECT status FROM battles") == [("void",)]
