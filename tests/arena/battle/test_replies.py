"""Both replies of a message: what a side does, and what becomes of it and of the other one."""

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

from arena.models import INCOMPLETE, Refused
from arena.site.recording import finish_turn
from arena.site.site import Site
from blend.conversation import LONGEST_REPLY


def test_a_side_that_fails_makes_the_battle_void_names_nobody_and_is_asked_once_more(site):
    site = with_members(site, fails_at=2)
    view = play(site)[-1]
    assert view.status == "void" == site.store.battles.state(view.battle).status
    assert view.retry and view.note.startswith("battle.failed_")
    with pytest.raises(Refused):
        give_vote(site, view)

    view = play_again(site, view)
    assert view.status == "void" and not view.retry and view.note.startswith("battle.void_")
    with pytest.raises(Refused, match="cannot be tried again"):
        play_again(site, view)
    assert len(rows(site, "SELECT 1 FROM turns")) == 4


def test_a_side_that_comes_round_is_judged_by_its_second_reply(site):
    view = play(site)[-1]
    whole = view.conversations["right"].turns[-1]
    left = view.conversations["left"]
    cut = left.answered(replace(left.turns[-1], finished=False, error="It broke."))
    finish_turn(site.store, cut.turns[-1])
    site.store.battles.void(view.battle, VISITOR, INCOMPLETE)

    saved = play_again(site, resume(site))

    assert saved.status == "ready" and saved.conversations["right"].turns[-1].id == whole.id
    assert saved.conversations["left"].turns[-1].id != cut.turns[-1].id
    assert give_vote(site, saved, "tie").reveal.counted
    parents = rows(site, "SELECT parent FROM turns WHERE parent IS NOT NULL")
    assert parents == [(cut.turns[-1].id,)]


def test_a_reply_that_tells_its_name_is_noted_before_the_vote_and_not_counted(site):
    site = with_members(site, lines=["Hello, my name is {name}, as you like."])
    view = play(site)[-1]

    assert view.leaked and rows(site, "SELECT leaked FROM battles") == [(1,)]
    reveal = give_vote(site, view).reveal
    assert (reveal.counted, reveal.reason) == (False, "identity_shown")


def test_together_shows_nothing_before_both_are_done(site):
    views = play(with_members(site, {"together": True}, lines=["word " * 40]))
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
    view = play(with_members(site, lines=["word " * 40]))[-1]
    assert {len(c.turns[-1].reply.split()) for c in view.conversations.values()} == {5}


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


def play_with(site: Site, *pieces, error=None):
    """A finished battle of the focus with a member like this: its stage, and the member's side."""
    for name in site.roster.singles:
        members = site.contenders.blend(name).members
        members[name] = Odd(members[name], *pieces, error=error)
    view = play(site)[-1]
    focus = site.contenders.id_of(site.roster.focus)
    (side,) = (side for side, id in view.contenders.items() if id != focus)
    return view, side


@pytest.mark.parametrize(
    ("pieces", "error"),
    [(("a",), ValueError("odd")), (("a", None), None), ((5,), None), ((), RecursionError())],
)
def test_whatever_one_side_does_the_other_is_kept_and_it_can_be_asked_again(site, pieces, error):
    view, side = play_with(site, *pieces, error=error)
    other = "right" if side == "left" else "left"

    assert (view.status, view.retry, view.unfinished) == ("void", True, (side,))
    kept = site.store.conversations.load(view.conversations[other].id, VISITOR)
    assert kept.turns[-1].finished and kept.turns[-1].reply


def test_what_nothing_can_store_is_stored_as_the_mark_of_it_and_a_long_reply_ends(site):
    view, side = play_with(site, "\ud83e", "x" * 30_000_000)
    kept = site.store.conversations.load(view.conversations[side].id, VISITOR).turns[-1]

    assert view.status == "ready"
    assert view.conversations[side].turns[-1].usage.finish == "length"
    assert kept.reply == "\ufffd" + "x" * (LONGEST_REPLY - 1)
