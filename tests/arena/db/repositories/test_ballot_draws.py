"""Who wrote a battle of several turns: it comes with its vote, where it can be read."""

from dataclasses import replace

import numpy as np
import pytest
from stored import fill

from arena.battle.voting import cast_vote
from arena.db.repositories.ballots import BallotCache
from arena.models import Battle
from arena.site.recording import finish_turn, register_visitor, start_turn
from blend.conversation import Draw, Turn, new_id

EVEN = {"a": 0.5, "b": 0.5}


def battle(store, left, right, visitor="v1"):
    """A voted battle in which these members wrote; each reply of b's is a second try."""
    one = Battle(visitor, "c-1", "c-2", 0.5, "focus")
    register_visitor(store, visitor)
    store.battles.open(one)
    for position, pair in enumerate(zip(left, right, strict=True)):
        store.battles.admit_message(one.id, visitor, f"{position}?", 8)
        sides = (one.left_conversation, one.right_conversation)
        for side, member in zip(sides, pair, strict=True):
            draw = Draw(member, 0.5, EVEN)
            turn = Turn(f"{position}?", "Well.", draw, finished=True, ttft_s=0.1, seconds=1.0)
            if member == "b":
                broken = replace(turn, id=new_id(), finished=False, draw=Draw("a", 0.5, EVEN))
                start_turn(store, side, position, broken)
                finish_turn(store, broken)
                start_turn(store, side, position, turn, broken.id)
            else:
                start_turn(store, side, position, turn)
            finish_turn(store, turn)
        store.battles.mark_ready(one.id)
    cast_vote(store, one.id, visitor, "left")


@pytest.fixture
def talks(empty):
    fill(empty, 1)
    return empty


SIDES = ("left_draws", "right_draws")


def written(ballots):
    """Who wrote each vote's left and right; empty where it is not known."""
    return [
        tuple("".join(ballots.draws[c].members) if c >= 0 else "" for c in codes)
        for codes in zip(*(ballots.column(side).tolist() for side in SIDES), strict=True)
    ]


def test_draws_of_several_turns_come_with_the_vote(talks):
    battle(talks, "ab", "aa")
    battle(talks, "a", "b")
    cache = BallotCache("own", SIDES)
    assert written(talks.ballots.update(cache)) == [("", ""), ("ab", "aa"), ("", "")]
    battle(talks, "aab", "aba", "v2")
    battle(talks, "ab", "ab", "v2")
    ballots = talks.ballots.update(cache)
    assert written(ballots)[3:] == [("aab", "aba"), ("ab", "ab")] and len(ballots.draws) == 4
    assert ballots.draws[0].chances == (EVEN, EVEN)
    assert written(talks.ballots.read("own", SIDES)) == written(ballots)
    kept = ballots.where(np.arange(len(ballots)) > 2)
    assert written(kept) == [("aab", "aba"), ("ab", "ab")]


def test_draws_that_cannot_be_read_are_not_known(talks):
    battle(talks, "ab", "aa")
    battle(talks, "ba", "bb")
    talks.database.execute("UPDATE turns SET chances = 'x' WHERE member = 'b' AND position = 1")
    assert written(talks.ballots.read("own", SIDES)) == [("", ""), ("", "aa"), ("ba", "")]
