"""Pairs drawn from a real database."""

import random
from types import SimpleNamespace

import pytest
from conftest import unhurried

from arena.matchmaker import Matchmaker
from arena.pairing import POLICIES
from arena.recording import register_visitor
from arena.records import Battle
from arena.store import Store
from arena.voting import cast_vote
from blend import settings

IDS = {"Blended": "c-1", "oak": "c-2", "elm": "c-3"}


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path / "arena.db")
    store.database.clock = unhurried()
    for name, id in IDS.items():
        store.contenders.save(id, name, {})
    yield store
    store.close()


def matchmaker(store, pairing):
    specs = [SimpleNamespace(name=name) for name in IDS]
    singles = ("oak", "elm")
    return Matchmaker(
        SimpleNamespace(
            focus="Blended",
            settings=settings.Settings(pairing=pairing),
            singles=singles,
            contenders=specs,
            parts=(),
        ),
        store,
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
def test_a_fresh_install_draws(store, policy, chance):
    drawn = matchmaker(store, policy).draw(IDS, random.Random(1))
    assert drawn.chance == chance and drawn.policy == policy


def test_adaptive_reads_the_sites_own_votes(store):
    for _ in range(30):
        vote(store, "Blended", "oak")
        vote(store, "oak", "elm", source="simulated")
    rng, pairs = random.Random(2), matchmaker(store, "adaptive")
    met = {
        frozenset((d.left, d.right)): d.chance for d in (pairs.draw(IDS, rng) for _ in range(99))
    }
    assert met[frozenset(("Blended", "oak"))] < 0.15
    assert met[frozenset(("oak", "elm"))] == met[frozenset(("Blended", "elm"))] > 0.4


def test_counts_serve_for_a_while(store):
    pairs = matchmaker(store, "adaptive")
    first = pairs.draw(IDS, random.Random(3)).chance
    vote(store, "Blended", "oak")
    assert pairs.draw(IDS, random.Random(3)).chance == first
    pairs._read_at -= 61
    assert pairs.draw(IDS, random.Random(3)).chance != first


def test_votes_of_contenders_that_are_gone_are_left_out(store):
    vote(store, "Blended", "oak")
    up = {"Blended": "c-9", "oak": "c-2", "elm": "c-3"}
    assert matchmaker(store, "adaptive").draw(up, random.Random(4)).chance == pytest.approx(1 / 3)
