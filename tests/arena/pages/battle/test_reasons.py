"""Reasons and a comment after a vote: which chips are there, what is stored, what is refused."""

import asyncio
import json
from dataclasses import replace

import gradio as gr
import pytest
from page_events import fought, locked, rows

from arena.battle import voting
from arena.battle.resume import resume_battle
from arena.pages.battle.reason_events import ReasonEvents
from arena.pages.battle.reasons import GROUPS, updates
from arena.texts import ENGLISH
from blend.roster.site.reasons import Reasons

GIVEN = "SELECT side, kind, reason FROM vote_reasons WHERE given ORDER BY 1, 2, 3"


def run(work):
    return asyncio.run(work)


def voted(site, choice="left"):
    """A battle of visitor v with its vote."""
    return run(voting.vote(site, run(fought(site)), choice))


def chosen(**groups) -> str:
    """What the browser sends: a list for each group, left_good=["more_helpful"] say."""
    return json.dumps([groups.get(f"{side}_{kind}", []) for side, kind in GROUPS])


def shown(site, view) -> list[str]:
    """The groups of chips that are there."""
    panel, *groups = updates(site.roster, view, ENGLISH)[: 1 + len(GROUPS)]
    if not panel["visible"]:
        return []
    return [
        f"{side}_{kind}"
        for (side, kind), each in zip(GROUPS, groups, strict=True)
        if each["visible"]
    ]


@pytest.mark.parametrize(
    ("choice", "groups"),
    [
        ("left", ["left_good", "right_bad"]),
        ("right", ["left_bad", "right_good"]),
        ("tie", ["left_good", "right_good"]),
        ("both_bad", ["left_bad", "right_bad"]),
    ],
)
def test_the_chips_are_about_what_the_vote_says(site, choice, groups):
    before = run(fought(site))
    assert shown(site, None) == shown(site, before) == []
    assert shown(site, run(voting.vote(site, before, choice))) == groups


def test_a_click_is_stored_and_a_reload_brings_it_back(site, notices):
    view, events = voted(site), ReasonEvents(site)
    picked = chosen(left_good=["more_natural", "more_helpful"], right_bad=["wrong_facts"])
    *outputs, kept = run(events.give(view, "v", "", None, picked))
    assert notices == [] and "Saved" in outputs[-2]
    assert outputs[:5] == [gr.skip()] * 5  # another chip may have been clicked meanwhile
    run(events.comment(kept, "v", "", None, " It knew.\r\n"))
    again = run(resume_battle(site, "v"))
    panel = updates(site.roster, again, ENGLISH)
    assert {*panel[1]["value"]} == {"more_natural", "more_helpful"}
    assert (panel[4]["value"], panel[5]["value"]) == (["wrong_facts"], "It knew.")
    run(events.give(again, "v", "", None, chosen()))
    assert rows(site, GIVEN) == []


def test_a_server_that_forgot_the_page_stores_it_all_the_same(site, notices):
    view = voted(site)
    run(ReasonEvents(site).give(None, "v", view.battle, None, chosen(left_good=["more_helpful"])))
    assert rows(site, GIVEN) == [("left", "good", "more_helpful")] and notices == []


@pytest.mark.parametrize(
    "picked",
    [
        chosen(left_good=["the best"]),
        chosen(left_good=["wrong_facts"]),
        chosen(left_good=["more_helpful"])[:-1],
        *("", "null", "[]", "[[],[],[]]", '["more_helpful"]', "[[1],[],[],[]]", "[" * 9000, None),
    ],
)
def test_what_is_no_reason_here_is_refused_and_nothing_changes(site, notices, picked):
    view = voted(site)
    run(ReasonEvents(site).give(view, "v", "", None, chosen(left_good=["more_correct"])))
    outputs = run(ReasonEvents(site).give(view, "v", "", None, picked))
    assert notices == [ENGLISH("refusals.no_reason")]
    assert rows(site, GIVEN) == [("left", "good", "more_correct")]
    assert outputs[1]["value"] == ["more_correct"]  # the page shows what is stored


def test_reasons_about_the_other_kind_are_left_out(site):
    view = voted(site)
    run(ReasonEvents(site).give(view, "v", "", None, chosen(left_bad=["wrong_facts"])))
    assert rows(site, GIVEN) == []


def test_nobody_else_and_nothing_before_the_vote(site, notices):
    before, events, picked = (
        run(fought(site)),
        ReasonEvents(site),
        chosen(left_good=["better_style"]),
    )
    for act, said in ((events.give, picked), (events.comment, "Hm.")):
        assert run(act(before, "v", "", None, said)) == gr.skip()
        assert run(act(None, "v", "", None, said)) == gr.skip()
    view = run(voting.vote(site, before, "left"))
    for act, said in ((events.give, picked), (events.comment, "Hm.")):
        run(act(view, "w", "", None, said))
        assert run(act(None, "w", view.battle, None, said)) == gr.skip()
    assert notices == [ENGLISH("refusals.reason_foreign")] * 2
    assert rows(site, GIVEN) == rows(site, "SELECT * FROM vote_comments") == []


def test_a_comment_that_cannot_be_is_a_sentence(site, notices):
    view, events = voted(site), ReasonEvents(site)
    run(events.comment(view, "v", "", None, "It knew."))
    for text in ("x" * 1001, "a\x00b"):
        outputs = run(events.comment(view, "v", "", None, text))
        assert outputs[0]["visible"] and outputs[1 + len(GROUPS)] == gr.skip()  # it stays typed
    assert len(notices) == 2 and "1,000 characters" in notices[0] and "U+0000" in notices[1]
    assert rows(site, "SELECT comment FROM vote_comments") == [("It knew.",)]


def test_a_comment_passes_the_host_s_moderation(site, notices):
    site.guard.moderation.hook = lambda text, role: "Be kind." if "zebra" in text else None
    run(ReasonEvents(site).comment(voted(site), "v", "", None, "You zebra!"))
    assert notices == ["Be kind."] and rows(site, "SELECT * FROM vote_comments") == []


def test_where_the_file_is_locked_the_page_says_so_and_keeps_the_chips(site, notices, caplog):
    view = voted(site)
    with locked(site):
        outputs = run(
            ReasonEvents(site).give(view, "v", "", None, chosen(left_good=["better_style"]))
        )
    assert notices == [ENGLISH("page.unstored")] and outputs[-1] == view


def test_without_reasons_and_texts_nothing_is_asked(site):
    view, roster = voted(site), replace(site.roster, reasons=Reasons((), ()))
    assert updates(roster, view, ENGLISH)[0]["visible"]
    bare = replace(roster, settings=replace(roster.settings, texts=False))
    *_, comment, save, note, tally = updates(bare, view, ENGLISH)
    assert note == "" and "vote no. 1" in tally
    quiet = replace(bare, reasons=Reasons())
    *_, comment, save, note, _ = updates(quiet, view, ENGLISH)
    assert "Optional" in note
    assert not comment["visible"] and not save["visible"]
