"""How contenders and replies look."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.pages.appearance import (
    STOPPED,
    chip,
    copy_button,
    ribbon,
    style,
    transcript,
    waiting,
    who,
)
from arena.pages.chat.view import ChatLook
from arena.texts import ENGLISH
from blend.conversation import Conversation, Draft, Draw, Selection, Sentence, Turn
from blend.roster import read

ROSTER = read("scripted")
SAID = Turn("Hi", "Hello", Draw("birch", 1 / 3, {}), finished=True)
THOUGHT = replace(SAID, thought="\n<b>I am birch</b>\n")


def html(turn: Turn, *roster, **options) -> str:
    """A turn's reply."""
    return transcript([turn], ENGLISH, *roster, **options)[1]["content"]["value"]


def test_what_a_member_wrote_that_left_the_roster_is_still_shown():
    gone = replace(SAID, draw=Draw("willow", 0.5, {"willow": 0.5, "birch": 0.5}))
    talk = Conversation(turns=(gone, SAID))
    log, _, band, *_ = ChatLook(ROSTER).view(talk)
    assert "willow · 50%" in f"{log}" and "said who-gone" in f"{log}"
    assert "willow · 1" in band and "birch · 1" in band
    assert "who-gone" in ribbon(ROSTER, talk, ENGLISH) and ".who-gone" in style(ROSTER)


def test_before_the_vote_nothing_tells_who_wrote_a_reply():
    shown = transcript([THOUGHT], ENGLISH)
    assert [message["role"] for message in shown] == ["user", "assistant"]
    assert "Hello" in html(THOUGHT) and "birch" not in f"{shown}" and "chip" not in f"{shown}"
    assert html(THOUGHT) == html(SAID)


def test_a_panels_drafts_are_folded_under_its_reply_where_its_writer_may_be_told():
    drafts = (Draft("cedar", "<b>No</b>"), Draft("birch", "Hello", picked=True))
    turn = replace(SAID, draw=Draw("birch", None, {}), selection=Selection("<x>", drafts, "judged"))
    shown = html(turn, ROSTER)

    assert html(turn) == html(SAID)  # before the vote, and during an experiment
    assert chip(ROSTER, "birch") in shown and "%" not in shown
    assert "<summary>2 drafts, and the judge</summary><p><bdi>&lt;x&gt;</bdi> picked one" in shown
    assert f"<li>{chip(ROSTER, 'cedar')}" in shown and ">&lt;b&gt;No&lt;/b&gt;<" in shown
    assert f"<li>{chip(ROSTER, 'birch', ' · the reply')}" in shown
    growing = replace(turn, finished=False)
    assert "drafts" not in html(growing, ROSTER, growing=True)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("written", "wrote the reply from these"),
        ("random", "gave no answer that names a draft"),
        ("only", "was not asked"),
    ],
)
def test_what_the_judge_did_is_said(how, said):
    turn = replace(SAID, selection=Selection("oak", (Draft("birch", "Hello"),), how))
    assert said in html(turn, ROSTER)


def test_with_a_roster_each_reply_has_its_chip_and_its_thoughts_folded():
    shown = html(THOUGHT, ROSTER)
    assert chip(ROSTER, "birch", " · 33%") in shown
    assert "<summary>Thoughts of <bdi>birch</bdi></summary>" in shown
    assert ">&lt;b&gt;I am birch&lt;/b&gt;</div></details>" in shown
    assert html(replace(SAID, thought="\n\n"), ROSTER) == html(SAID, ROSTER)


BOTH = {"birch": 0.5, "cedar": 0.5}
SHARED = replace(
    SAID,
    draw=Draw("birch", 0.5, BOTH),
    reply="One. Two. Three.",
    sentences=tuple(
        Sentence(Draw(name, 0.5, BOTH), start)
        for name, start in (("birch", 0), ("cedar", 4), ("birch", 9), ("cedar", 16))
    ),
)


