"""Battles over a real store: both replies, the vote, and what makes a battle void."""

import asyncio
import random
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from stored import unhurried

from arena.battle import battle, share_text, voting
from arena.battle.resume import resume_battle
from arena.battle.voting import rating_change
from arena.db.repositories.votes.visitor_votes import VoteTally
from arena.db.store import Store
from arena.models import INCOMPLETE, Refused, StoreError, VoteCounts
from arena.ranking.ballots import PairCounts
from arena.ranking.ratings import bradley_terry
from arena.site.recording import finish_turn, start_turn
from arena.site.site import Site
from blend.conversation import LONGEST_REPLY, MessageError
from blend.roster import read

VISITOR = "visitor-1"


@pytest.fixture
def site(tmp_path):
    with closing(Store.open(tmp_path / "arena.db")) as store:
        store.database.clock = unhurried()
        yield with_members(Site(read("scripted"), store), pace=0.0)


def with_members(site: Site, settings: dict | None = None, **options) -> Site:
    """The same site, where all members have these options."""
    members = tuple(replace(m, options={**m.options, **options}) for m in site.roster.members)
    settings = replace(site.roster.settings, **(settings or {}))
    roster = replace(site.roster, members=members, settings=settings)
    made = Site(roster, site.store, random.Random(1))
    made.contenders.load()
    return made


def fought(site: Site, text: str = "Hello", view=None):
    """The stages of one message, in a new battle where none is given."""

    async def run():
        opened = view or await battle.open_battle(site, VISITOR)
        return [grown async for grown in battle.send_message(site, opened, text)]

    return asyncio.run(run())


def once_more(site: Site, view):
    async def run():
        return [grown async for grown in battle.retry(site, view)]

    return asyncio.run(run())[-1]


def voted(site: Site, view, choice: str = "left"):
    return asyncio.run(voting.vote(site, view, choice))


def brought_back(site: Site, visitor: str = VISITOR):
    return asyncio.run(resume_battle(site, visitor))


