"""Battles over a real store, from the first message to the vote, or to the end without one."""

import asyncio
import random
from dataclasses import replace

import pytest
from battling import (
    VISITOR,
    give_vote,
    play,
    play_again,
    resume,
    with_members,
)
from page_events import rows

from arena.battle import battle, share_text, voting
from arena.battle.resume import resume_battle
from arena.db.repositories.votes.visitor_votes import VoteTally
from arena.models import Refused, StoreError
from arena.site.site import Site
from blend.message import MessageError


def test_the_first_message_is_tagged_by_the_roster_too(site):
    roster = replace(site.roster, categories={"pets": ("cat*", "dog*")})
    tagged = Site(roster, site.store, random.Random(1))
    tagged.contenders.load()
    view = play(tagged, "Write a poem about my cats")[-1]
    play(tagged, "Translate it", view)
    found = rows(site, "SELECT tags, tag_rules FROM battles")
    assert found == [('["creative_writing", "pets"]', tagged.tagger.version)]


def test_a_battle_is_written_before_the_first_token(site):
    view = asyncio.run(battle.open_battle(site, VISITOR))
    row = site.store.battles.state(view.battle)
    assert (row.status, row.turns) == ("created", 0)
    names = {site.contenders.name_of(id) for id in view.contenders.values()}
    assert site.roster.focus in names and len(names) == 2
    with pytest.raises(Refused):
        give_vote(site, view)


def test_a_battle_ends_ready_and_a_vote_tells_the_names_once(site):
    view = play(site)[-1]
    pair = (*view.contenders.values(), "left", 500)  # of others' votes: they change no rating
    with site.store.database.transaction():
        site.store.database.execute(
            "INSERT INTO vote_counts VALUES ('imported', ?, ?, ?, 1, ?)", pair
        )
    assert view.status == "ready" and site.store.battles.state(view.battle).status == "ready"

    after = give_vote(site, view)
    assert after.reveal.left.id == view.contenders["left"]
    (left, won), (right, lost) = after.rating_change.values()
    assert left == right == 1000 and won > 1000 > lost
    assert after.tally == VoteTally(1, 1, 1)
    assert resume(site).rating_change == after.rating_change
    for late in (give_vote, lambda *given: play(site, "More", view), play_again):
        with pytest.raises(Refused):
            late(site, view)
    assert site.store.votes.counts("own").counted == 1
    assert len(rows(site, "SELECT 1 FROM turns")) == 2


def test_a_battle_goes_on_over_several_messages_up_to_its_limit(site):
    view = play(site)[-1]
    for n in range(1, site.settings.turns):
        view = play(site, f"message {n}", view)[-1]

    assert view.turns == site.settings.turns == site.store.battles.state(view.battle).turns
    with pytest.raises(Refused, match="vote now"):
        play(site, "one more", view)
    assert give_vote(site, view, "tie").status == "voted"


@pytest.mark.parametrize("text", ["", "x" * 100_000, "a\x00"])
def test_a_bad_message_leaves_the_battle_as_it_was(site, text):
    view = play(site)[-1]
    with pytest.raises(MessageError):
        play(site, text, view)
    assert site.store.battles.state(view.battle).status == "ready"


@pytest.mark.parametrize(("beats", "order"), [(1, "skip"), (2, "skip"), (2, "skip close"),
                                              (2, "close skip")])  # fmt: skip
def test_a_skip_while_replies_stream_is_void_as_skipped_and_stays_so(site, beats, order):
    async def run():
        opened = await battle.open_battle(site, VISITOR)
        growing = battle.send_message(site, opened, "Hello")
        for _ in range(beats):
            view = await anext(growing)
        for act in order.split():
            await (growing.aclose() if act == "close" else battle.skip(site, view))
        return [grown async for grown in growing] or [view]

    view = asyncio.run(run())[-1]
    row = site.store.battles.state(view.battle)
    assert (row.status, row.void_reason) == ("void", "skipped")
    assert "close" in order or (view.status == "void" and view.note == "battle.skipped")
    assert not resume(site).retry and site.store.votes.counts().void == 1
    with pytest.raises(Refused):
        give_vote(site, view, "tie")


def test_a_page_that_is_closed_while_replies_stream_leaves_a_void_battle(site):
    site = with_members(site, pace=0.05)

    async def run():
        growing = battle.send_message(site, await battle.open_battle(site, VISITOR), "Hello")
        async for view in growing:
            if any(c.turns[-1].has_reply for c in view.conversations.values()):
                break
        await growing.aclose()
        return view

    view = asyncio.run(run())
    assert site.store.battles.state(view.battle).status == "void" and resume(site).retry
    with pytest.raises(Refused):
        give_vote(site, view, "tie")


def test_a_vote_that_the_database_refuses_tells_no_names(site):
    view = play(site)[-1]
    site.store.database.execute(
        "CREATE TRIGGER no BEFORE INSERT ON votes BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with pytest.raises(StoreError):
        give_vote(site, view)
    assert site.store.battles.state(view.battle).status == "ready"
    assert site.store.votes.reveal(view.battle, VISITOR) is None


def test_a_finished_battle_as_text(site):
    view = give_vote(site, play(site, "Hello\nyou")[-1], "both_bad")
    said = share_text.battle_text(view, site.roster.title)
    assert "> Hello\n> you" in said and "before I knew: both bad." in said
    assert f"A was **{view.reveal.left.name}**" in said and "**Blended** (" not in said


def test_nothing_that_a_battle_asks_the_database_reads_all_of_a_table(site):
    """What is cheap on this small file must be so among a million votes."""
    said = set()
    site.store.database.connection.set_trace_callback(said.add)
    view = play(site)[-1]

    async def on():
        loaded = await resume_battle(site, VISITOR)
        await battle.abandon(site, await voting.vote(site, loaded, "left"))
        await battle.skip(site, await battle.open_battle(site, VISITOR))

    asyncio.run(on())
    site.metrics.text()
    site.store.database.connection.set_trace_callback(None)
    asked = [sql for sql in said if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]
    plans = {
        step[3]
        for sql in asked
        for step in site.store.database.query(f"EXPLAIN QUERY PLAN {sql}")
        # SQLite calls a row's own way through an insert's trigger a scan of its table.
        if not sql.startswith(f"INSERT INTO {step[3].removeprefix('SCAN ')} ")
    }
    growing = ("battles", "votes", "turns", "conversations", "visitors", "visits", "b", "v", "t")
    assert view.battle and len(asked) > 20
    assert not [plan for plan in plans if plan.split()[:2] in [["SCAN", name] for name in growing]]
