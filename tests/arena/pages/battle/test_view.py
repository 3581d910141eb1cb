"""How a battle looks in every state: what can be done, and why not more."""

from dataclasses import replace

import pytest

from arena.battle.state import SIDES, BattleView
from arena.pages.battle.view import Onlooker, battle_view, growing_columns
from arena.texts import ENGLISH, texts_in
from blend.conversation import Conversation, Turn
from blend.roster import read

OUTPUTS = ("a", "b", "box", "status", "result", "left", "right", "tie", "both_bad", "again")
OUTPUTS += ("renew",)


def seen(battle_at: BattleView | None, **options) -> dict:
    """The components of the tab by what they are."""
    return dict(
        zip(OUTPUTS, battle_view(read("scripted"), battle_at, Onlooker(**options)), strict=False)
    )


def battle_at(status: str) -> BattleView:
    said = Conversation(turns=(Turn("Hi", "Hello.", finished=status != "streaming"),))
    return BattleView("b", "v", {"left": "1", "right": "2"}, dict.fromkeys(SIDES, said), status)


@pytest.mark.parametrize(
    ("status", "vote", "skip"),
    [
        (None, False, "New battle"),
        ("streaming", False, "Skip: new battle"),
        ("ready", True, "Skip: new battle"),
    ],
)
def test_what_can_be_done_with_a_battle_depends_on_how_it_stands(status, vote, skip):
    view = seen(battle_at(status) if status else None)
    assert all(view[choice]["interactive"] == vote for choice in ("left", "tie", "both_bad"))
    assert (view["renew"]["value"], view["renew"]["interactive"]) == (skip, status is not None)


def test_who_must_log_in_is_told_so_and_cannot_vote():
    locked = seen(battle_at("ready"), locked=True)
    assert not locked["both_bad"]["interactive"] and ENGLISH("battle.login") in locked["status"]
    assert "log in" in seen(None, locked=True)["status"] and "log in" not in seen(None)["status"]


@pytest.mark.parametrize("status", ["streaming", "ready"])
def test_the_columns_alone_are_what_the_whole_view_shows_before_the_vote(status):
    view = seen(battle_at(status))
    assert (
        growing_columns(read("scripted"), battle_at(status), ENGLISH) == (view["a"], view["b"])
        and view["a"][-1]["content"]
    )
    assert growing_columns(read("scripted"), None, ENGLISH) == ([], [])


def test_both_columns_speak_the_visitors_language():
    german = texts_in("de")
    asked = battle_at("ready").pending("And now?")
    named = replace(asked, names=dict.fromkeys(SIDES, "birch"))
    for view in (asked, named, replace(asked, status="void", note="battle.skipped")):
        shown = battle_view(read("scripted"), view, Onlooker(german))
        for column in shown[:2]:
            words, streaming = str(column), view.status == "streaming"
            assert german("script.copy") in words and ENGLISH("transcript.writing") not in words
            assert german("transcript.writing" if streaming else "replies.unfinished") in words


def test_a_stage_that_asks_waits_for_both_or_for_who_did_not_finish():
    asking = battle_at("ready").pending("And now?")
    assert (asking.status, asking.turns) == ("streaming", 2)
    early = seen(asking)  # what Gradio's page cannot cancel yet
    assert early["box"]["stop_btn"] is False and early["renew"]["interactive"] is False
    cut = Conversation(turns=(Turn("Hi", "Hel", error="It broke."),))
    both = battle_at("void").conversations | {"right": cut}
    again = BattleView("b", "v", {"left": "1", "right": "2"}, both, "void", retry=True).pending()
    assert again.conversations["left"].turns[-1].reply == "Hello."
    assert again.conversations["right"].turns[-1].reply == "" and not again.retry
