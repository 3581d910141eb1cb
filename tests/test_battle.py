"""Battles over a real store: two streams as one, votes, and what makes a battle void."""

import asyncio
import random
import sqlite3
from dataclasses import replace

import pytest
from conftest import unhurried

from arena import battle, share
from arena.comeback import back
from arena.recording import finish_turn, start_turn
from arena.records import STALLED, Refused, StoreError
from arena.site import Site
from arena.store import Store
from arena.voting import cast_vote
from blend.conversation import LONGEST_REPLY, MessageError
from blend.roster import read

VISITOR = "visitor-1"


@pytest.fixture
def site(tmp_path):
    store = Store.open(tmp_path / "arena.db")
    store.database.clock = unhurried()
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
    assert store.battles.state(stage.battle).status == "void"
    with pytest.raises(Refused):
        cast_vote(store, stage.battle, VISITOR, "tie")


def test_a_battle_is_written_before_the_first_token(site):
    async def run():
        stage = await battle.open_battle(site, VISITOR)
        return stage, site.store.battles.state(stage.battle)

    stage, row = asyncio.run(run())
    assert row.status == "created" and row.turns == 0
    names = {site.name(id) for id in stage.contenders.values()}
    assert site.roster.focus in names and len(names) == 2


def test_a_fight_ends_ready_and_a_vote_tells_the_names(site):
    stage = fought(site)[-1]
    assert stage.status == "ready" and site.store.battles.state(stage.battle).status == "ready"

    voted = asyncio.run(battle.vote(site, stage, "left"))
    assert voted.reveal.left.id == stage.contenders["left"]
    assert voted.moved[voted.reveal.left.id][1] > 1000 > voted.moved[voted.reveal.right.id][1]
    with pytest.raises(Refused):
        asyncio.run(battle.vote(site, stage, "right"))
    assert site.store.votes.counts().counted == 1


def test_a_vote_moves_ratings_of_own_votes_only(site):
    stage = fought(site)[-1]
    pair = (*stage.contenders.values(), "left", 500)
    with site.store.database.transaction():
        site.store.database.execute(
            "INSERT INTO vote_counts VALUES ('imported', ?, ?, ?, 1, ?)", pair
        )
    voted = asyncio.run(battle.vote(site, stage, "left"))
    assert {old for old, new in voted.moved.values()} == {1000}


def test_a_battle_goes_on_over_several_messages_up_to_its_limit(site):
    stage = fought(site)[-1]
    for n in range(1, site.settings.turns):
        stage = fought(site, f"message {n}", stage)[-1]

    assert stage.turns == site.settings.turns == site.store.battles.state(stage.battle).turns
    with pytest.raises(Refused, match="vote now"):
        fought(site, "one more", stage)
    assert asyncio.run(battle.vote(site, stage, "tie")).status == "voted"


@pytest.mark.parametrize("text", ["", "x" * 100_000, "a\x00"])
def test_a_bad_message_leaves_the_battle_as_it_was(site, text):
    stage = fought(site)[-1]
    with pytest.raises(MessageError):
        fought(site, text, stage)
    assert site.store.battles.state(stage.battle).status == "ready"


def test_a_vote_before_the_end_and_after_a_skip_is_refused(site):
    async def run():
        stage = await battle.open_battle(site, VISITOR)
        with pytest.raises(Refused):
            await battle.vote(site, stage, "tie")
        skipped = await battle.skip(site, stage)
        with pytest.raises(Refused):
            await battle.vote(site, skipped, "tie")

    asyncio.run(run())


@pytest.mark.parametrize(("beats", "order"), [(1, "skip"), (2, "skip"), (2, "skip close"),
                                              (2, "close skip")])  # fmt: skip
