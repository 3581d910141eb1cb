"""What is told of a side after the vote: members, tokens, times; and what nobody knows."""

import asyncio
from dataclasses import replace

import pytest
from page_events import fought

from arena.battle import voting
from arena.battle.facts import side_facts, with_facts
from arena.battle.resume import resume_battle
from arena.battle.state import SideFacts
from arena.pages.battle.reveal import reveal_html
from arena.texts import ENGLISH
from blend.conversation import Conversation, Draw, Turn, Usage


def turn(member, tokens, ttft, seconds, reply="Yes."):
    usage = Usage(completion_tokens=tokens)
    draw = Draw(member, 0.5, {member: 0.5})
    return Turn("Hi?", reply, draw, True, ttft_s=ttft, seconds=seconds, usage=usage)


def test_counts_are_of_all_replies_and_the_wait_is_their_mean():
    talk = Conversation(turns=(turn("x", 30, 0.2, 1.0), turn("y", 10, 0.4, 1.0)))
    facts = side_facts(talk, {"x": 135_000_000, "y": None})
    assert (facts.authors, facts.tokens, facts.speed) == (("x", "y"), 40, 20.0)
    assert facts.first_token == pytest.approx(0.3)


@pytest.mark.parametrize(
    "turns", [(), (turn("x", 0, None, None),), (Turn("Hi?", "", error="It broke."),)]
)
def test_what_nobody_counted_is_not_known(turns):
    facts = side_facts(Conversation(turns=turns), {"x": None})
    assert (facts.tokens, facts.first_token, facts.speed) == (None, None, None)


def test_before_the_vote_there_are_none_and_afterwards_those_of_the_replies(site):
    before = asyncio.run(fought(site))
    assert with_facts(site, before).facts == before.facts == {}
    voted = asyncio.run(voting.vote(site, before, "tie"))
    back = asyncio.run(resume_battle(site, "v"))
    assert {*voted.facts} == {"left", "right"} and back.facts == voted.facts
    for side, facts in voted.facts.items():
        said = voted.conversations[side].turns[0].reply
        assert facts.tokens == len(said.split()) and facts.speed > 0 < facts.first_token


def card(view, site, facts):
    return reveal_html(replace(view, facts={"left": facts}), site.roster, ENGLISH)


def test_a_card_says_what_is_known_and_what_is_not(site):
    view = asyncio.run(voting.vote(site, asyncio.run(fought(site)), "left"))
    known = {"x": 134_515_008, "y": 1_700_000_000}
    html = card(view, site, SideFacts(known, ("x", "y"), 1234, 0.042, 31.4))
    for text in ("x (135 million) and y (1.7 billion)", "x · y", "1,234", "0.04 s", "31 tokens/s"):
        assert text in html
    html = card(view, site, SideFacts({"x": None}, ("x",)))
    assert html.count("not known") == 4 and "Members" not in html
    assert "Tokens" not in card(view, site, SideFacts({"x": None}))  # replies that are not kept
    html = card(view, site, SideFacts({"<x>": 1, "y": None}, ("<x>",), 5))
    assert "&lt;x&gt; (0.00 million) and y (not known)" in html and "<x>" not in html


def test_weights_are_those_of_the_contender_that_fought(site):
    view = asyncio.run(voting.vote(site, asyncio.run(fought(site)), "left"))
    for member in site.contenders.loaded.values():
        member.parameters = 7
    assert {*site.contenders.parameters(view.reveal.left).values()} == {7}
    earlier = replace(view.reveal.left, id="c-earlier")
    assert {*site.contenders.parameters(earlier).values()} == {None}
