"""Why a member wrote a reply: what is said is true of every blend that may have made it."""

from dataclasses import replace

import pytest

from arena.pages.chat.chances import chances_panel
from arena.texts import ENGLISH
from blend.conversation import Draw
from blend.roster import read

ROSTER = read("scripted")
BLEND = ROSTER.contenders[0]
ALL, TWO = {"alder": 0.25, "birch": 0.25, "cedar": 0.5}, {"alder": 0.5, "birch": 0.5}
TURNS = replace(BLEND, name="In turn", policy="round-robin")
STAYS = replace(BLEND, name="Stays", policy="sticky", options={"turns": 2})
PATTERN = replace(BLEND, policy="sequence", options={"sequence": ["alder", "alder", "birch"]})
PAIR = replace(TURNS, name="Pair", members=("alder", "birch"))


@pytest.mark.parametrize(
    ("others", "retired", "chances", "name"),
    [
        ((), (), ALL, "uniform"),
        ((), (), TWO, "uniform"),  # one of them was down
        ((TURNS,), (), ALL, "random"),
        ((), (TURNS,), ALL, "random"),
        ((STAYS,), (), ALL, "random"),
        ((PAIR,), (), ALL, "uniform"),
        ((PAIR,), (), TWO, "random"),
        ((), (), {"alder": 0.5, "willow": 0.5}, "random"),
        ((TURNS,), (), {"alder": 1.0}, "alone"),
    ],
)
def test_a_policy_is_named_where_no_other_blend_of_these_members_has_another(
    others, retired, chances, name
):
    roster = replace(ROSTER, blends=(*ROSTER.blends, *others), retired=retired)
    html = chances_panel(roster, Draw("alder", chances["alder"], chances), ENGLISH)
    assert ENGLISH(f"chat.policy_{name}") in html


def test_a_policy_that_reads_the_history_has_its_sentence():
    for spec, name in ((TURNS, "round_robin"), (STAYS, "sticky"), (PATTERN, "sequence")):
        html = chances_panel(replace(ROSTER, blends=(spec,)), Draw("alder", 0.25, ALL), ENGLISH)
        assert ENGLISH(f"chat.policy_{name}") in html
