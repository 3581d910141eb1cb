"""The funnel and the waiting times, from real rows."""

from dataclasses import replace

import pytest
from stored import BLEND, SINGLE

from arena.battle.voting import cast_vote
from arena.db.repositories.usage import Funnel
from arena.models import Battle
from arena.site.recording import finish_turn, register_visitor, start_turn
from blend.conversation import Conversation, Draw, Turn


def fought(store, ends: str, visitor="ann", source="own", draw=None):
    """A battle of which as much happened as `ends` says; draw: of the right reply."""
    battle = Battle(visitor, BLEND.id, SINGLE.id, 0.5, "focus", source=source)
    store.battles.open(battle)
    if ends == "opened":
        return
    store.battles.admit_message(battle.id, visitor, "Hello?", 5)
    for side in ("left_conversation", "right_conversation"):
        turn = Turn("Hello?", draw=draw if draw and side[0] == "r" else Draw("y", 1.0, {"y": 1.0}))
        start_turn(store, getattr(battle, side), 0, turn)
        finish_turn(store, replace(turn, reply="Hi", finished=ends != "half" or side[0] == "l"))
    if ends in ("voted",):
        store.battles.mark_ready(battle.id)
        cast_vote(store, battle.id, visitor, "tie")


def replied(store, visitor, ttft, seconds, member="x", chance=1.0):
    conversation, turn = Conversation(), Turn("Hi")
    register_visitor(store, visitor)
    store.conversations.open(conversation, visitor, BLEND.id, "chat")
    start_turn(store, conversation.id, 0, turn)
    draw = Draw(member, chance, {member: chance} if chance else {})
    finish_turn(
        store, replace(turn, reply="Hello", draw=draw, finished=True, ttft_s=ttft, seconds=seconds)
    )


def test_the_funnel_narrows(store):
    assert store.usage.funnel() == Funnel(0, 0, 0, 0, 0)
    for ends in ("opened", "half", "finished", "voted", "voted"):
        fought(store, ends)
    fought(store, "voted", "bob")
    fought(store, "opened", source="simulated")

    assert store.usage.funnel() == Funnel(opened=6, finished=4, voted=3, counted=3, visitors=2)


def test_waiting_times_are_percentiles_of_members_heard_by_five_visitors(store):
    for n in range(21):
        replied(store, f"v{n % 7}", n / 20, n / 2)
        replied(store, f"v{n % 4}", 0.1, 1.0, member="y")
        replied(store, f"v{n % 7}", 9.0, 90.0, chance=None)
    (found,) = store.usage.latencies()
    assert (found.member, found.replies) == ("x", 21)
    assert found.first_token == pytest.approx((0.5, 0.95, 0.99))
    assert found.whole == pytest.approx((5.0, 9.5, 9.9))


def test_a_panels_reply_is_no_members_own(store):
    for draw in (Draw("x", 1.0, {"x": 1.0}), Draw("x", None, {})):
        fought(store, "voted", draw=draw)
    assert store.usage.first_replies() == (1, [("y", "x", "Hi", "Hi")])
