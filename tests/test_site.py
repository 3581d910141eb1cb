"""A running site: loading, health, and replies that are always recorded."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import free_port

from arena import battle
from arena.battles import Battles
from arena.comeback import back
from arena.recording import give_feedback, register_visitor
from arena.site import FRESH, Site
from arena.store import Store
from blend.conversation import Conversation
from blend.members import MemberError
from blend.members.http.address import Address
from blend.roster import read


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path / "arena.db")
    yield store
    store.close()


def loaded(store, **options) -> Site:
    roster = read("scripted")
    members = tuple(replace(m, options={**m.options, **options}) for m in roster.members)
    site = Site(replace(roster, members=members), store)
    site.load()
    return site


def opened(site: Site, text: str = "Hi") -> Conversation:
    conversation = Conversation()
    register_visitor(site.store, "v")
    site.store.conversations.open(conversation, "v", site.contender_id("Blended"), "chat")
    return conversation.ask(text)


def test_health_follows_the_loading(store):
    site = Site(read("scripted"), store)
    assert (site.health().status, site.health().ok, site.ready) == ("loading", False, False)
    assert "0 of 3" in site.notice

    site.load()
    assert (site.health().status, site.health().loaded, site.notice) == ("ready", 3, "")
    assert {c.name for c in store.contenders.all()} == {"Blended", "alder", "birch", "cedar"}


def test_a_load_that_fails_is_told(store, tmp_path):
    roster = read("scripted")
    broken = replace(roster.members[0], engine="paged", path=str(tmp_path), options={})
    site = Site(replace(roster, members=(broken,)), store)

    with pytest.raises(MemberError, match=r"alder: .* cannot be loaded"):
        site.load()
    assert site.health().status == "failed" and "alder" in site.notice


def test_a_site_starts_without_the_servers_of_its_members_and_says_so(store):
    address = Address((f"http://127.0.0.1:{free_port()}/v1",))
    roster = read("scripted")
    far = replace(roster.members[0], engine="remote", model="m", options={"address": address})
    site = Site(replace(roster, members=(far, *roster.members[1:])), store)
    site.load()
    asked = opened(site)

    async def run():
        turn = [turn async for turn in site.reply("Blended", asked)][-1]
        await site.aclose()
        return turn

    health = site.health()
    assert (health.status, set(health.down)) == ("ready", {"alder"})
    assert "nothing answers" in health.down["alder"] and site.device == "remote · scripted"
    turn = asyncio.run(run())
    assert turn.finished and set(turn.draw.chances) == {"birch", "cedar"}


def test_a_member_that_is_down_is_named_and_the_blend_goes_on_without_it(store):
    site = loaded(store, pace=0.0)
    asyncio.run(site._members["birch"].aclose())
    assert (site.health().ok, set(site.health().down)) == (True, {"birch"})

    asked = opened(site)

    async def run():
        return [turn async for turn in site.reply("Blended", asked)][-1]

    asyncio.run(run())
    kept = store.conversations.load(asked.id, "v").turns[-1].draw
    assert kept.chance == 0.5 and kept.chances == {"alder": 0.5, "cedar": 0.5}


def test_a_site_with_no_member_left_is_down(store):
    site = loaded(store)
    asyncio.run(site.aclose())
    assert (site.health().status, site.health().ok) == ("down", False)
    assert set(site.health().down) == {"alder", "birch", "cedar"}


def test_a_site_that_can_store_nothing_is_not_ready_and_says_why(store, monkeypatch):
    monkeypatch.setattr("arena.site.STORED", 0.0)
    site, away = loaded(store), Path(f"{store.database.path}.away")
    Path(store.database.path).rename(away)
    health = site.health()
    assert (health.status, health.ok) == ("unstored", False)
    assert health.storage.startswith("The database was deleted or replaced while it was open")
    assert "blended_storing 0.0" in site.metrics.text().decode()
    away.rename(store.database.path)
    assert site.health().ok and "blended_storing 1.0" in site.metrics.text().decode()
    store.database.execute(
        "PRAGMA query_only = 1"
    )  # what a disk does that was mounted anew after a fault
    assert "read-only" in site.health().storage and store.database.path not in site.health().storage


def test_a_reply_is_recorded_with_its_draw(store):
    site = loaded(store, pace=0.0)
    asked = opened(site)

    async def run():
        return [turn async for turn in site.reply("Blended", asked)][-1]

    turn = asyncio.run(run())
    kept = store.conversations.load(asked.id, "v").turns[-1]
    assert (kept.reply, kept.finished, kept.draw) == (turn.reply, True, turn.draw)
    assert sum(kept.draw.chances.values()) == pytest.approx(1)


def test_a_reply_that_is_left_is_kept_as_far_as_it_came(store):
    site = loaded(store, pace=0.02)
    asked = opened(site)

    async def run():
        replying = site.reply("Blended", asked)
        async for turn in replying:
            if turn.said:
                break
        await replying.aclose()
        return turn

    turn = asyncio.run(run())
    kept = store.conversations.load(asked.id, "v").turns[-1]
    assert kept.reply == turn.reply and not kept.finished


def test_a_regenerated_reply_takes_the_place_of_the_old_one(store):
    site = loaded(store, pace=0.0)
    asked = opened(site)

    async def run(conversation, replaces=None):
        return [turn async for turn in site.reply("Blended", conversation, replaces)][-1]

    first = asyncio.run(run(asked))
    again = asked.answered(first).regenerate()
    second = asyncio.run(run(again, first.id))
    assert [turn.id for turn in store.conversations.load(asked.id, "v").turns] == [second.id]


def test_thumbs_reach_a_policy_that_learns_from_them_within_a_minute(store):
    roster = read("scripted")
    blended = replace(roster.blends[0], policy="thompson", options={"epsilon": 0.01})
    site = Site(replace(roster, blends=(blended,)), store)
    site.load()
    asked = opened(site)

    async def run():
        turn = [turn async for turn in site.reply("Blended", asked)][-1]
        give_feedback(store, turn.id, "v", 1)
        said = []
        for later in (1, FRESH + 1):
            site.feed(time.monotonic() + later)
            said.append(site.ahead("Blended", asked.answered(turn)).drawn.chances)
        return turn.draw, *said

    draw, soon, later = asyncio.run(run())
    assert draw.chances == soon == pytest.approx(dict.fromkeys(["alder", "birch", "cedar"], 1 / 3))
    assert later[draw.member] > 0.4


def test_the_more_replies_are_written_the_larger_are_their_pieces(store):
    site = loaded(store)
    assert site.breath == 0
    site.gate.inside = 96
    assert 0.2 < site.breath < 0.4


def test_a_page_loaded_as_a_battle_begins_leaves_it_alone(store):
    site = loaded(store, pace=0.0)

    class ReloadedMeanwhile(Battles):
        def admit_message(self, *given):
            super().admit_message(*given)
            asyncio.run(back(site, "v"))  # another window, before the first beat

    site.store = replace(store, battles=ReloadedMeanwhile(store.database))

    async def run():
        stage = await battle.open_battle(site, "v")
        return [grown async for grown in battle.fight(site, stage, "Hello")]

    assert asyncio.run(run())[-1].status == "ready"
    assert not site.written(store.battles.latest("v").id)


def test_what_two_write_is_written_until_the_second_ends(store):
    site = Site(read("scripted"), store)
    with site.writing("b"):
        with site.writing("b"):
            pass
        assert site.written("b")
    assert not site.written("b")