def test_a_skip_while_replies_stream_is_void_as_skipped_and_stays_so(site, beats, order):
    async def run():
        opened = await battle.open_battle(site, VISITOR)
        growing = battle.fight(site, opened, "Hello")
        for _ in range(beats):
            stage = await anext(growing)
        for act in order.split():
            await (growing.aclose() if act == "close" else battle.skip(site, stage))
        return [grown async for grown in growing] or [stage]

    stage = asyncio.run(run())[-1]
    row = site.store.battles.state(stage.battle)
    assert (row.status, row.void_reason) == ("void", "skipped")
    assert "close" in order or (stage.status == "void" and stage.note.startswith("Skipped."))
    assert not brought_back(site).retry and site.store.votes.counts().void == 1


def test_another_visitor_s_battle_is_refused(site):
    stage = replace(fought(site)[-1], visitor="somebody-else")
    with pytest.raises(Refused):
        asyncio.run(battle.vote(site, stage, "tie"))


def failing(site: Site, *names: str, fails_at: int = 2) -> Site:
    """The same site, where these members fail after so many words."""
    members = tuple(
        replace(m, options={**m.options, "fails_at": fails_at}) if m.name in names else m
        for m in site.roster.members
    )
    broken = Site(replace(site.roster, members=members), site.store, random.Random(1))
    broken.load()
    return broken


def once_more(site: Site, stage):
    async def run():
        return [grown async for grown in battle.again(site, stage)]

    return asyncio.run(run())[-1]


def brought_back(site: Site, visitor: str = VISITOR):
    return asyncio.run(back(site, visitor))


