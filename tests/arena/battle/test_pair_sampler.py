"""Pairs drawn from a real database."""

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest
from stored import unhurried

from arena.battle.pair_sampler import draw_pair
from arena.battle.voting import cast_vote
from arena.models import Battle
from arena.ranking.pairing import POLICIES
from arena.site.recording import register_visitor
from blend.roster import settings

IDS = {"Blended": "c-1", "oak": "c-2", "elm": "c-3"}


@pytest.fixture
def site(store):
    """What of a site is read for a pair."""
    store.database.clock = unhurried()
    for name, id in IDS.items():
        store.contenders.save(id, name, {})
    roster = SimpleNamespace(
        focus="Blended",
        singles=("oak", "elm"),
        parts=(),
        contenders=[SimpleNamespace(name=name) for name in IDS],
    )
    return SimpleNamespace(
        roster=roster,
        store=store,
        rng=random.Random(2),
        settings=settings.Settings(pairing="adaptive"),
        contenders=SimpleNamespace(ids=IDS),
    )


def vote(store, left, right, source="own"):
    register_visitor(store, "v")
    battle = Battle("v", IDS[left], IDS[right], 0.5, "focus", source=source)
    store.battles.open(battle)
    store.battles.admit_message(battle.id, "v", f"hello {battle.id}", 8)
    store.battles.mark_ready(battle.id)
    cast_vote(store, battle.id, "v", "left")


def test_the_policies_are_those_of_a_roster():
    assert settings.PAIRINGS == POLICIES


@pytest.mark.parametrize(("policy", "chance"), [("focus", 1 / 2), ("round_robin", 1 / 3)])
def test_a_fresh_install_draws(site, policy, chance):
    site.settings = replace(site.settings, pairing=policy)
    pair = draw_pair(site)
    assert (pair.chance, pair.policy) == (chance, policy)


def test_adaptive_reads_the_sites_own_votes(site):
    for _ in range(30):
        vote(site.store, "Blended", "oak")
        vote(site.store, "oak", "elm", source="simulated")
    pairs = [draw_pair(site) for _ in range(99)]
    met = {frozenset((pair.left, pair.right)): pair.chance for pair in pairs}
    assert met[frozenset(("Blended", "oak"))] < 0.15
    assert met[frozenset(("oak", "elm"))] == met[frozenset(("Blended", "elm"))] > 0.4


def test_votes_of_contenders_that_are_gone_are_left_out(site):
    vote(site.store, "Blended", "oak")
    site.contenders.ids = IDS | {"Blended": "c-9"}
    assert draw_pair(site).chance == pytest.approx(1 / 3)


@pytest.mark.parametrize("policy", POLICIES)
def test_whom_the_host_retired_is_drawn_only_where_nobody_else_is_left(site, policy):
    site = SimpleNamespace(**vars(site) | {"settings": settings.Settings(pairing=policy)})
    site.store.contenders.retire(IDS["oak"], True)
    pairs = [draw_pair(site) for _ in range(30)]
    assert {frozenset((pair.left, pair.right)) for pair in pairs} == {frozenset(("Blended", "elm"))}
    site.store.contenders.retire(IDS["elm"], True)
    assert any("elm" in (pair.left, pair.right) for pair in (draw_pair(site) for _ in range(30)))
