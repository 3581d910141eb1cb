"""How long the click on a vote takes where there are many votes already: for `arena bench`.

A site of scripted members on a new database that is filled with own votes. Timed is all that the
page waits for: the look at the battle, the vote on the disk, the names, the change of the ratings.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from arena.battle import battle, voting
from arena.battle.state import BattleView
from arena.db.store import Store
from arena.simulation import vote_rows
from arena.simulation.synthetic_votes import SyntheticArena, draw_votes
from arena.site.site import Site
from arena.votes.recompute import apply_rules
from blend.roster import read

EACH = 10
"""Battles of one visitor: a day's votes of somebody who likes it."""

AT_ONCE = 8
"""Votes at the same time, in the second measure."""


def measure_clicks(db: Path, clicks: int) -> Iterator[tuple[int, list[float]]]:
    """How many clicked at once, and the seconds that each vote took, after `fill_database`."""
    roster = read("scripted")
    quick = tuple(replace(m, options={**m.options, "pace": 0.0}) for m in roster.members)
    later = 0.0
    with closing(Store.open(db, clock=lambda: time.time() + later)) as store:
        site = Site(replace(roster, members=quick), store)
        site.contenders.load()
        for width in (1, AT_ONCE):
            later = 0.0
            views = asyncio.run(_open_battles(site, clicks))
            later = 60.0  # whoever has read counts
            yield width, asyncio.run(_click(site, views, width))
        asyncio.run(site.aclose())


def fill_database(db: Path, world: SyntheticArena, count: int, rng: np.random.Generator) -> None:
    """A new database with so many own votes; the first contenders of the world are the site's."""
    drawn = draw_votes(world, count, rng)
    verdict = apply_rules(drawn.record, np.zeros(count, bool))
    people = [f"made-up-{n}" for n in range(world.visitors)]
    with closing(Store.open(db)) as store:
        site = Site(read("scripted"), store)
        site.contenders.load()
        site_ids = site.contenders.ids.values()
        made = vote_rows.synthetic_contenders(world, 0)[len(site_ids) :]
        ids = [*site_ids, *(each.id for each in made)]
        rows = vote_rows.vote_rows(world, drawn, verdict, ids, people, rng, source="own")
        store.imports.simulated(made, ((id, 0.0) for id in people), rows)
        asyncio.run(site.aclose())


async def _open_battles(site: Site, count: int) -> list[BattleView]:
    """So many battles that wait for their vote."""

    async def finished_battle(number: int) -> BattleView:
        view = await battle.open_battle(site, f"voter-{time.time_ns()}-{number // EACH}")
        stream = battle.send_message(site, view, f"What is the best of {number} things?")
        return [view async for view in stream][-1]

    views: list[BattleView] = []
    for start in range(0, count, EACH):
        part = range(start, min(start + EACH, count))
        views += await asyncio.gather(*(finished_battle(number) for number in part))
    return views


async def _click(site: Site, views: list[BattleView], width: int) -> list[float]:
    waiting, took = iter(views), []

    async def clicks() -> None:
        for number, view in enumerate(waiting):
            began = time.perf_counter()
            voted = await voting.vote(site, view, ("left", "right", "tie")[number % 3])
            took.append(time.perf_counter() - began)
            if not (voted.reveal.counted and voted.rating_change):
                raise RuntimeError(f"a vote was not counted: {voted.reveal.reason}")

    await asyncio.gather(*(clicks() for _ in range(width)))
    return took
