"""How contenders and replies look."""

from arena.tabs.look import WAITING, chip, prose, ribbon, style, transcript
from blend.conversation import Conversation, Draw, Turn
from blend.roster import read

ROSTER = read("scripted")
SAID = Turn("Hi", "Hello", Draw("birch", 1 / 3, {}), finished=True)


def test_html_is_shown_as_typed_and_no_picture_is_fetched():
    assert prose("a <b> ![x](http://y)") == r"a \<b> !\[x](http://y)"


def test_code_stays_as_it_is():
    assert prose("<a> `<b>` ```\n<c>\n``` <d>") == "\\<a> `<b>` ```\n<c>\n``` \\<d>"
    assert prose("still open ```\n<c>") == "still open ```\n<c>"


def test_before_the_vote_nothing_tells_who_wrote_a_reply():
    assert transcript([SAID]) == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
    ]


def test_with_a_roster_each_reply_has_its_chip():
    assert transcript([SAID], ROSTER)[-1]["content"] == chip(ROSTER, "birch", " · 33%")


def test_a_reply_that_has_not_begun_is_seen_to_wait():
    assert transcript([Turn("Hi")])[-1]["content"] == WAITING


def test_a_failed_reply_says_so_in_place():
    shown = transcript([Turn("Hi", "Hel", error="It broke <off>.")])
    assert "It broke &lt;off&gt;." in shown[-1]["content"] and shown[-2]["content"] == "Hel"


def test_the_ribbon_tells_the_sequence_in_words_too():
    assert 'aria-label="Who wrote each reply so far: birch"' in ribbon(
        ROSTER, Conversation(turns=(SAID, Turn("More")))
    )
    assert ribbon(ROSTER, Conversation()) == ""


def test_every_contender_has_one_colour():
    assert style(ROSTER).count("--who:") == len(ROSTER.contenders)
