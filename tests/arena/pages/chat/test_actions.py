"""What is done at a message of a chat: what the browser claims of it counts only where it is so."""

import asyncio
from dataclasses import replace

import gradio as gr
import pytest
from page_events import chatted, rows

from arena.pages.chat.actions import BACK, MessageActions, Said
from arena.pages.chat.events import ChatEvents
from arena.texts import ENGLISH
from blend.roster.site.reasons import Reasons


def run(work):
    return asyncio.run(work)


@pytest.fixture
def three(site):
    """A chat of three turns."""
    state = None
    for text in ("One", "Two", "Three"):
        state = run(chatted(site, text, state))
    return state


def act(site, name: str, state, **said: object):
    """What comes of a press at a message."""
    return run(getattr(MessageActions(ChatEvents(site)), name)(state, "v", "", None, Said(**said)))


def active(site) -> list[tuple]:
    return rows(site, "SELECT prompt FROM turns WHERE NOT undone ORDER BY position, rowid")


def test_an_edited_message_takes_back_itself_and_what_followed_and_is_answered(
    site, three, notices
):
    *_, pending, replaces, taken = act(site, "edit", three, turn=three.turns[1].id, text="Two and")
    assert [turn.prompt for turn in pending.turns] == ["One", "Two and"]
    assert (replaces, taken) == (None, "")  # no text leaves the box, or comes into it

    async def reply():
        return [view async for view in ChatEvents(site).reply(pending, "v")][-1][1]

    assert run(reply()).turns[-1].finished and notices == []
    said = rows(site, "SELECT prompt, undone, parent, finished FROM turns ORDER BY rowid")
    kept, edited = ("One", 0, None, 1), ("Two and", 0, None, 1)
    assert said == [kept, ("Two", 1, None, 1), ("Three", 1, None, 1), edited]


@pytest.mark.parametrize("text", ["", "   ", "y" * 100_000, None, 7, "a\x00b"])
def test_a_message_that_cannot_be_sent_takes_nothing_back(site, three, notices, text):
    *_, state, pending, _ = act(site, "edit", three, turn=three.turns[0].id, text=text)
    assert (state, pending) == (three, None) and len(notices) == 1
    assert active(site) == [("One",), ("Two",), ("Three",)]


@pytest.mark.parametrize("name", ["retry", "edit", "undo", "thumb", "reason"])
@pytest.mark.parametrize("turn", ["", "x", None, 0, ["y"], {"a": 1}])
def test_a_turn_that_the_chat_does_not_have_is_no_turn(site, three, notices, name, turn):
    act(site, name, three, turn=turn, text="Hi", liked=True)
    assert notices == [ENGLISH("refusals.elsewhere")]
    assert rows(site, "SELECT count(*), sum(undone), count(feedback) FROM turns") == [(3, 0, 0)]


def test_only_the_last_turn_is_drawn_anew_or_taken_back(site, three, notices):
    for name in ("retry", "undo"):
        act(site, name, three, turn=three.turns[0].id)
    assert notices == [ENGLISH("refusals.elsewhere")] * 2 and len(active(site)) == 3


def test_what_another_window_added_is_not_taken_back_by_an_edit(site, three, notices):
    run(chatted(site, "Four, elsewhere", three))
    *_, state, pending, _ = act(site, "edit", three, turn=three.turns[2].id, text="Three again")
    assert pending is None and len(state.turns) == 4 and notices == [ENGLISH("refusals.elsewhere")]
    assert len(active(site)) == 4


def test_a_thumb_is_shown_kept_turned_and_taken_back(site, three):
    state, turn = three, three.turns[1].id
    given = ((True, 1), (True, 1), (False, -1), (False, None))  # pressed twice, it is given once
    for liked, feedback in given:
        detail = BACK if feedback is None else None
        log, *_, state = act(site, "thumb", state, turn=turn, liked=liked, detail=detail)
        assert state.turns[1].feedback == feedback
        assert rows(site, f"SELECT feedback FROM turns WHERE id = '{turn}'") == [(feedback,)]
        assert f"{log}".count('aria-pressed="true"') == int(feedback is not None)
    assert act(site, "thumb", state, turn=turn, liked="up") == gr.skip()


def test_reasons_for_a_thumb_are_shown_kept_and_taken_back_with_it(site, three, notices):
    turn, stored = three.turns[1].id, "SELECT feedback, feedback_reasons FROM turns WHERE id = '{}'"
    log, *_, state = act(site, "thumb", three, turn=turn, liked=True)
    assert "open><summary>What was good about reply 2? <span>Say why" in f"{log}"
    for reason, given in (("better_style", True), ("more_helpful", True), ("better_style", False)):
        log, *_, state = act(site, "reason", state, turn=turn, detail=reason, liked=given)
    assert rows(site, stored.format(turn)) == [(1, '["more_helpful"]')]
    assert "<bdi>more helpful</bdi>" in f"{log}" and f"{log}".count('aria-pressed="true"') == 2
    for reason in ("wrong_facts", "my own", "", None, ["more_helpful"]):  # none of a thumb up
        *_, same = act(site, "reason", state, turn=turn, detail=reason, liked=True)
        assert same.turns == state.turns
    assert notices == [ENGLISH("refusals.no_reason")] * 5
    view = ChatEvents(site).outputs(state)
    assert "thumb-reasons" in f"{view.log}" and "open>" not in f"{view.log}"
    *_, state = act(site, "thumb", state, turn=turn, liked=False)
    assert rows(site, stored.format(turn)) == [(-1, None)]
    assert act(site, "reason", state, turn=turn, detail="rude_or_unsafe", liked="on") == gr.skip()


def test_without_a_thumb_or_where_a_host_asks_for_none_there_are_no_reasons(site, three, notices):
    turn = three.turns[1].id
    act(site, "reason", three, turn=turn, detail="more_helpful", liked=True)
    assert notices == [ENGLISH("refusals.no_reason")]
    site.roster = replace(site.roster, reasons=Reasons(good=()))
    log, *_ = act(site, "thumb", three, turn=turn, liked=True)
    assert "thumb-reasons" not in f"{log}"


def test_another_visitors_chat_is_not_acted_on(site, three, notices):
    actions, said = MessageActions(ChatEvents(site)), Said(three.turns[-1].id, True, "Mine now")
    for name in ("retry", "edit", "undo", "thumb", "reason"):
        run(getattr(actions, name)(None, "w", three.id, None, said))
    assert rows(site, "SELECT count(*), sum(undone), count(feedback) FROM turns") == [(3, 0, 0)]