def rows(site: Site, sql: str) -> list[tuple]:
    with sqlite3.connect(f"file:{site.store.database.path}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_failing_side_makes_the_battle_void_and_names_nobody(site):
    site = failing(site, "alder", "birch", "cedar")
    stage = fought(site)[-1]

    assert stage.status == "void" and site.store.battles.state(stage.battle).status == "void"
    assert stage.retry and not any(name in stage.note for name in site.roster.colours)
    with pytest.raises(Refused):
        asyncio.run(battle.vote(site, stage, "left"))


def test_a_side_is_asked_once_more_and_no_further(site):
    site = failing(site, "alder", "birch", "cedar")
    stage = once_more(site, fought(site)[-1])

    assert stage.status == "void" and not stage.retry and "even when asked again" in stage.note
    with pytest.raises(Refused, match="cannot be tried again"):
        once_more(site, stage)
    assert len(rows(site, "SELECT 1 FROM turns")) == 4


def test_a_side_that_comes_round_is_judged_by_its_second_reply(site):
    stage = fought(site)[-1]
    whole = stage.conversations["right"].turns[-1]
    left = stage.conversations["left"]
    cut = left.answered(replace(left.turns[-1], finished=False, error="It broke."))
    finish_turn(site.store, cut.turns[-1])
    site.store.battles.void(stage.battle, VISITOR, STALLED)

    saved = once_more(site, brought_back(site))

    assert saved.status == "ready" and saved.conversations["right"].turns[-1].id == whole.id
    assert saved.conversations["left"].turns[-1].id != cut.turns[-1].id
    assert asyncio.run(battle.vote(site, saved, "tie")).reveal.counted
    parents = rows(site, "SELECT parent FROM turns WHERE parent IS NOT NULL")
    assert parents == [(cut.turns[-1].id,)]


def saying(site: Site, line: str, **settings) -> Site:
    """The same site, where everybody says this line."""
    members = tuple(replace(m, options={**m.options, "lines": [line]}) for m in site.roster.members)
    told = replace(site.roster.settings, **settings)
    talking = Site(replace(site.roster, members=members, settings=told), site.store, site.rng)
    talking.load()
    return talking


def test_a_reply_that_tells_its_name_is_noted_before_the_vote_and_not_counted(site):
    site = saying(site, "Hello, my name is {name}, as you like.")
    stage = fought(site)[-1]

    assert stage.leaked and rows(site, "SELECT leaked FROM battles") == [(1,)]
    reveal = asyncio.run(battle.vote(site, stage, "left")).reveal
    assert (reveal.counted, reveal.reason) == (False, "identity_shown")


def test_what_the_visitor_says_is_no_leak(site):
    site = saying(site, "A fine day.")
    assert not fought(site, "I am alder. My name is birch. Are you cedar or Blended?")[-1].leaked


def test_together_shows_nothing_before_both_are_done(site):
    site = saying(site, "word " * 40, together=True)
    stages = fought(site)
    assert not any(t.said for s in stages[:-1] for c in s.conversations.values() for t in c.turns)
    assert all(c.turns[-1].said for c in stages[-1].conversations.values())


def test_both_sides_have_the_same_limit(site):
    members = tuple(
        replace(m, sampling=replace(m.sampling, max_tokens=5 + n))
        for n, m in enumerate(site.roster.members)
    )
    limited = Site(replace(site.roster, members=members), site.store, random.Random(1))
    limited.load()
    stage = fought(saying(limited, "word " * 40))[-1]
    assert {len(c.turns[-1].reply.split()) for c in stage.conversations.values()} == {5}


def test_a_battle_comes_back_as_it_stood_and_tells_no_names(site):
    stage = fought(site)[-1]
    again = brought_back(site)

    assert (again.battle, again.status, again.turns) == (stage.battle, "ready", 1)
    assert [t.reply for t in again.conversations["left"].turns] == [
        t.reply for t in stage.conversations["left"].turns
    ]
    assert again.reveal is None and again.conversations["left"].turns[-1].draw is None
    assert share.text(again, "x") == "" and brought_back(site, "somebody-else") is None
    voted = asyncio.run(battle.vote(site, again, "left"))
    assert voted.conversations["left"].turns[-1].draw is not None
    assert brought_back(site).reveal == voted.reveal


def test_a_battle_goes_on_after_it_came_back(site):
    fought(site)
    stage = fought(site, "And now?", brought_back(site))[-1]
    assert (stage.status, stage.turns) == ("ready", 2)


def test_a_battle_that_was_left_does_not_come_back(site):
    stage = fought(site)[-1]
    asyncio.run(battle.leave(site, stage))
    assert (
        brought_back(site) is None
        and site.store.battles.state(stage.battle).void_reason == "skipped"
    )


def test_a_battle_that_the_program_died_in_can_be_saved(site):
    stage = asyncio.run(battle.open_battle(site, VISITOR))
    site.store.battles.admit_message(stage.battle, VISITOR, "Hello", 8)
    for conversation in stage.conversations.values():
        start_turn(site.store, conversation.id, 0, conversation.ask("Hello").turns[0])

    found = brought_back(site)

    assert found.retry and "Neither side could finish" in found.note
    assert once_more(site, found).status == "ready"


def test_a_second_window_is_told_and_changes_nothing(site):
    fought(site)
    other = brought_back(site)
    fought(site, "On the first window", brought_back(site))

    with pytest.raises(Refused, match="another window"):
        fought(site, "On the second", other)
    with pytest.raises(Refused, match="another window"):
        asyncio.run(battle.vote(site, other, "tie"))
    assert brought_back(site).turns == 2


def test_without_texts_a_battle_says_that_it_could_not_be_brought_back(site):
    site.store.database.keep_texts = False
    fought(site)
    found = brought_back(site)
    assert (found.status, found.turns, found.unkept) == ("ready", 1, True)
    assert "not kept here" in found.note and "You can still vote" in found.note
    with pytest.raises(Refused, match="cannot go on"):
        fought(site, "And now?", found)
    assert asyncio.run(battle.vote(site, found, "left")).reveal.choice == "left"


def test_a_vote_that_the_database_refuses_tells_no_names(site):
    stage = fought(site)[-1]
    site.store.database.execute(
        "CREATE TRIGGER no BEFORE INSERT ON votes BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with pytest.raises(StoreError):
        asyncio.run(battle.vote(site, stage, "left"))
    assert site.store.battles.state(stage.battle).status == "ready"
    assert site.store.votes.reveal(stage.battle, VISITOR) is None


def test_after_the_vote_nothing_is_asked_again(site):
    stage = fought(site)[-1]
    asyncio.run(battle.vote(site, stage, "left"))
    for act in (lambda: fought(site, "More", stage), lambda: once_more(site, stage)):
        with pytest.raises(Refused):
            act()
    assert len(rows(site, "SELECT 1 FROM turns")) == 2


def test_a_finished_battle_as_text(site):
    stage = asyncio.run(battle.vote(site, fought(site, "Hello\nyou")[-1], "both_bad"))
    said = share.text(stage, site.roster.title)
    assert "> Hello\n> you" in said and "before I knew: both bad." in said
    assert f"A was **{stage.reveal.left.name}**" in said and "**Blended** (" not in said


def test_nothing_that_a_battle_asks_the_database_reads_all_of_a_table(site):
    """What is cheap on this small file must be so among a million votes."""
    said = set()
    site.store.database.connection.set_trace_callback(said.add)
    stage = fought(site)[-1]

    async def on():
        loaded = await back(site, VISITOR)
        await battle.leave(site, await battle.vote(site, loaded, "left"))
        await battle.skip(site, await battle.open_battle(site, VISITOR))

    asyncio.run(on())
    site.metrics.text()
    site.store.database.connection.set_trace_callback(None)
    asked = [sql for sql in said if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]
    plans = {
        step[3]: sql
        for sql in asked
        for step in site.store.database.query(f"EXPLAIN QUERY PLAN {sql}")
    }
    growing = ("battles", "votes", "turns", "conversations", "visitors", "visits", "b", "v", "t")
    assert stage.battle and len(asked) > 20
    assert not [plan for plan in plans if plan.split()[:2] in [["SCAN", name] for name in growing]]


class Odd:
    """In the place of a member: says these pieces, then raises, where it is to."""

    def __init__(self, member, *pieces, error=None):
        self.name, self.sampling, self.honours = member.name, member.sampling, member.honours
        self.down, self.pieces, self.error = None, pieces, error

    def measure(self, messages, max_tokens):
        return None

    async def stream(self, messages, sampling, scope=""):
        for piece in self.pieces:
            yield piece
        if self.error is not None:
            raise self.error

    async def warm(self, messages):
        """Nothing."""


def fought_by(site: Site, *pieces, error=None):
    """A finished battle of the focus with a member like this: its stage, and the member's side."""
    for name in site.roster.singles:
        members = site.blend(name).members
        members[name] = Odd(members[name], *pieces, error=error)
    stage = fought(site)[-1]
    (side,) = (s for s, id in stage.contenders.items() if site.name(id) != site.roster.focus)
    return stage, side


@pytest.mark.parametrize(
    ("pieces", "error"),
    [(("a",), ValueError("odd")), (("a", None), None), ((5,), None), ((), RecursionError())],
)
def test_whatever_one_side_does_the_other_is_kept_and_it_can_be_asked_again(site, pieces, error):
    stage, side = fought_by(site, *pieces, error=error)
    other = "right" if side == "left" else "left"

    assert (stage.status, stage.retry, stage.unfinished) == ("void", True, (side,))
    kept = site.store.conversations.load(stage.conversations[other].id, VISITOR)
    assert kept.turns[-1].finished and kept.turns[-1].reply


def test_what_nothing_can_store_is_stored_as_the_mark_of_it_and_a_long_reply_ends(site):
    stage, side = fought_by(site, "\ud83e", "x" * 30_000_000)
    kept = site.store.conversations.load(stage.conversations[side].id, VISITOR).turns[-1]

    assert stage.status == "ready"
    assert stage.conversations[side].turns[-1].usage.finish == "length"
    assert kept.reply == "\ufffd" + "x" * (LONGEST_REPLY - 1)
