"""How a battle looks in every state: what can be done, and why not more."""

from types import SimpleNamespace

import pytest

from arena.race import SIDES
from arena.stage import Stage
from arena.tabs.scene import LOGIN, columns, scene
from blend.conversation import Conversation, Turn
from blend.roster import read

OUTPUTS = (
    "a",
    "b",
    "box",
    "status",
    "result",
    "left",
    "right",
    "tie",
    "both_bad",
    "again",
    "renew",
)


def seen(stage: Stage | None, **options) -> SimpleNamespace:
    """The components of the tab by what they are."""
    return SimpleNamespace(
        **dict(zip(OUTPUTS, scene(read("scripted"), stage, **options), strict=False))
    )


def stage(status: str, reply: str = "Hello.") -> Stage:
    said = Conversation(turns=(Turn("Hi", reply, finished=status != "streaming"),))
    return Stage("b", "v", {"left": "1", "right": "2"}, dict.fromkeys(SIDES, said), status)


@pytest.mark.parametrize("status", ["streaming", "ready"])
def test_a_battle_can_be_skipped_as_soon_as_it_has_begun(status):
    assert seen(stage(status)).renew["interactive"]
    assert seen(stage(status)).renew["value"] == "Skip: new battle"
    assert not seen(None).renew["interactive"]


def test_votes_wake_when_both_have_finished_and_only_for_who_may_vote():
    assert (
        seen(stage("ready")).left["interactive"] and not seen(stage("streaming")).tie["interactive"]
    )
    locked = seen(stage("ready"), locked=True)
    assert not locked.both_bad["interactive"] and LOGIN in locked.status
    assert "log in" in seen(None, locked=True).status and "log in" not in seen(None).status


def test_the_columns_alone_are_what_the_whole_view_shows_before_the_vote():
    for status in ("streaming", "ready"):
        left, right = columns(stage(status))
        view = seen(stage(status))
        assert (view.a, view.b) == (left, right) and left[-1]["content"]
    assert columns(None) == ([], [])


def test_a_stage_that_asks_waits_for_both_or_for_who_did_not_finish():
    asking = stage("ready").asking("And now?")
    assert (asking.status, asking.turns) == ("streaming", 2)
    cut = Conversation(turns=(Turn("Hi", "Hel", error="It broke."),))
    void = stage("void")
    void = Stage(
        "b", "v", void.contenders, {**void.conversations, "right": cut}, "void", retry=True
    )
    again = void.asking()
    assert again.conversations["left"].turns[-1].reply == "Hello."
    assert again.conversations["right"].turns[-1].reply == "" and not again.retry
