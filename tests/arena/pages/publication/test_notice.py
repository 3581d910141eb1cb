"""The switch that keeps conversations private, and a battle that is kept back; raw claims."""

import asyncio

import gradio as gr
import pytest
from battling import give_vote, play, with_members
from page_events import rows, scripted

from app import check
from arena.battle import battle
from arena.pages.battle.events import BattleEvents
from arena.pages.chat.events import ChatEvents
from arena.pages.publication.notice import NoticeEvents, is_offered
from arena.pages.publication.withholding import WithholdEvents
from blend.roster.settings import SettingError, Settings

ME = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def closed(tmp_path):
    with scripted(tmp_path) as site:
        yield site


@pytest.fixture
def site(closed):
    return with_members(closed, {"publish": True})


def voted(site, visitor=ME, offered=True):
    view = asyncio.run(battle.open_battle(site, visitor, publishable=offered))
    return give_vote(site, play(site, "Hello", view)[-1])


def consents(site) -> set[int]:
    return {each for (each,) in rows(site, "SELECT publishable FROM conversations")}


@pytest.mark.parametrize(
    ("private", "publishable"),
    [(False, 1), (True, 0), (None, 0), (0, 0), ("", 0), ("false", 0), ([], 0)],
    ids=repr,
)
def test_only_a_plain_no_on_the_page_lets_a_conversation_be_published(site, private, publishable):
    assert is_offered(site, private) is bool(publishable)
    asyncio.run(ChatEvents(site).send(None, ME, "", None, "Hello", "", "", private))
    asyncio.run(BattleEvents(site).send(None, ME, "", None, "Hello", None, None, private))
    assert consents(site) == {publishable}


def test_where_the_site_publishes_nothing_no_claim_makes_it_publishable(closed):
    asyncio.run(ChatEvents(closed).send(None, ME, "", None, "Hello", "", "", False))
    asyncio.run(BattleEvents(closed).send(None, ME, "", None, "Hello", None, None, False))
    assert consents(closed) == {0}


def test_a_named_battle_is_never_publishable(site):
    names = [spec.name for spec in site.roster.contenders[:2]]
    asyncio.run(battle.open_battle(site, ME, None, names, publishable=True))
    assert consents(site) == {0}


def test_the_switch_is_kept_under_the_visitors_id_and_outlives_the_page(site):
    events = NoticeEvents(site)
    assert asyncio.run(events.show(ME)) == gr.update(value=False, interactive=True)
    assert asyncio.run(events.keep(True, ME)) == gr.skip()
    assert asyncio.run(events.show(ME))["value"] is True
    assert asyncio.run(events.show(OTHER))["value"] is False
    asyncio.run(ChatEvents(site).send(None, ME, "", None, "Hello", "", "", False))
    assert consents(site) == {0}  # an older page of theirs may still say no
    asyncio.run(events.keep(False, ME))
    assert not site.store.publication.is_private(ME)


@pytest.mark.parametrize("visitor", [None, "", "x", 7, "a-of-somebody", "../v"], ids=repr)
def test_an_id_that_is_none_keeps_nothing(site, notices, visitor):
    assert asyncio.run(NoticeEvents(site).keep(True, visitor))["value"] is False
    assert rows(site, "SELECT * FROM visitors") == [] and len(notices) == 1


def test_nobody_who_was_erased_comes_back_by_the_switch(site, notices):
    asyncio.run(NoticeEvents(site).keep(True, ME))
    site.store.erasure.erase_visitor(ME)
    asyncio.run(NoticeEvents(site).keep(True, ME))
    assert rows(site, f"SELECT 1 FROM visitors WHERE id = '{ME}'") == [] and len(notices) == 1


def test_a_battle_is_kept_back_after_the_vote_by_its_own_visitor_alone(site, notices):
    view, events = voted(site), WithholdEvents(site)

    def press(state, visitor):
        return asyncio.run(events.withhold(state, visitor, view.battle))

    assert asyncio.run(events.show(view, ME, view.battle)) == (gr.update(visible=True), "")
    press(view, OTHER)  # a session of theirs that claims to be somebody else
    press(None, OTHER)  # by the id alone
    assert consents(site) == {1} and len(notices) == 1
    button, note = press(None, ME)
    assert button == gr.update(visible=False) and "will not be published" in note
    assert consents(site) == {-1}
    assert asyncio.run(events.show(view, ME, view.battle)) == (gr.update(visible=False), "")


def test_before_the_vote_there_is_nothing_to_keep_back_and_nothing_is_told(site, notices):
    view = play(site, "Hello", asyncio.run(battle.open_battle(site, ME, publishable=True)))[-1]
    events = WithholdEvents(site)
    assert asyncio.run(events.show(view, ME, view.battle)) == (gr.update(visible=False), "")
    asyncio.run(events.withhold(view, ME, view.battle))
    assert "Vote first" in notices[0] and consents(site) == {1}


def test_without_texts_nothing_can_be_published_and_the_setting_says_so():
    with pytest.raises(SettingError, match="needs texts = true"):
        check(Settings(publish=True, texts=False))
