"""A running site: loading, health, and replies that are always recorded."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from app_process import free_port
from stored import fill

from arena.battle import battle
from arena.battle.resume import resume_battle
from arena.db.repositories.battles import Battles
from arena.site.contenders import POLICY_SECONDS
from arena.site.recording import give_feedback, register_visitor
from arena.site.site import SAMPLE_AGE, SAMPLES, Site
from blend.conversation import Conversation
from blend.members import MemberError
from blend.members.remote.address import Address
from blend.roster import read
from blend.roster.experiment import Experiment

pytestmark = pytest.mark.anyio


def loaded(store, **options) -> Site:
    roster = read("scripted")
    members = tuple(
        replace(m, options={**m.options, "pace": 0.0, **options}) for m in roster.members
    )
    site = Site(replace(roster, members=members), store)
    site.contenders.load()
    return site


def opened(site: Site, text: str = "Hi") -> Conversation:
    conversation = Conversation()
    register_visitor(site.store, "v")
    blended = site.contenders.id_of("Blended")
    site.store.conversations.open(conversation, "v", blended, "chat")
    return conversation.ask(text)


async def reply(site: Site, asked: Conversation, replaces=None):
    """The reply as it ended."""
    return [turn async for turn in site.replies.stream("Blended", asked, replaces)][-1]


def kept(store, asked: Conversation):
    return store.conversations.load(asked.id, "v").turns[-1]


def test_health_follows_the_loading(store):
    site = Site(read("scripted"), store)
    health = site.contenders.health()
    assert (health.status, health.ok, site.contenders.ready) == ("loading", False, False)
    assert "0 of 3" in site.contenders.notice()

    site.contenders.load()
    health = site.contenders.health()
    assert (health.status, health.loaded, site.contenders.notice()) == ("ready", 3, "")
    assert {*site.contenders.ids} == {"Blended", "alder", "birch", "cedar"}
    assert {*site.contenders.ids.values()} < {c.id for c in store.contenders.all()}


def test_a_load_that_fails_is_told(store, tmp_path):
    roster = read("scripted")
    broken = replace(roster.members[0], engine="paged", path=str(tmp_path), options={})
    contenders = Site(replace(roster, members=(broken,)), store).contenders

    with pytest.raises(MemberError, match=r"alder: .* cannot be loaded"):
        contenders.load()
    assert contenders.health().status == "failed" and "alder" in contenders.notice()


async def test_a_site_starts_without_the_servers_of_its_members_and_says_so(store):
    address = Address((f"http://127.0.0.1:{free_port()}/v1",))
    roster = read("scripted")
    far = replace(roster.members[0], engine="remote", model="m", options={"address": address})
    site = Site(replace(roster, members=(far, *roster.members[1:])), store)
    site.contenders.load()
    asked, health = opened(site), site.contenders.health()
    assert (health.status, set(health.down)) == ("ready", {"alder"})
    assert "nothing answers" in health.down["alder"]
    assert site.contenders.device == "remote · scripted"
    turn = await reply(site, asked)
    await site.aclose()
    assert turn.finished and set(turn.draw.chances) == {"birch", "cedar"}


async def test_a_member_that_is_down_is_named_and_the_blend_goes_on_without_it(store):
    site = loaded(store)
    await site.contenders.loaded["birch"].aclose()
    health, asked = site.contenders.health(), opened(site)
    assert (health.ok, set(health.down)) == (True, {"birch"})
    await reply(site, asked)
    draw = kept(store, asked).draw
    assert draw.chance == 0.5 and draw.chances == {"alder": 0.5, "cedar": 0.5}

    await site.aclose()
    health = site.contenders.health()
    assert (health.status, health.ok) == ("down", False)
    assert set(health.down) == {"alder", "birch", "cedar"}


def test_a_site_that_can_store_nothing_is_not_ready_and_says_why(store, monkeypatch):
    monkeypatch.setattr("arena.site.contenders.STORAGE_SECONDS", 0.0)
    site, away = loaded(store), Path(f"{store.database.path}.away")
    Path(store.database.path).rename(away)
    health = site.contenders.health()
    assert (health.status, health.ok) == ("unstored", False)
    assert health.storage.startswith("The database was deleted or replaced while it was open")
    assert "blended_storing 0.0" in site.metrics.text().decode()
    away.rename(store.database.path)
    assert site.contenders.health().ok and "blended_storing 1.0" in site.metrics.text().decode()
    # What a disk does that was mounted anew after a fault.
    store.database.execute("PRAGMA query_only = 1")
    storage = site.contenders.health().storage
    assert "read-only" in storage and store.database.path not in storage


async def test_a_reply_is_recorded_with_its_draw_and_a_regenerated_one_takes_its_place(store):
    site = loaded(store)
    asked = opened(site)
    first = await reply(site, asked)
    stored = kept(store, asked)
    assert (stored.reply, stored.finished, stored.draw) == (first.reply, True, first.draw)
    assert sum(stored.draw.chances.values()) == pytest.approx(1)

    again = asked.answered(first).regenerate()
    second = await reply(site, again, first.id)
    assert [turn.id for turn in store.conversations.load(asked.id, "v").turns] == [second.id]


async def test_a_reply_that_is_left_is_kept_as_far_as_it_came(store):
    site = loaded(store, pace=0.02)
    asked = opened(site)

    replying = site.replies.stream("Blended", asked)
    async for turn in replying:
        if turn.has_reply:
            break
    await replying.aclose()
    assert kept(store, asked).reply == turn.reply and not kept(store, asked).finished


async def test_thumbs_reach_a_policy_that_learns_from_them_within_a_minute(store):
    roster = read("scripted")
    blended = replace(roster.blends[0], policy="thompson", options={"epsilon": 0.01})
    site = Site(replace(roster, blends=(blended,)), store)
    site.contenders.load()
    asked = opened(site)
    turn, chances = await reply(site, asked), []
    give_feedback(store, turn.id, "v", 1)
    for later in (1, POLICY_SECONDS + 1):
        site.contenders.refresh_policies(time.monotonic() + later)
        blend = site.contenders.blend("Blended")
        chances.append(blend.ahead(asked.answered(turn)).drawn.chances)
    even = pytest.approx(dict.fromkeys(["alder", "birch", "cedar"], 1 / 3))
    assert turn.draw.chances == chances[0] == even and chances[1][turn.draw.member] > 0.4


async def test_a_page_loaded_as_a_battle_begins_leaves_it_alone(store):
    site = loaded(store)

    class ReloadedMeanwhile(Battles):
        def admit_message(self, *given):
            super().admit_message(*given)
            asyncio.run(resume_battle(site, "v"))  # another window, before the first beat

    store.battles = ReloadedMeanwhile(store.database)

    view = await battle.open_battle(site, "v")
    views = [grown async for grown in battle.send_message(site, view, "Hello")]
    assert views[-1].status == "ready"
    assert not site.replies.in_progress(store.battles.latest("v").id)


def test_what_two_windows_write_is_in_progress_until_both_are_done(store):
    replies = loaded(store).replies
    with replies.mark_in_progress("b"):
        with replies.mark_in_progress("b"):
            pass
        assert replies.in_progress("b")
    assert not replies.in_progress("b")


def test_battles_are_shown_a_day_later_where_the_host_wants_it_and_no_experiment_runs(store):
    fill(store, 5)
    roster = read("scripted")
    wanted = replace(roster, settings=roster.settings.with_values({"samples": True}, "test"))
    trial = replace(wanted, experiment=Experiment("x", {"alder": 1.0, "birch": 1.0}, "alder", "s"))

    shown = Site(wanted, store).sample_battles("c-1")
    store.database.clock = lambda: time.time() + 2 * SAMPLE_AGE

    assert shown == [] and len(Site(wanted, store).sample_battles("c-1")) == SAMPLES
    assert Site(trial, store).sample_battles("c-1") is None
    assert Site(roster, store).sample_battles("c-1") is None
