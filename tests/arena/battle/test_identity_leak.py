"""Which replies tell who wrote them, and which only use a word that is also a name."""

import json

import pytest
from app_process import ROOT
from hypothesis import given
from hypothesis import strategies as st

from arena.battle.identity_leak import FamilyNames, family_names, find_identity_leak
from blend.roster import read

EMBEDDED = family_names(read("embedded"), "Blended", "mixed")
SMALL = family_names(read("small"), "Blended", "qwen3")
REPLIES = json.loads((ROOT / "tests" / "golden" / "identity_leaks.json").read_text("utf-8"))
WORDS = ("smalltalk", "trivia", "concierge", "mixed", "Blended")


def test_a_family_is_the_contenders_their_members_and_aliases():
    assert FamilyNames(frozenset(), frozenset(WORDS)) == EMBEDDED
    one = family_names(read("small"), "smollm2", "olmo2")
    assert {"SmolLM", "Hugging Face", "olmo2", "SmolLM2-1.7B-Instruct"} <= one.telling
    assert "Blended" not in one.words and not any("wen" in name for name in one.telling)


@pytest.mark.parametrize(
    ("kind", "names", "tells"),
    [
        ("ordinary words", EMBEDDED, False),
        ("speaking of itself", EMBEDDED, True),
        ("names", SMALL, True),  # that mean nothing else count wherever they stand
        ("no names", SMALL, False),  # but parts of words, or names of others
    ],
)
def test_what_tells_who_writes_and_what_does_not(kind, names, tells):
    assert [reply for reply in REPLIES[kind] if find_identity_leak([reply], names) != tells] == []


def test_a_name_of_another_family_does_not():
    assert not find_identity_leak(
        ["I am Qwen, made by Alibaba."], family_names(read("small"), "smollm2", "olmo2")
    )


def test_what_the_visitor_brought_up_may_be_answered_but_not_claimed():
    heard = ["Is Qwen better than SmolLM?"]
    assert not find_identity_leak(["Qwen is larger; SmolLM is quick."], SMALL, heard)
    assert find_identity_leak(["I am Qwen, so I would say so."], SMALL, heard)
    assert find_identity_leak(["Qwen is larger, says Alibaba."], SMALL, heard)
    assert not find_identity_leak([], SMALL, ["Are you Qwen? I am Qwen, made by Alibaba."])


def test_a_name_without_spaces_around_it_is_found():
    tongyi = FamilyNames(frozenset({"通义千问"}), frozenset())
    assert find_identity_leak(["你好，我是通义千问，很高兴认识你。"], tongyi)
    assert not find_identity_leak(["你好，很高兴认识你。"], tongyi)


@given(st.text(), st.text(), st.sampled_from(["Alibaba", "SmolLM2", "Hugging Face"]))
def test_it_is_found_in_whatever_surrounds_it(before, after, name):
    assert find_identity_leak([f"{before} {name} {after}"], SMALL)


@given(st.lists(st.text(), max_size=3))
def test_any_text_can_be_searched(replies):
    assert find_identity_leak(replies, FamilyNames(frozenset(), frozenset())) is False
