"""How contenders and replies look."""

import json
import re
from dataclasses import replace
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from arena.tabs.look import THINKING, WAITING, chip, copy_button, ribbon, style, transcript
from blend.conversation import Conversation, Draw, Turn
from blend.roster import read

ROSTER = read("scripted")
SAID = Turn("Hi", "Hello", Draw("birch", 1 / 3, {}), finished=True)


def html(message: dict) -> str:
    return message["content"]["value"]


def test_before_the_vote_nothing_tells_who_wrote_a_reply():
    shown = transcript([SAID])
    assert [message["role"] for message in shown] == ["user", "assistant"]
    assert "Hello" in html(shown[1]) and "birch" not in f"{shown}" and "chip" not in f"{shown}"


def test_with_a_roster_each_reply_has_its_chip():
    assert chip(ROSTER, "birch", " · 33%") in html(transcript([SAID], ROSTER)[-1])


def test_a_reply_that_has_not_begun_is_seen_to_wait():
    assert html(transcript([Turn("Hi")])[-1]) == WAITING


def test_a_failed_reply_says_so_in_place():
    shown = html(transcript([Turn("Hi", "Hel", error="It broke <off>.")])[-1])
    assert "It broke &lt;off&gt;." in shown and "<p>Hel</p>" in shown


def test_what_a_visitor_types_is_no_markdown():
    assert ">__init__.py  &lt;b&gt;\n</div>" in html(transcript([Turn("__init__.py  <b>\n")])[0])


def test_nobody_claims_to_know_the_language_or_direction_of_a_message():
    for message in transcript([SAID]):
        assert 'dir="auto" lang=""' in html(message)


@given(st.text())
def test_a_message_carries_the_very_text_that_its_button_copies(text):
    carried = [
        json.loads(unescape(each)) for each in re.findall(r'data-text="([^"]*)"', copy_button(text))
    ]
    assert carried == [text]


def test_while_a_reply_grows_it_is_sent_once_only():
    growing = [Turn("Hi", "Hel")]
    assert "Hel" not in re.sub("<p>Hel</p>", "", html(transcript(growing, growing=True)[1]))
    assert "data-text" in html(transcript(growing)[1])


def test_the_ribbon_tells_the_sequence_in_words_too():
    assert 'aria-label="Who wrote each reply so far: birch"' in ribbon(
        ROSTER, Conversation(turns=(SAID, Turn("More")))
    )
    assert ribbon(ROSTER, Conversation()) == ""


def test_every_contender_has_one_colour():
    assert style(ROSTER).count("--who:") == len(ROSTER.contenders)


THOUGHT = replace(SAID, thought="\n<b>I am birch</b>\n")


def test_thoughts_are_folded_where_names_are_shown_and_nowhere_else():
    shown, blind = (html(transcript([THOUGHT], roster)[1]) for roster in (ROSTER, None))
    assert "<summary>Thoughts of <bdi>birch</bdi></summary>" in shown
    assert ">&lt;b&gt;I am birch&lt;/b&gt;</div></details>" in shown
    assert "I am birch" not in blind and blind == html(transcript([SAID])[1])


def test_thoughts_come_when_the_reply_has_ended():
    growing = replace(THOUGHT, reply="", finished=False)
    assert html(transcript([growing], ROSTER, growing=True)[1]) == THINKING
    assert html(transcript([growing], growing=True)[1]) == WAITING
    half = replace(growing, reply="Hel")
    assert "details" not in html(transcript([half], ROSTER, growing=True)[1])
    stopped = html(transcript([replace(growing, error="Stopped.")], ROSTER)[1])
    assert "Stopped." in stopped and "details" in stopped


def test_a_block_without_thoughts_shows_none():
    empty = replace(SAID, thought="\n\n")
    assert transcript([empty], ROSTER) == transcript([SAID], ROSTER)
