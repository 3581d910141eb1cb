"""What everybody may read tells nobody who is hidden in a battle, until that is over for good."""

import asyncio
import csv
import json
import math
import random
import re
from collections import Counter
from contextlib import aclosing
from dataclasses import asdict, replace

import pytest
from stored import unhurried

from arena.api import leaderboard_files
from arena.battle import battle, voting
from arena.battle.resume import resume_battle
from arena.db.store import Store
from arena.pages.about import text as about_text
from arena.pages.contender.page import ContenderPage
from arena.ranking.board.leaderboard import LeaderboardQuery
from arena.site.recording import give_feedback
from arena.site.site import Site
from arena.texts import ENGLISH
from blend.roster import read

WORDS = {"alder": 2, "birch": 5, "cedar": 9}
"""How much each member says: whoever saw a token count would know it."""


@pytest.fixture
def site(tmp_path):
    roster = read("scripted")
    members = tuple(
        replace(m, options={"pace": 0.0003, "lines": ["word " * WORDS[m.name]]})
        for m in roster.members
    )
    store = Store.open(tmp_path / "arena.db")
    store.database.clock = unhurried()
    site = Site(replace(roster, members=members), store, random.Random(1))
    site.contenders.load()
    yield site
    store.close()


def flat(value, path=""):
    """Every number and text of nested values, by where it stands, or by whom it is about."""
    if isinstance(value, list | tuple):
        about_text = (
            part.get("id", part.get("contender")) if isinstance(part, dict) else None
            for part in value
        )
        value = {
            n if name is None else name: part
            for n, (name, part) in enumerate(zip(about_text, value, strict=True))
        }
    if isinstance(value, dict):
        return {
            k: v for name, part in value.items() for k, v in flat(part, f"{path}/{name}").items()
        }
    return {path: value}


def public(site: Site) -> dict[str, object]:
    """All that anybody may read of the site now."""
    told = {
        "health": asdict(site.contenders.health()),
        "about": [about_text.storage(site, {}), about_text.members(site)],
    }
    metrics = site.metrics.text().decode().splitlines()
    told["metrics"] = dict(line.rsplit(" ", 1) for line in metrics if line[0] != "#")
    board = site.boards.look(LeaderboardQuery(by="turns"), site.contenders.ids)
    told["json"] = json.loads(leaderboard_files.as_text(board, 0.0))
    told["csv"] = list(csv.DictReader(leaderboard_files.as_csv(board).splitlines()))
    pages = ContenderPage(site)
    told["contenders"] = {
        profile.name: re.findall(r"[\d,]+", asyncio.run(pages.show(profile.name, "", ENGLISH)))
        for profile in board.profiles
    }
    ids = [site.contenders.id_of("Blended")]  # what is told of policies is made of these
    thumbs = [each.reward for each in site.store.turn_log.logged_turns(ids, "thumb", 0.0)]
    told["policies"] = [len(thumbs), sum(thumbs), site.store.turn_log.newest(ids, 1_000)]
    told["usage"] = [
        asdict(site.store.usage.funnel()),
        [asdict(w) for w in site.store.usage.latencies()],
    ]
    visitors, replies = site.store.usage.first_replies()
    told["replies"] = {"visitors": visitors} | Counter(map(str, replies))
    return flat(told)


def change(before: dict, after: dict) -> frozenset[str]:
    """What an onlooker sees: what has become other, and by about how much."""
    seen = set()
    for path in before.keys() | after.keys():
        old, new = before.get(path), after.get(path)
        if old != new:
            try:
                seen.add(f"{path} {float(new) - float(old):.1g}")
            except (TypeError, ValueError):
                seen.add(f"{path} {new}")
    return frozenset(seen)


def guessed(seen: list[frozenset[str]], pairs: list[frozenset[str]]) -> int:
    """How many pairs naive Bayes finds, each from what it learnt of all the others."""
    classes, right = Counter(pairs), 0
    every = [m for m, times in Counter(m for each in seen for m in each).items() if times > 2]
    marks = {pair: Counter() for pair in classes}
    for shown, pair in zip(seen, pairs, strict=True):
        marks[pair].update(shown)
    for shown, truth in zip(seen, pairs, strict=True):
        scores = {}
        for pair, n in classes.items():
            own = pair == truth
            scores[pair] = math.log(max(n - own, 0.5))
            for mark in every:
                share = (marks[pair][mark] - (own and mark in shown) + 1) / (n - own + 2)
                scores[pair] += math.log(share if mark in shown else 1 - share)
        right += max(scores, key=scores.get) == truth
    return right


def by_chance(pairs: list[frozenset[str]]) -> float:
    """The most that may be right by luck: three standard deviations over the commonest pair."""
    n, chance = len(pairs), max(Counter(pairs).values()) / len(pairs)
    return n * chance + 3 * math.sqrt(n * chance * (1 - chance))


async def fought(site: Site, visitor: str, cut: bool):
    """A battle up to its vote; where it is cut off first, it is tried again."""
    view = await battle.open_battle(site, visitor)
    async with aclosing(battle.send_message(site, view, "Hello")) as growing:
        async for view in growing:
            if cut and any(c.turns[-1].has_reply for c in view.conversations.values()):
                break
    loaded = await resume_battle(site, visitor)
    if loaded.retry:
        loaded = [view async for view in battle.retry(site, loaded)][-1]
    give_feedback(site.store, loaded.conversations["left"].turns[-1].id, visitor, 1)
    return loaded


def watch(site: Site, battles: int):
    """Of so many battles what was seen of each before its vote, and the pair. Half are skipped,
    a third are cut off and tried again, one in ten gets its vote once it was looked at."""
    for n in range(12):
        asyncio.run(voting.vote(site, asyncio.run(fought(site, f"v{n}", False)), "left"))
    before = public(site)
    for n in range(battles):
        view = asyncio.run(fought(site, f"w{n % 7}", cut=n % 3 == 0))
        if n % 2:
            asyncio.run(battle.skip(site, view))
        after = public(site)
        yield change(before, after), frozenset(view.contenders.values())
        if n % 10 == 0:
            asyncio.run(voting.vote(site, view, "tie"))
        before = public(site) if n % 10 == 0 else after


def test_no_onlooker_tells_the_pair_of_a_battle_better_than_by_chance(site):
    seen, pairs = zip(*watch(site, 200), strict=True)
    assert sum(bool(each) for each in seen) == len(pairs)
    assert guessed(seen, pairs) <= by_chance(pairs)


def test_the_onlooker_would_see_it_in_what_a_vote_tells(site):
    seen, pairs = [], []
    for n in range(100):
        view = asyncio.run(fought(site, f"w{n % 7}", cut=False))
        before = public(site)
        asyncio.run(voting.vote(site, view, "tie"))
        seen.append(change(before, public(site)))
        pairs.append(frozenset(view.contenders.values()))
    assert guessed(seen, pairs) > by_chance(pairs)