def rows(site: Site, sql: str) -> list[tuple]:
    with sqlite3.connect(f"file:{site.store.database.path}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_battle_is_written_before_the_first_token(site):
    view = asyncio.run(battle.open_battle(site, VISITOR))
    row = site.store.battles.state(view.battle)
    assert (row.status, row.turns) == ("created", 0)
    names = {site.contenders.name_of(id) for id in view.contenders.values()}
    assert site.roster.focus in names and len(names) == 2
    with pytest.raises(Refused):
        voted(site, view)


def test_a_battle_ends_ready_and_a_vote_tells_the_names_once(site):
    view = fought(site)[-1]
    pair = (*view.contenders.values(), "left", 500)  # of others' votes: they change no rating
    with site.store.database.transaction():
        site.store.database.execute(
            "INSERT INTO vote_counts VALUES ('imported', ?, ?, ?, 1, ?)", pair
        )
    assert view.status == "ready" and site.store.battles.state(view.battle).status == "ready"

    after = voted(site, view)
    assert after.reveal.left.id == view.contenders["left"]
    (left, won), (right, lost) = after.rating_change.values()
    assert left == right == 1000 and won > 1000 > lost
    assert after.tally == VoteTally(1, 1, 1)
    assert brought_back(site).rating_change == after.rating_change
    for late in (voted, lambda *given: fought(site, "More", view), once_more):
        with pytest.raises(Refused):
            late(site, view)
    assert (
        site.store.votes.counts("own").counted == 1 and len(rows(site, "SELECT 1 FROM turns")) == 2
    )


def test_a_battle_goes_on_over_several_messages_up_to_its_limit(site):
    view = fought(site)[-1]
    for n in range(1, site.settings.turns):
        view = fought(site, f"message {n}", view)[-1]

    assert view.turns == site.settings.turns == site.store.battles.state(view.battle).turns
    with pytest.raises(Refused, match="vote now"):
        fought(site, "one more", view)
    assert voted(site, view, "tie").status == "voted"


@pytest.mark.parametrize("text", ["", "x" * 100_000, "a\x00"])
def test_a_bad_message_leaves_the_battle_as_it_was(site, text):
    view = fought(site)[-1]
    with pytest.raises(MessageError):
        fought(site, text, view)
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
    assert not brought_back(site).retry and site.store.votes.counts().void == 1
    with pytest.raises(Refused):
        voted(site, view, "tie")


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
    assert site.store.battles.state(view.battle).status == "void" and brought_back(site).retry
    with pytest.raises(Refused):
        voted(site, view, "tie")


def test_a_side_that_fails_makes_the_battle_void_names_nobody_and_is_asked_once_more(site):
    site = with_members(site, fails_at=2)
    view = fought(site)[-1]
    assert view.status == "void" == site.store.battles.state(view.battle).status
    assert view.retry and view.note.startswith("battle.failed_")
    with pytest.raises(Refused):
        voted(site, view)

    view = once_more(site, view)
    assert view.status == "void" and not view.retry and view.note.startswith("battle.void_")
    with pytest.raises(Refused, match="cannot be tried again"):
        once_more(site, view)
    assert len(rows(site, "SELECT 1 FROM turns")) == 4


def test_a_side_that_comes_round_is_judged_by_its_second_reply(site):
    view = fought(site)[-1]
    whole = view.conversations["right"].turns[-1]
    left = view.conversations["left"]
    cut = left.answered(replace(left.turns[-1], finished=False, error="It broke."))
    finish_turn(site.store, cut.turns[-1])
    site.store.battles.void(view.battle, VISITOR, INCOMPLETE)

    saved = once_more(site, brought_back(site))

    assert saved.status == "ready" and saved.conversations["right"].turns[-1].id == whole.id
    assert saved.conversations["left"].turns[-1].id != cut.turns[-1].id
    assert voted(site, saved, "tie").reveal.counted
    parents = rows(site, "SELECT parent FROM turns WHERE parent IS NOT NULL")
    assert parents == [(cut.turns[-1].id,)]


def test_a_reply_that_tells_its_name_is_noted_before_the_vote_and_not_counted(site):
    site = with_members(site, lines=["Hello, my name is {name}, as you like."])
    view = fought(site)[-1]

    assert view.leaked and rows(site, "SELECT leaked FROM battles") == [(1,)]
    reveal = voted(site, view).reveal
    assert (reveal.counted, reveal.reason) == (False, "identity_shown")


def test_together_shows_nothing_before_both_are_done(site):
    views = fought(with_members(site, {"together": True}, lines=["word " * 40]))
    assert not any(
        t.has_reply for s in views[:-1] for c in s.conversations.values() for t in c.turns
    )
    assert all(c.turns[-1].has_reply for c in views[-1].conversations.values())


def test_both_sides_have_the_same_limit(site):
    members = tuple(
        replace(m, sampling=replace(m.sampling, max_tokens=5 + n))
        for n, m in enumerate(site.roster.members)
    )
    site.roster = replace(site.roster, members=members)
    view = fought(with_members(site, lines=["word " * 40]))[-1]
    assert {len(c.turns[-1].reply.split()) for c in view.conversations.values()} == {5}


def test_a_battle_comes_back_as_it_stood_tells_no_names_and_goes_on(site):
    view = fought(site)[-1]
    again = brought_back(site)

    assert (again.battle, again.status, again.turns) == (view.battle, "ready", 1)
    replies = [[t.reply for t in s.conversations["left"].turns] for s in (again, view)]
    assert replies[0] == replies[1]
    assert again.reveal is None and again.conversations["left"].turns[-1].draw is None
    assert share_text.battle_text(again, "x") == "" and brought_back(site, "somebody-else") is None

    again = fought(site, "And now?", again)[-1]
    assert (again.status, again.turns) == ("ready", 2)
    after = voted(site, brought_back(site))
    assert after.conversations["left"].turns[-1].draw is not None
    assert brought_back(site).reveal == after.reveal


def test_a_battle_that_was_left_does_not_come_back(site):
    view = fought(site)[-1]
    asyncio.run(battle.abandon(site, view))
    assert (
        brought_back(site) is None
        and site.store.battles.state(view.battle).void_reason == "skipped"
    )


def test_a_battle_that_the_program_died_in_can_be_saved(site):
    view = asyncio.run(battle.open_battle(site, VISITOR))
    site.store.battles.admit_message(view.battle, VISITOR, "Hello", 8)
    for conversation in view.conversations.values():
        start_turn(site.store, conversation.id, 0, conversation.ask("Hello").turns[0])

    found = brought_back(site)

    assert found.retry and found.note == "battle.failed_both"
    assert once_more(site, found).status == "ready"


def test_a_second_window_is_told_and_changes_nothing(site):
    fought(site)
    other = brought_back(site)
    fought(site, "On the first window", brought_back(site))

    with pytest.raises(Refused, match="another window"):
        fought(site, "On the second", other)
    with pytest.raises(Refused, match="another window"):
        voted(site, other)
    assert brought_back(site).turns == 2


def test_without_texts_a_battle_says_that_it_could_not_be_brought_back(site):
    site.store.database.keep_texts = False
    fought(site)
    found = brought_back(site)
    assert (found.status, found.turns, found.without_texts) == ("ready", 1, True)
    assert found.note == "battle.unkept"
    with pytest.raises(Refused, match="cannot go on"):
        fought(site, "And now?", found)
    assert voted(site, found).reveal.choice == "left"


def test_a_vote_that_the_database_refuses_tells_no_names(site):
    view = fought(site)[-1]
    site.store.database.execute(
        "CREATE TRIGGER no BEFORE INSERT ON votes BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with pytest.raises(StoreError):
        voted(site, view)
    assert site.store.battles.state(view.battle).status == "ready"
    assert site.store.votes.reveal(view.battle, VISITOR) is None


def test_a_finished_battle_as_text(site):
    view = voted(site, fought(site, "Hello\nyou")[-1], "both_bad")
    said = share_text.battle_text(view, site.roster.title)
    assert "> Hello\n> you" in said and "before I knew: both bad." in said
    assert f"A was **{view.reveal.left.name}**" in said and "**Blended** (" not in said


def test_nothing_that_a_battle_asks_the_database_reads_all_of_a_table(site):
    """What is cheap on this small file must be so among a million votes."""
    said = set()
    site.store.database.connection.set_trace_callback(said.add)
    view = fought(site)[-1]

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
        members = site.contenders.blend(name).members
        members[name] = Odd(members[name], *pieces, error=error)
    view = fought(site)[-1]
    focus = site.contenders.id_of(site.roster.focus)
    (side,) = (side for side, id in view.contenders.items() if id != focus)
    return view, side


@pytest.mark.parametrize(
    ("pieces", "error"),
    [(("a",), ValueError("odd")), (("a", None), None), ((5,), None), ((), RecursionError())],
)
def test_whatever_one_side_does_the_other_is_kept_and_it_can_be_asked_again(site, pieces, error):
    view, side = fought_by(site, *pieces, error=error)
    other = "right" if side == "left" else "left"

    assert (view.status, view.retry, view.unfinished) == ("void", True, (side,))
    kept = site.store.conversations.load(view.conversations[other].id, VISITOR)
    assert kept.turns[-1].finished and kept.turns[-1].reply


def test_what_nothing_can_store_is_stored_as_the_mark_of_it_and_a_long_reply_ends(site):
    view, side = fought_by(site, "\ud83e", "x" * 30_000_000)
    kept = site.store.conversations.load(view.conversations[side].id, VISITOR).turns[-1]

    assert view.status == "ready"
    assert view.conversations[side].turns[-1].usage.finish == "length"
    assert kept.reply == "\ufffd" + "x" * (LONGEST_REPLY - 1)


@pytest.mark.parametrize(("choice", "sign"), [("left", 1), ("right", -1), ("both_bad", 0)])
def test_the_first_vote_moves_the_winner_up(choice, sign):
    changed = rating_change(VoteCounts((), 0, 0, 0), ("a", "b"), choice)
    (a_old, a_new), (b_old, b_new) = changed["a"], changed["b"]

    assert (a_old, b_old) == (1000, 1000) and a_new + b_new == pytest.approx(2000)
    assert (a_new - a_old) * sign >= 0 and bool(a_new - a_old) == bool(sign)


def test_the_ratings_are_those_of_the_board():
    outcomes = (("a", "b", "left", 3), ("c", "a", "tie", 2), ("b", "c", "right", 5))
    changed = rating_change(VoteCounts(outcomes, 10, 10, 0), ("a", "b"), "right")
    after = (*outcomes, ("a", "b", "right", 1))
    boards = [bradley_terry(PairCounts.of(rows)) for rows in (outcomes, after)]
    for id in "ab":
        assert changed[id] == pytest.approx([board[id].rating for board in boards])
