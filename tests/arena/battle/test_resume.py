"""What comes back of a battle: after a reload, in another window, after the program died."""

import asyncio

import pytest
from battling import (
    VISITOR,
    give_vote,
    play,
    play_again,
    resume,
)

from arena.battle import battle, share_text
from arena.models import Refused
from arena.site.recording import start_turn


def test_a_battle_comes_back_as_it_stood_tells_no_names_and_goes_on(site):
    view = play(site)[-1]
    again = resume(site)

    assert (again.battle, again.status, again.turns) == (view.battle, "ready", 1)
    replies = [[t.reply for t in s.conversations["left"].turns] for s in (again, view)]
    assert replies[0] == replies[1]
    assert again.reveal is None and again.conversations["left"].turns[-1].draw is None
    assert share_text.battle_text(again, "x") == "" and resume(site, "somebody-else") is None

    again = play(site, "And now?", again)[-1]
    assert (again.status, again.turns) == ("ready", 2)
    after = give_vote(site, resume(site))
    assert after.conversations["left"].turns[-1].draw is not None
    assert resume(site).reveal == after.reveal


def test_a_battle_that_was_left_does_not_come_back(site):
    view = play(site)[-1]
    asyncio.run(battle.abandon(site, view))
    assert resume(site) is None and site.store.battles.state(view.battle).void_reason == "skipped"


def test_a_battle_that_the_program_died_in_can_be_saved(site):
    view = asyncio.run(battle.open_battle(site, VISITOR))
    site.store.battles.admit_message(view.battle, VISITOR, "Hello", 8)
    for conversation in view.conversations.values():
        start_turn(site.store, conversation.id, 0, conversation.ask("Hello").turns[0])

    found = resume(site)

    assert found.retry and found.note == "battle.failed_both"
    assert play_again(site, found).status == "ready"


def test_a_second_window_is_told_and_changes_nothing(site):
    play(site)
    other = resume(site)
    play(site, "On the first window", resume(site))

    with pytest.raises(Refused, match="another window"):
        play(site, "On the second", other)
    with pytest.raises(Refused, match="another window"):
        give_vote(site, other)
    assert resume(site).turns == 2


def test_without_texts_a_battle_says_that_it_could_not_be_brought_back(site):
    site.store.database.keep_texts = False
    play(site)
    found = resume(site)
    assert (found.status, found.turns, found.without_texts) == ("ready", 1, True)
    assert found.note == "battle.unkept"
    with pytest.raises(Refused, match="cannot go on"):
        play(site, "And now?", found)
    assert give_vote(site, found).reveal.choice == "left"
