"""A contender whose members write a sentence each: nothing tells it before the vote, all after."""

import asyncio
from contextlib import closing

import pytest
from page_events import fought, sent

from arena.api import page_programs
from arena.battle import voting
from arena.battle.share_text import battle_text
from arena.db.store import Store
from arena.pages.battle.events import BattleEvents
from arena.pages.battle.reveal import reveal_html
from arena.site.site import Site
from arena.texts import ENGLISH
from blend.roster import read

LINES = 'lines = ["Yes. That is so, I think.\\n\\n- one\\n- two"]\nsampling = { max_tokens = 40 }\n'
ROSTER = f"""
[[member]]
name = "ash"
{LINES}
[[member]]
name = "fir"
{LINES}
[[blend]]
name = "Sentences"
members = ["ash", "fir"]
policy = "per_sentence"
"""


@pytest.fixture(params=[True, False], ids=["together", "apart"])
def site(tmp_path, request):
    (tmp_path / "r.toml").write_text(f"together = {str(request.param).lower()}\n{ROSTER}")
    with closing(Store.open(tmp_path / "arena.db")) as store:
        site = Site(read(tmp_path / "r.toml"), store)
        site.contenders.load()
        yield site
        asyncio.run(site.aclose())


async def shown(site: Site) -> tuple[str, list[str]]:
    """On which side the blend is, and each state of the page: both columns and what is below."""
    tab = BattleEvents(site)
    _, pending, _ = await sent(tab, "Hello")
    beats = [view async for view in tab.reply(pending)]
    ids = beats[-1][2].contenders
    side = next(side for side, id in ids.items() if site.contenders.name_of(id) == "Sentences")
    return side, [str(view[:2]) for view in beats]


def test_with_the_sides_swapped_the_page_gets_the_same_bytes(site):
    ends: dict[str, set[str]] = {"left": set(), "right": set()}
    while not all(ends.values()):
        side, states = asyncio.run(shown(site))
        ends[side].add(states[-1])
        told = "".join(states)
        assert not any(word in told for word in ("ash", "fir", "Sentences", "sentence", "chip"))
    assert ends["left"] == ends["right"] and len(ends["left"]) == 1


def test_after_the_vote_it_is_told_who_wrote_which_sentence(site):
    view = asyncio.run(fought(site))
    voted = asyncio.run(voting.vote(site, view, "tie"))
    side = next(s for s, c in view.contenders.items() if site.contenders.name_of(c) == "Sentences")

    (turn,) = voted.conversations[side].turns
    names = ", ".join(dict.fromkeys(turn.writers))
    assert len(turn.writers) == 4 and voted.facts[side].authors == (names,)
    assert f"Sentences**{f' ({names})'}" in battle_text(voted, "Title")
    assert reveal_html(voted, site.roster, ENGLISH).count('class="mark') >= 5
    tab = BattleEvents(site)
    columns = str(tab.outputs(voted, None)[:2])
    assert columns.count("Who wrote which sentence") == 1


def test_a_program_gets_the_names_of_all_who_wrote_and_no_chance(site):
    told = asyncio.run(page_programs.ask(site, "Hello", "Sentences", None))
    assert told["reply"].startswith("Yes. That is so") and told["chance"] is None
    assert {*told["member"].split(", ")} <= {"ash", "fir"}