def test_who_wrote_which_sentence_is_folded_under_a_reply_of_several_and_before_a_vote_nowhere():
    shown = html(SHARED, ROSTER)
    chips = chip(ROSTER, "birch", " · 2 sentences") + chip(ROSTER, "cedar", " · 1 sentence")
    assert chips in shown and "<summary>Who wrote which sentence</summary>" in shown
    told = re.findall(r"<bdi>(\w+)</bdi><span[^>]*>([^<]*)</span><b>50%</b>", shown)
    assert told == [
        *(("birch", "One."), ("cedar", "Two."), ("birch", "Three.")),
        ("cedar", "ended the reply"),
    ]
    assert html(SHARED) == html(replace(SHARED, draw=None, sentences=()))
    growing = html(replace(SHARED, finished=False), ROSTER, growing=True)
    assert "details" not in growing and chips in growing


def test_marks_and_counts_are_of_sentences_and_each_writer_lights_the_reply_up():
    log, _, band, *_ = ChatLook(ROSTER).view(Conversation(turns=(SHARED,)))
    birch, cedar = (who(ROSTER, name) for name in ("birch", "cedar"))
    assert f'class="said who-{birch} who-{cedar}"' in f"{log}"
    assert "birch · 2" in band and "cedar · 1" in band and band.count('data-act="go"') == 3
    assert "Every sentence is drawn anew" in f"{log}"
    assert ribbon(ROSTER, Conversation(turns=(SHARED,)), ENGLISH).count('class="mark') == 3


def test_thoughts_come_when_the_reply_has_ended():
    growing = replace(THOUGHT, reply="", finished=False)
    assert html(growing, ROSTER, growing=True) == waiting(ENGLISH, thinks=True)
    assert html(growing, growing=True) == html(Turn("Hi")) == waiting(ENGLISH)
    assert "details" not in html(replace(growing, reply="Hel"), ROSTER, growing=True)
    stopped = html(replace(growing, error="Stopped."), ROSTER)
    assert "Stopped." in stopped and "details" in stopped


def test_a_reply_that_was_stopped_says_so():
    half = replace(SAID, reply="Hel", finished=False)
    assert STOPPED in html(half) and STOPPED in html(half, ROSTER)
    assert STOPPED not in html(half, growing=True) and STOPPED not in html(SAID, ROSTER)
    assert STOPPED not in html(replace(half, error="It broke off."))


def test_a_failed_reply_says_so_in_place():
    shown = html(Turn("Hi", "Hel", error="It broke <off>."))
    assert "It broke &lt;off&gt;." in shown and "<p>Hel</p>" in shown


def test_what_is_typed_is_no_markdown_and_nobody_claims_to_know_its_language():
    turns = [Turn("__init__.py  <b>\n", "Hi")]
    messages = [m["content"]["value"] for m in transcript(turns, ENGLISH)]
    assert ">__init__.py  &lt;b&gt;\n</div>" in messages[0]
    assert all('dir="auto" lang=""' in message for message in messages)


@given(st.text())
def test_a_message_carries_the_very_text_that_its_button_copies(text):
    (carried,) = re.findall(r'data-text="([^"]*)"', copy_button(text, "Copy"))
    assert json.loads(unescape(carried)) == text


def test_while_a_reply_grows_it_is_sent_once_only():
    growing = Turn("Hi", "Hel")
    assert "Hel" not in re.sub("<p>Hel</p>", "", html(growing, growing=True))
    assert "data-text" in html(growing)


@pytest.mark.parametrize(
    ("conversation", "label"),
    [
        (Conversation(), ""),
        (Conversation(turns=(SAID, Turn("More"))), "Who wrote each reply so far: birch"),
    ],
)
def test_the_ribbon_tells_the_sequence_in_words_too(conversation, label):
    html = ribbon(ROSTER, conversation, ENGLISH)
    assert re.findall('aria-label="([^"]*)"', html) == [label] * bool(label)


def test_every_contender_has_one_colour():
    assert style(ROSTER).count("--who: #") == len(ROSTER.contenders)


def test_a_reply_that_is_empty_or_was_stopped_says_so():
    assert "The reply is empty." in html(Turn("Hi", finished=True))
    assert "Stopped." in html(Turn("Hi", error=STOPPED))
