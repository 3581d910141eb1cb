"""A panel in a blind battle: nothing tells which side it is, and afterwards all of it is there."""

import json
import random
from contextlib import nullcontext
from dataclasses import replace

import pytest
from battling import give_vote, play, resume
from page_events import rows

from arena.battle.identity_leak import family_names, find_identity_leak
from arena.pages.battle.view import growing_columns
from arena.site.site import Site
from arena.texts import ENGLISH
from blend.conversation import Conversation
from blend.message import MessageTooLong
from blend.roster import read

MEMBER = '[[member]]\nname = "{0}"\nlines = ["{1}"]\n'
ROSTER = """
together = true
focus = "Council"
{members}
[[blend]]
name = "Council"
members = ["alder", "birch"]
policy = "panel"
judge = "cedar"
write = {write}
"""


def council(folder, store, write="false", line="Same words.", judge=""):
    """A site on members that say the same, so that nothing but the contender differs."""
    members = "".join(MEMBER.format(name, line) for name in ("alder", "birch", "cedar")) + judge
    (folder / "r.toml").write_text(ROSTER.format(members=members, write=write))
    site = Site(read(folder / "r.toml"), store, random.Random(3))
    site.contenders.load()
    return site


@pytest.mark.parametrize("write", ["false", "true"])
def test_shown_together_both_sides_are_the_same_bytes_wherever_the_panel_stands(
    tmp_path, store, write
):
    site = council(tmp_path, store, write)
    shown, sides = set(), set()
    while len(sides) < 2:
        views = play(site)
        (side,) = (
            s for s, id in views[0].contenders.items() if site.contenders.name_of(id) == "Council"
        )
        sides.add(side)
        for columns in (growing_columns(site.roster, view, ENGLISH) for view in views):
            assert columns[0] == columns[1]
        shown.add(json.dumps([growing_columns(site.roster, view, ENGLISH) for view in views]))
        assert resume(site).conversations[side].turns[0].selection is None
    assert len(shown) == 1


def test_after_the_vote_the_drafts_are_there_and_a_page_that_is_loaded_anew_has_them(
    tmp_path, store
):
    site = council(tmp_path, store, line="{name} is not named here: {message}")
    view = play(site)[-1]
    assert rows(site, "SELECT count(*) FROM drafts") == [(2,)]
    voted = give_vote(site, view)
    side = "left" if voted.reveal.left.name == "Council" else "right"
    for shown in (voted, resume(site)):
        (turn,) = shown.conversations[side].turns
        assert sorted(d.member for d in turn.selection.drafts) == ["alder", "birch"]
        assert turn.selection.how == "random" and turn.draw.chance is None
        assert shown.facts[side].authors == (turn.draw.member,)
        assert shown.facts[side].tokens > turn.selection.drafts[0].usage.completion_tokens


def test_the_name_of_a_judge_that_writes_tells_as_a_members_does(tmp_path, store):
    site = council(tmp_path, store, "true")
    names = family_names(site.roster, "Council", "alder")
    assert find_identity_leak(["My name is Cedar."], names)
    plain = replace(site.roster, blends=(replace(site.roster.blends[0], options={}),))
    assert not find_identity_leak(["My name is Cedar."], family_names(plain, "Council", "alder"))


@pytest.mark.parametrize("write", ["false", "true"])
def test_a_message_must_fit_a_judge_that_writes(tmp_path, store, write):
    site = council(tmp_path, store, write, judge="window = 4")
    long = Conversation().ask("Far too long")
    refused = pytest.raises(MessageTooLong) if write == "true" else nullcontext()
    with refused:
        site.contenders.check_length(long, "Council")
