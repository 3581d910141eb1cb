"""Battles over a real store: two streams as one, votes, and what makes a battle void."""

import asyncio
import random
from dataclasses import replace

import pytest
from conftest import unhurried

from arena import battle
from arena.battle import race
from arena.site import Site
from arena.store import Refused, Store
from blend.conversation import MessageError, Turn
from blend.roster import read

VISITOR = "visitor-1"


async def said(words: str, pace: float = 0.0, fails: bool = False):
    reply = ""
    for word in words.split():
        await asyncio.sleep(pace)
        reply = f"{reply} {word}".strip()
        yield Turn("Hi", reply)
    if fails:
        raise RuntimeError("broken")


def raced(left, right, beat=0.01) -> list[dict]:
    async def run():
        return [latest async for latest in race(left, right, beat)]

    return asyncio.run(run())


@pytest.fixture
def site(tmp_path):
    store = Store.open(tmp_path / "arena.db")
    store.clock = unhurried()
    site = Site(quick(read("scripted")), store, random.Random(1))
    site.load()
    yield site
    store.close()


def quick(roster, **options):
    """The roster with members that do not pause, or with other options."""
    members = tuple(
        replace(m, options={**m.options, "pace": 0.0, **options}) for m in roster.members
    )
    return replace(roster, members=members)


def fought(site: Site, text: str = "Hello", stage=None):
    async def run():
        opened = stage or await battle.open_battle(site, VISITOR)
        return [grown async for grown in battle.fight(site, opened, text)]

    return asyncio.run(run())


def test_a_race_ends_with_both_whole_replies():
    last = raced(said("one two three"), said("four five"))[-1]
    assert (last["left"].reply, last["right"].reply) == ("one two three", "four five")


def test_a_slow_side_does_not_hold_up_the_fast_one():
    steps = raced(said("slow " * 20, 0.02), said("fast reply"))
    first_whole = next(
        n for n, s in enumerate(steps) if s.get("right", Turn("")).reply[-5:] == "reply"
    )
    assert len(steps[first_whole].get("left", Turn("")).reply.split()) < 20


def test_neither_column_shows_the_other_one_s_text():
    for step in raced(said("left " * 30, 0.003), said("right " * 30, 0.002)):
        assert "right" not in step.get("left", Turn("")).reply
        assert "left" not in step.get("right", Turn("")).reply


def test_a_side_that_raises_ends_the_race_and_closes_the_other():
    closed = []

    async def endless():
        try:
            while True:
                await asyncio.sleep(0.001)
                yield Turn("Hi", "more")
        finally:
            closed.append(True)

    with pytest.raises(RuntimeError, match="broken"):
        raced(said("a b", fails=True), endless())
    assert closed == [True]


def test_closing_a_race_closes_both_sides(site):
    slow = quick(site.roster, pace=0.05)
    store = site.store
    site = Site(slow, store, random.Random(1))
    site.load()

    async def run():
        opened = await battle.open_battle(site, VISITOR)
        growing = battle.fight(site, opened, "Hello")
        async for stage in growing:
            if any(c.turns[-1].said for c in stage.conversations.values()):
                break
        await growing.aclose()
        return stage

    stage = asyncio.run(run())
    assert store.battle(stage.battle).status == "void"
    with pytest.raises(Refused):
        store.vote(stage.battle, VISITOR, "tie")


def test_a_battle_is_written_before_the_first_token(site):
    async def run():
        stage = await battle.open_battle(site, VISITOR)
        return stage, site.store.battle(stage.battle)

    stage, row = asyncio.run(run())
    assert row.status == "created" and row.turns == 0
    assert site.roster.focus in stage.names.values() and len(set(stage.names.values())) == 2


def test_a_fight_ends_ready_and_a_vote_tells_the_names(site):
    stage = fought(site)[-1]
    assert stage.status == "ready" and site.store.battle(stage.battle).status == "ready"

    voted = asyncio.run(battle.vote(site, stage, "left"))
    assert voted.reveal.left.name == stage.names["left"]
    assert voted.moved[voted.reveal.left.id][1] > 1000 > voted.moved[voted.reveal.right.id][1]
    with pytest.raises(Refused):
        asyncio.run(battle.vote(site, stage, "right"))
    assert site.store.tally().counted == 1


def test_a_battle_goes_on_over_several_messages_up_to_its_limit(site):
    stage = fought(site)[-1]
    for n in range(1, site.settings.turns):
        stage = fought(site, f"message {n}", stage)[-1]

    assert stage.turns == site.settings.turns == site.store.battle(stage.battle).turns
    with pytest.raises(Refused, match="vote now"):
        fought(site, "one more", stage)
    assert asyncio.run(battle.vote(site, stage, "tie")).status == "voted"


@pytest.mark.parametrize("text", ["", "x" * 100_000, "a\x00"])
def test_a_bad_message_leaves_the_battle_as_it_was(site, text):
    stage = fought(site)[-1]
    with pytest.raises(MessageError):
        fought(site, text, stage)
    assert site.store.battle(stage.battle).status == "ready"


def test_a_vote_before_the_end_and_after_a_skip_is_refused(site):
    async def run():
        stage = await battle.open_battle(site, VISITOR)
        with pytest.raises(Refused):
            await battle.vote(site, stage, "tie")
        skipped = await battle.skip(site, stage)
        with pytest.raises(Refused):
            await battle.vote(site, skipped, "tie")

    asyncio.run(run())


def test_another_visitor_s_battle_is_refused(site):
    stage = replace(fought(site)[-1], visitor="somebody-else")
    with pytest.raises(Refused):
        asyncio.run(battle.vote(site, stage, "tie"))


def test_a_failing_side_makes_the_battle_void_and_names_nobody(site):
    site = Site(quick(site.roster, fails_at=2), site.store, random.Random(1))
    site.load()
    stage = fought(site)[-1]

    assert stage.status == "void" and site.store.battle(stage.battle).status == "void"
    assert not any(name in stage.note for name in site.roster.colours)
    with pytest.raises(Refused):
        asyncio.run(battle.vote(site, stage, "left"))
