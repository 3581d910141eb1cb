"""The arena's modes: the address opens a battle of one kind; the battle decides from then on."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_events import fought, rows, scripted

from arena.battle.state import BattleView
from arena.pages.battle import modes
from arena.pages.battle.events import BattleEvents
from arena.pages.battle.view import battle_view
from blend.roster import read
from blend.roster.experiment import Experiment

WIDTH = len(battle_view(read("scripted"), None))
"""How many outputs the page has."""


def at(**query):
    """A request of a page with this address."""
    return SimpleNamespace(query_params=query, client=None, request=None, headers={})


SIDE_BY_SIDE = at(mode=modes.SIDE_BY_SIDE)


def sent(site, request, *picks, state=None, shown="", text="Hello"):
    """The listener's answer to a message: the page's outputs, and what is to be answered."""
    page = BattleEvents(site)
    *outputs, pending, _ = asyncio.run(page.send(state, "v", shown, request, text, *picks))
    return outputs, pending


def answered(site, request, *picks):
    """The battle after a message and both replies, as the page that asked has it."""

    async def run():
        page = BattleEvents(site)
        *_, pending, _ = await page.send(None, "v", "", request, "Hello", *picks)
        beats = [view async for view in page.reply(pending, request)]
        return beats, page.outputs(beats[-1][2], request)

    return asyncio.run(run())


def test_side_by_side_names_stand_over_the_columns_and_chips_under_the_replies(site):
    beats, outputs = answered(site, SIDE_BY_SIDE, "cedar", "Blended")
    assert [outputs[n]["label"] for n in (0, 1)] == ["A · cedar", "B · Blended"]
    assert "chip" in str(beats[-1][0]) and 'data-status="ready"' in outputs[3]
    assert [pick["visible"] for pick in outputs[-4:-2]] == [False, False]
    assert rows(site, "SELECT source FROM battles") == [("named",)]


def test_a_blind_battle_shows_neither_whatever_was_picked(site):
    beats, outputs = answered(site, at(mode="battle", a="cedar"), "cedar", "Blended")
    told = str(beats) + str(outputs[:5])
    assert "chip" not in told and rows(site, "SELECT source, policy FROM battles") == [
        ("own", "focus")
    ]
    assert [pick["visible"] for pick in outputs[-4:-2]] == [False, False]


@pytest.mark.parametrize(
    ("picks", "why"),
    [
        (("cedar", "cedar"), "different"),
        (("cedar", "nobody"), "no contender"),
        ((None, "cedar"), "Choose two"),
        ((), "Choose two"),
        ((["cedar"], {"a": 1}), "Choose two"),
    ],
)
def test_two_that_cannot_meet_open_nothing_and_the_message_stays_in_the_box(
    site, notices, picks, why
):
    outputs, pending = sent(site, SIDE_BY_SIDE, *picks)
    assert len(outputs) == WIDTH and pending is None and why in notices[0]
    assert rows(site, "SELECT count(*) FROM battles") == [(0,)]


def test_what_a_battle_is_no_address_changes(site, notices):
    blind = asyncio.run(fought(site))
    outputs, pending = sent(site, SIDE_BY_SIDE, "cedar", "Blended", state=blind)
    assert pending.before.battle == blind.battle and not pending.before.named
    assert "chip" not in str(outputs[:5]) and outputs[-4]["visible"] is False
    named = answered(site, SIDE_BY_SIDE, "cedar", "Blended")[0][-1][2]
    _, pending = sent(site, at(), state=None, shown=named.battle, text="More")
    assert pending.before.battle == named.battle and pending.before.named
    assert rows(site, "SELECT source FROM battles ORDER BY rowid") == [("own",), ("named",)]
    assert notices == []


def test_each_mode_is_loaded_with_its_own_latest_battle_and_the_picks_of_its_address(site):
    async def loaded(request):
        return [outputs[:-1] async for outputs in BattleEvents(site).resume("v", request)][-1]

    blind = asyncio.run(fought(site))
    empty = asyncio.run(loaded(at(mode=modes.SIDE_BY_SIDE, a="birch", b="nobody")))
    assert (empty[-4]["value"], empty[-3]["value"], empty[-1]) == ("birch", "Blended", None)
    assert empty[-4]["visible"] and 'aria-current="page">Side by side' in empty[-5]
    named = answered(site, SIDE_BY_SIDE, "cedar", "birch")[0][-1][2]
    assert asyncio.run(loaded(SIDE_BY_SIDE))[-1].battle == named.battle
    assert asyncio.run(loaded(at()))[-1].battle == blind.battle


def test_a_named_vote_says_that_it_is_kept_apart_and_the_same_two_can_meet_again(site, notices):
    view = answered(site, SIDE_BY_SIDE, "cedar", "birch")[0][-1][2]
    page = BattleEvents(site)
    outputs = asyncio.run(page.vote(view, "v", view.battle, SIDE_BY_SIDE, "left"))
    assert "only blind votes are ranked." in outputs[4] and "rating" not in outputs[4]
    assert [pick["value"] for pick in outputs[-4:-2]] == ["cedar", "birch"] and notices == []
    assert "side by side" in outputs[-7] and not outputs[-4]["visible"]
    outputs = asyncio.run(page.renew(outputs[-1], "v", view.battle, SIDE_BY_SIDE))[:-1]
    assert outputs[-4]["visible"] and outputs[-1] is None


def test_who_has_left_the_roster_is_picked_no_more(site):
    view = answered(site, SIDE_BY_SIDE, "cedar", "birch")[0][-1][2]
    names = {"left": "cedar", "right": "gone"}
    since = replace(view, status="void", note="battle.skipped", names=names)
    outputs = BattleEvents(site).outputs(since, SIDE_BY_SIDE)
    assert [pick["value"] for pick in outputs[-4:-2]] == ["cedar", None]


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_address_gives_two_contenders_to_begin_with(a, b):
    roster = read("scripted")
    left, right = modes.picked(roster, at(a=a, b=b)).values()
    assert left != right and {left, right} <= {spec.name for spec in roster.contenders}
    assert modes.picked(roster, None) == {"left": "Blended", "right": "alder"}


def test_during_an_experiment_direct_is_off_and_the_reason_said():
    roster = read("scripted")
    assert 'href="./?with="' in battle_view(roster, None)[-5]
    trial = replace(
        roster, experiment=Experiment("e", {"alder": 0.5, "Blended": 0.5}, "alder", "salt")
    )
    bar = battle_view(trial, None)[-5]
    assert "with=" not in bar and "Direct is off" in bar and bar.count("<a ") == 2


def test_a_named_battle_whose_sides_fail_is_void_and_can_be_saved(tmp_path):
    with scripted(tmp_path, fails_at=1) as site:
        beats, _ = answered(site, SIDE_BY_SIDE, "alder", "birch")
        view: BattleView = beats[-1][2]
        assert (view.status, view.note, view.retry) == ("void", "battle.failed_a", True)
